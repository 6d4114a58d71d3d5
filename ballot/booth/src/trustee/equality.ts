// Proof that two points have one discrete logarithm, to the bases G and A (Chaum–Pedersen; protocol §3.4, §10): canaries
// and shares. `challenge` hashes the whole statement besides a and b (A02, A26).

import { b64 } from "../base64url.ts";
import type { Bytes, Random } from "../bytes.ts";
import { decodePoint, decodeScalar, difference, encodePoint, encodeScalar, GENERATOR, modq, multiply, type Point } from "../curve.ts";
import { check } from "../errors.ts";
import { bytes, object, type Shaped } from "../schema.ts";
import { drawScalar } from "./secrets.ts";

/** From D and the commitments a and b, as encoded, to c. */
export type Challenge = (d: Bytes, a: Bytes, b: Bytes) => bigint;

export const decryptionMembers = { d: bytes(33), a: bytes(33), b: bytes(33), z: bytes(32) };
export const decryptionShape = object(decryptionMembers);
export type Decryption = Shaped<typeof decryptionShape>;

/** D = secret·base with its proof: a = w·G, b = w·base, z = w + c·secret; draws again where c or z is zero. */
export function makeDecryption(secret: bigint, base: Point, challenge: Challenge, random: Random): { d: string; a: string; b: string; z: string } {
  const d = encodePoint(multiply(base, secret));
  for (;;) {
    const w = drawScalar(random);
    const [a, b] = [encodePoint(multiply(GENERATOR, w)), encodePoint(multiply(base, w))];
    const c = challenge(d, a, b);
    const z = modq(w + c * secret);
    if (c && z) return { d: b64(d), a: b64(a), b: b64(b), z: b64(encodeScalar(z)) };
  }
}

/** z·G = a + c·public and z·base = b + c·D, c and z not zero; gives D. DataError otherwise. */
export function verifyDecryption(key: Point, base: Point, { d, a, b, z }: Decryption, challenge: Challenge, what: string): Point {
  const [D, first, second, response] = [decodePoint(d, what), decodePoint(a, what), decodePoint(b, what), decodeScalar(z, what)];
  const c = challenge(d, a, b);
  check(c && response, what, "proof-invalid");
  const holds = difference(response, GENERATOR, c, key).equals(first) && difference(response, base, c, D).equals(second);
  check(holds, what, "proof-invalid");
  return D;
}
