// Exact shapes of wire documents: every member present, none unknown, types exact (A90). A shape takes parsed JSON and
// gives typed values, byte strings already decoded; it throws DataError naming the member.

import { unb64 } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import { check } from "./errors.ts";

export type Shape<T> = (value: Json | undefined, what: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;
type Members = { [name: string]: Shape<unknown> };

/** Values that pass a test; DataError names the member that does not. */
const where =
  <T>(holds: (value: unknown) => unknown): Shape<T> =>
  (value, what) => {
    check(holds(value), what);
    return value as T;
  };

const isText = (value: unknown): value is string => typeof value === "string";

const record = where<{ [key: string]: Json }>((value) => typeof value === "object" && value && !Array.isArray(value));

/** An object with these members among others, which are ignored: for HTTP answers only, which nobody hashes. */
export const answer =
  <M extends Members>(members: M): Shape<{ [K in keyof M]: Shaped<M[K]> }> =>
  (value, what) => {
    const given = new Map(Object.entries(record(value, what))); // own members only
    const entries = Object.entries(members).map(([name, member]) => [name, member(given.get(name), `${what}.${name}`)]);
    return Object.fromEntries(entries) as { [K in keyof M]: Shaped<M[K]> };
  };

/** An object with exactly these members: all of them are there, so that it has as many where it has no other. */
export const object =
  <M extends Members>(members: M): Shape<{ [K in keyof M]: Shaped<M[K]> }> =>
  (value, what) => {
    const result = answer(members)(value, what);
    check(Object.keys(value!).length === Object.keys(members).length, what);
    return result;
  };

export const array =
  <T>(item: Shape<T>, min = 0, max = Infinity): Shape<T[]> =>
  (value, what) => {
    check(Array.isArray(value) && value.length >= min && value.length <= max, what);
    return value.map((entry, i) => item(entry, `${what}.${i}`));
  };

/** An object used as a table, its keys of one form. */
export const table =
  <T>(keys: RegExp, item: Shape<T>): Shape<{ [key: string]: T }> =>
  (value, what) =>
    Object.fromEntries(
      Object.entries(record(value, what)).map(([key, entry]) => {
        check(keys.test(key), what);
        return [key, item(entry, `${what}.${key}`)];
      }),
    );

export const text = where<string>(isText);
export const flag = where<boolean>((value) => typeof value === "boolean");
export const any = where<Json>((value) => value !== undefined);

export const natural = (min = 0, max = Infinity): Shape<number> =>
  where((value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max);

export const ID = /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/;
export const id = where<string>((value) => isText(value) && ID.test(value));

export const literal = <T extends string>(...allowed: T[]): Shape<T> => where((value) => allowed.includes(value as T));

export const nullable =
  <T>(shape: Shape<T>): Shape<T | null> =>
  (value, what) =>
    value === null ? null : shape(value, what);

/** base64url of `size` bytes (null: any number). */
export const bytes =
  (size: number | null): Shape<Bytes> =>
  (value, what) =>
    unb64(text(value, what), size, what);
