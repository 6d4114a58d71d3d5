// What follows from a trustee's seed, and random scalars (protocol §1, §3). Synchronous, unlike derive.ts: the tool brings
// its own SHA-256. JavaScript promises neither erasable memory nor constant time; the tool runs on the trustee's own
// computer, offline, and whoever can measure it there could read its memory.

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, type Random, toNumber, utf8 } from "../bytes.ts";
import { ORDER } from "../curve.ts";
import { check } from "../errors.ts";

/** `KDF(secret, info, n)`: HKDF-SHA-256 with an empty salt. */
export const kdf = (secret: Bytes, info: Bytes, size: number): Bytes => hkdf(sha256, secret, undefined, info, size) as Bytes;

/** The secret key by which a trustee signs in one election; DataError where the seed must be thrown away. */
export function identitySecret(seed: Bytes, election: string): Bytes {
  const secret = kdf(seed, utf8(`es1/trustee-identity/${election}`), 32);
  const value = toNumber(secret);
  check(value && value < ORDER, "seed");
  return secret;
}

/** The X25519 secret to which the shares of one session are sealed: fresh in every attempt. */
export const hpkeSecret = (seed: Bytes, session: Bytes): Bytes => kdf(seed, concat(utf8("es1/trustee-hpke/"), session), 32);

/** A uniform non-zero scalar, from 64 random bytes so that the reduction leaves no bias (A18). */
export function drawScalar(random: Random): bigint {
  for (;;) {
    const scalar = toNumber(random(64)) % ORDER;
    if (scalar) return scalar;
  }
}
