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

async function key(seed: Bytes, context: Bytes): Promise<CryptoKey> {
  const raw = await kdf(seed, concat(utf8("es1/recovery/"), context), 32);
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

const parameters = (nonce: Bytes, context: Bytes, blinded: Bytes): AesGcmParams => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: concat(context, digest(blinded)),
});

/** `nonce`: 12 fresh random bytes. */
export async function sealRecovery(seed: Bytes, context: Bytes, blinded: Bytes, pending: Pending, nonce: Bytes): Promise<Bytes> {
  const plain = concat(pending.secret, pending.prepared, pending.inverse);
  const sealed = await crypto.subtle.encrypt(parameters(nonce, context, blinded), await key(seed, context), plain);
  return concat(nonce, new Uint8Array(sealed));
}

/** DataError ("recovery-alarm") where the blob does not open: somebody else made it, and that is no empty state. */
export async function openRecovery(seed: Bytes, context: Bytes, blinded: Bytes, blob: Bytes): Promise<Pending> {
  let plain: Bytes;
  try {
    const sealed = blob.slice(NONCE_SIZE);
    const opened = crypto.subtle.decrypt(parameters(blob.slice(0, NONCE_SIZE), context, blinded), await key(seed, context), sealed);
    plain = new Uint8Array(await opened);
  } catch {
    throw new DataError("recovery", "recovery-alarm");
  }
  check(plain.length === 96 + blinded.length, "recovery length", "recovery-alarm");
  return { secret: plain.slice(0, 32), prepared: plain.slice(32, 96), inverse: plain.slice(96) };
}
