// Exact shapes of wire documents: every member present, none unknown, types exact (A90). A shape takes parsed JSON and
// gives typed values, byte strings already decoded; it throws DataError naming the member.

import { unb64 } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import { DataError } from "./errors.ts";

export type Shape<T> = (value: Json | undefined, what: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;
type Members = { [name: string]: Shape<unknown> };

const refuse = (what: string, expected: string): never => {
  throw new DataError(`${what}: expected ${expected}`);
};

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with these members among others, which are ignored: for HTTP answers only, which nobody hashes. */
export const answer =
  <M extends Members>(members: M): Shape<{ [K in keyof M]: Shaped<M[K]> }> =>
  (value, what) => {
    if (!isObject(value)) return refuse(what, "an object");
    const given = new Map(Object.entries(value)); // own members only
    const entries = Object.entries(members).map(([name, member]) => [name, member(given.get(name), `${what}.${name}`)]);
    return Object.fromEntries(entries) as { [K in keyof M]: Shaped<M[K]> };
  };

/** An object with exactly these members. */
export const object = <M extends Members>(members: M): Shape<{ [K in keyof M]: Shaped<M[K]> }> => {
  const lenient = answer(members);
  return (value, what) => {
    for (const name of Object.keys(value ?? {})) if (!Object.keys(members).includes(name)) refuse(`${what}.${name}`, "no such member");
    return lenient(value, what);
  };
};

export const array =
  <T>(item: Shape<T>, min = 0, max = Infinity): Shape<T[]> =>
  (value, what) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      return refuse(what, `a list of ${min === max ? min : `${min} to ${max}`}`);
    }
    return value.map((entry, i) => item(entry, `${what}[${i}]`));
  };

/** An object used as a table, its keys of one form. */
export const table =
  <T>(keys: RegExp, item: Shape<T>): Shape<{ [key: string]: T }> =>
  (value, what) =>
    isObject(value) && Object.keys(value).every((key) => keys.test(key))
      ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, item(entry, `${what}.${key}`)]))
      : refuse(what, `an object with keys like ${keys}`);

export const text: Shape<string> = (value, what) => (typeof value === "string" ? value : refuse(what, "a text"));
export const flag: Shape<boolean> = (value, what) => (typeof value === "boolean" ? value : refuse(what, "true or false"));
export const any: Shape<Json> = (value, what) => (value === undefined ? refuse(what, "a value") : value);

export const natural =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, what) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : refuse(what, `an integer from ${min} to ${max}`);

export const id: Shape<string> = (value, what) =>
  typeof value === "string" && /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/.test(value) ? value : refuse(what, "an id");

export const literal =
  <T extends string>(...allowed: T[]): Shape<T> =>
  (value, what) =>
    allowed.find((candidate) => candidate === value) ?? refuse(what, allowed.join(" or "));

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, what) =>
    value === null ? null : shape(value, what);

/** base64url of `size` bytes (null: any number). */
export const bytes =
  (size: number | null): Shape<Bytes> =>
  (value, what) =>
    unb64(text(value, what), size, what);
