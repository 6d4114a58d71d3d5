// Canonical JSON (protocol §1): RFC 8785 of objects with ASCII keys, arrays, strings, integers |n| < 2^53, booleans, null.
// A document *is* its canonical bytes, so reading means: parse, encode again, compare (A87).

import { type Bytes, equal, fromUtf8, utf8 } from "./bytes.ts";
import { check, DataError } from "./errors.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The outermost container is at depth 1. */
const MAX_DEPTH = 16;

function quoted(text: string): string {
  // With the u flag a well-formed pair is one character, so this class sees lone surrogates only.
  check(!/[\uD800-\uDFFF]/u.test(text), "JSON");
  return JSON.stringify(text); // ECMAScript's escapes are the ones that RFC 8785 prescribes
}

function text(value: Json, depth: number): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    check(Number.isSafeInteger(value), "JSON");
    return String(value);
  }
  check(depth < MAX_DEPTH, "JSON");
  if (Array.isArray(value)) return `[${value.map((item) => text(item, depth + 1)).join()}]`;
  const keys = Object.keys(value).sort(); // by UTF-16 code units; the keys are ASCII
  check(/^[\0-\x7f]*$/.test(keys.join("")), "JSON");
  return `{${keys.map((key) => `${quoted(key)}:${text(value[key]!, depth + 1)}`).join()}}`;
}

/** `JCS(value)`: UTF-8 bytes. */
export const encode = (value: Json): Bytes => utf8(text(value, 0));

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
