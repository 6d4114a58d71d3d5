// Canonical JSON (protocol §1): RFC 8785 of objects with ASCII keys, arrays, strings, integers |n| < 2^53, booleans, null.
// A document *is* its canonical bytes, so reading means: parse, encode again, compare (A87).

import { b64 } from "./base64url.ts";
import { type Bytes, equal, fromUtf8, utf8 } from "./bytes.ts";
import { check, DataError } from "./errors.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What `encode` takes: JSON, and bytes, which stand in JSON as base64url. */
export type Encodable = null | boolean | number | string | Uint8Array | readonly Encodable[] | { readonly [key: string]: Encodable };

/** The outermost container is at depth 1. */
const MAX_DEPTH = 16;

function text(value: Encodable, depth: number): string {
  if (value instanceof Uint8Array) value = b64(value);
  if (value === null || typeof value !== "object") {
    // a surrogate of a well-formed pair is no character of its own, so this class sees lone ones only
    check(typeof value === "number" ? Number.isSafeInteger(value) : !/\p{Surrogate}/u.test(String(value)), "JSON");
    return JSON.stringify(value); // ECMAScript's escapes are the ones that RFC 8785 prescribes
  }
  check(depth++ < MAX_DEPTH, "JSON");
  if (isArray(value)) return `[${value.map((item) => text(item, depth)).join()}]`;
  const keys = Object.keys(value).sort(); // by UTF-16 code units; the keys are ASCII
  check(/^[\0-\x7f]*$/.test(keys.join("")), "JSON");
  return `{${keys.map((key) => `${text(key, depth)}:${text(value[key]!, depth)}`).join()}}`;
}

const isArray: (value: Encodable) => value is readonly Encodable[] = Array.isArray;

/** `JCS(value)`: UTF-8 bytes. */
export const encode = (value: Encodable): Bytes => utf8(text(value, 0));

/** The document that `raw` canonically is; DataError for anything else. Never a partial answer. */
export function decode(raw: Uint8Array): Json {
  let value: Json;
  try {
    value = JSON.parse(fromUtf8(raw)) as Json;
  } catch {
    throw new DataError("JSON"); // a RangeError of a parser that recurses is a refusal, too
  }
  check(equal(encode(value), raw), "JSON");
  return value;
}
