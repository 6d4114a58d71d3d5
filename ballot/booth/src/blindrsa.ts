// RSABSSA-SHA384-PSS-Randomized, the client's side (RFC 9474 §4; protocol §5), on BigInt. RSA values are byte strings,
// big-endian, exactly as long as the modulus; e is always 65537.
//
// The blinding factor r is secret and BigInt arithmetic is not constant-time. r is used once, on the voter's own device,
// for one public exponentiation and one inversion; an observer on that device could read the vote itself.

import { inverse, power } from "./arithmetic.ts";
import { type Bytes, concat, equal, fromNumber, type Random, toNumber } from "./bytes.ts";
import { sha384 } from "./derive.ts";
import { check } from "./errors.ts";

const E = 65537n;
const MODULUS_SIZE = 384; // RSA-3072: 128 bits of strength (A38)
const SMALLEST_REHEARSAL_SIZE = 128;
const SALT_SIZE = 48; // exactly: another salt length is another variant (A36)
const HASH_SIZE = 48;

/** Odd, top bit set, 384 bytes; shorter (from 128) only in a rehearsal (A31). */
export function checkModulus(modulus: Uint8Array, rehearsal: boolean): void {
  const size = modulus.length;
  const smallest = rehearsal ? SMALLEST_REHEARSAL_SIZE : MODULUS_SIZE;
  check(size >= smallest && size <= MODULUS_SIZE, "issuer key");
  check(modulus[0]! & 0x80 && modulus[size - 1]! & 1, "issuer key");
}

/** RFC 9474 §4.1, PrepareRandomize: 32 random bytes, then the message. */
export const prepare = (message: Bytes, prefix: Bytes): Bytes => concat(prefix, message);

export interface Blinded {
  readonly blinded: Bytes;
  readonly inverse: Bytes;
}

/** RFC 9474 §4.2, Blind. Draws the salt (48 bytes), then r (as long as the modulus; again while it is unusable). */
export async function blind(modulus: Bytes, prepared: Bytes, random: Random): Promise<Blinded> {
  const [n, size] = [toNumber(modulus), modulus.length];
  const m = toNumber(await pssEncode(prepared, random(SALT_SIZE), size));
  check(inverse(m, n) !== null, "issuer key");
  for (;;) {
    const r = toNumber(random(size));
    const inv = r > 0n && r < n ? inverse(r, n) : null;
    if (inv !== null) return { blinded: fromNumber((m * power(r, E, n)) % n, size), inverse: fromNumber(inv, size) };
  }
}

/** RFC 9474 §4.4, Finalize: unblind and verify before anything else happens (A33). */
export async function finalize(modulus: Bytes, prepared: Bytes, blindSignature: Bytes, inv: Bytes): Promise<Bytes> {
  const n = toNumber(modulus);
  for (const part of [blindSignature, inv]) {
    check(part.length === modulus.length && toNumber(part) < n, "token", "token-invalid");
  }
  const signature = fromNumber((toNumber(blindSignature) * toNumber(inv)) % n, modulus.length);
  await verifySignature(modulus, prepared, signature);
  return signature;
}

/** RSASSA-PSS-VERIFY with SHA-384, MGF1-SHA-384, salt 48. Throws DataError ("token-invalid"). */
export async function verifySignature(modulus: Bytes, prepared: Bytes, signature: Bytes): Promise<void> {
  const [n, size] = [toNumber(modulus), modulus.length];
  const s = toNumber(signature);
  const right = signature.length === size && s < n && (await pssMatches(prepared, fromNumber(power(s, E, n), size)));
  check(right, "token", "token-invalid");
}

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1), for a modulus of 8·`size` bits: one bit less. */
async function pssEncode(message: Bytes, salt: Bytes, size: number): Promise<Bytes> {
  const hashed = await sha384(concat(new Uint8Array(8), await sha384(message), salt));
  const block = concat(new Uint8Array(size - SALT_SIZE - HASH_SIZE - 2), Uint8Array.of(1), salt);
  return concat(await masked(block, hashed), hashed, Uint8Array.of(0xbc));
}

/** EMSA-PSS-VERIFY (§9.1.2): takes the salt out of the encoding and encodes again, so every byte is compared. */
async function pssMatches(message: Bytes, encoded: Bytes): Promise<boolean> {
  const split = encoded.length - HASH_SIZE - 1;
  const block = await masked(encoded.slice(0, split), encoded.slice(split, -1));
  return equal(await pssEncode(message, block.slice(-SALT_SIZE), encoded.length), encoded);
}

/** The block under the MGF1 mask of `seed`, its leftmost bit zero. */
async function masked(block: Bytes, seed: Bytes): Promise<Bytes> {
  let mask: Bytes = new Uint8Array(0);
  for (let counter = 0; mask.length < block.length; counter++) {
    mask = concat(mask, await sha384(concat(seed, fromNumber(BigInt(counter), 4))));
  }
  const result = block.map((byte, i) => byte ^ mask[i]!);
  result[0]! &= 0x7f;
  return result;
}
