// The recovery blob (protocol §5): lets the same link go on, on another device, between token and ballot.
// 12 random bytes ‖ AES-256-GCM(token secret (32) ‖ prepared (64) ‖ inverse (384)), 508 bytes with a 3072-bit modulus.

import { type Bytes, concat, utf8 } from "./bytes.ts";
import { digest } from "./transcript.ts";
import { kdf } from "./derive.ts";
import { check, DataError } from "./errors.ts";

const NONCE_SIZE = 12;

/** What is needed to finish a token that was requested. */
export interface Pending {
  readonly secret: Bytes;
  readonly prepared: Bytes;
  readonly inverse: Bytes;
}

/** AES-256-GCM under a key of this contest, bound to this request. */
async function cipher(
  direction: "encrypt" | "decrypt",
  seed: Bytes,
  context: Bytes,
  blinded: Bytes,
  nonce: Bytes,
  content: Bytes,
): Promise<Bytes> {
  const raw = await kdf(seed, concat(utf8("es1/recovery/"), context), 32);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [direction]);
  const parameters = { name: "AES-GCM", iv: nonce, additionalData: concat(context, digest(blinded)) };
  return new Uint8Array(await crypto.subtle[direction](parameters, key, content));
}

/** `nonce`: 12 fresh random bytes. */
export async function sealRecovery(seed: Bytes, context: Bytes, blinded: Bytes, pending: Pending, nonce: Bytes): Promise<Bytes> {
  const plain = concat(pending.secret, pending.prepared, pending.inverse);
  return concat(nonce, await cipher("encrypt", seed, context, blinded, nonce, plain));
}

/** DataError ("recovery-alarm") where the blob does not open: somebody else made it, and that is no empty state. */
export async function openRecovery(seed: Bytes, context: Bytes, blinded: Bytes, blob: Bytes): Promise<Pending> {
  let plain: Bytes;
  try {
    plain = await cipher("decrypt", seed, context, blinded, blob.slice(0, NONCE_SIZE), blob.slice(NONCE_SIZE));
  } catch {
    throw new DataError("recovery", "recovery-alarm");
  }
  check(plain.length === 96 + blinded.length, "recovery", "recovery-alarm");
  return { secret: plain.slice(0, 32), prepared: plain.slice(32, 96), inverse: plain.slice(96) };
}
