// Bytes in JSON (protocol §1): base64url without padding; decode, re-encode, compare. `atob` alone would accept
// several texts for the same bytes (A88).

import type { Bytes } from "./bytes.ts";
import { check, DataError } from "./errors.ts";

const binary = (raw: Uint8Array): string => Array.from(raw, (byte) => String.fromCharCode(byte)).join("");

/** Ordinary base64 with padding, as the C2SP formats use it. */
export const base64 = (raw: Uint8Array): string => btoa(binary(raw));

export const b64 = (raw: Uint8Array): string =>
  base64(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

function decoded(text: string, what: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new DataError(`${what}: not base64`);
  }
}

/** `size` bytes (null: any number) from base64url; DataError naming `what`. */
export function unb64(text: string, size: number | null, what: string): Bytes {
  const raw = decoded(text.replace(/-/g, "+").replace(/_/g, "/"), what);
  check(b64(raw) === text, `${what}: not base64url`);
  check(size === null || raw.length === size, `${what}: expected ${size} bytes`);
  return raw;
}

/** Ordinary base64, as strictly. */
export function unbase64(text: string, what: string): Bytes {
  const raw = decoded(text, what);
  check(base64(raw) === text, `${what}: not base64`);
  return raw;
}
