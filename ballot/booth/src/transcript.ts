// The transcript hash and the tags that the pages use (protocol §1; registry: keys/transcript.py, compared by a test).

import { type Bytes, concat, fromNumber, toNumber, utf8 } from "./bytes.ts";
import { ORDER } from "./curve.ts";
import { sha256 } from "./sha256.ts";

export const TAGS = [
  "es1/context",
  "es1/electorate",
  "es1/credential-replaced",
  "es1/approve",
  "es1/session",
  "es1/trustee-pok",
  "es1/trustee-message",
  "es1/transcript",
  "es1/trustee-hashed",
  "es1/trustee-committed",
  "es1/trustee-shared",
  "es1/trustee-confirmed",
  "es1/trustee-complained",
  "es1/share",
  "es1/canary",
  "es1/canary-proof",
  "es1/login",
  "es1/token",
  "es1/issue",
  "es1/recovery",
  "es1/owner",
  "es1/coin",
  "es1/ballot",
  "es1/tracker",
  "es1/cast",
  "es1/receipt",
  "es1/refusal",
  "es1/complaint",
  "es1/petition",
  "es1/open-vote",
  "es1/trustee-tally",
  "es1/share-proof",
  "es1/fingerprint",
] as const;

export type Tag = (typeof TAGS)[number];

/** `L(x1) ‖ … ‖ L(xn)`, L(x) = 4-byte big-endian length ‖ x: no byte can move from one field to the next (A17). */
export const lengthPrefixed = (...parts: Uint8Array[]): Bytes =>
  concat(...parts.flatMap((part) => [fromNumber(BigInt(part.length), 4), part]));

export const digest = sha256;

/** `H(tag, x1, …, xn)`: 32 bytes. */
export const H = (tag: Tag, ...parts: Uint8Array[]): Bytes => digest(lengthPrefixed(utf8(tag), ...parts));

/** `Hq(tag, …)`: H read big-endian, mod q. */
export const Hq = (tag: Tag, ...parts: Uint8Array[]): bigint => toNumber(H(tag, ...parts)) % ORDER;
