// Bytes in JSON (protocol §1): base64url without padding; decode, re-encode, compare. `atob` alone would accept
// several texts for the same bytes (A88).

import type { Bytes } from "./bytes.ts";
import { check } from "./errors.ts";

/** Ordinary base64 with padding, as the C2SP formats use it. */
export const base64 = (raw: Uint8Array): string => btoa(raw.reduce((text, byte) => text + String.fromCharCode(byte), ""));

export const b64 = (raw: Uint8Array): string =>
  base64(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

/** The bytes that `encode` makes this very text of: what another alphabet or loose bits would say is refused, too. */
function decoded(text: string, encode: (raw: Uint8Array) => string, what: string): Bytes {
  let raw: Bytes | null = null;
  try {
    raw = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  } catch {
    // no base64 at all
  }
  check(raw && encode(raw) === text, what);
  return raw;
}

/** `size` bytes (null: any number) from base64url; DataError naming `what`. */
export function unb64(text: string, size: number | null, what: string): Bytes {
  const raw = decoded(text, b64, what);
  check(size === null || raw.length === size, what);
  return raw;
}

/** Ordinary base64, as strictly. */
export const unbase64 = (text: string, what: string): Bytes => decoded(text, base64, what);
