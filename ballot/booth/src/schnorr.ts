// BIP-340 signatures: 32-byte x-only keys, 64-byte signatures, 32-byte messages (protocol §1). In-tree on the curve's
// points because @noble's own verifier refuses s = 0, which BIP-340 and libsecp256k1 accept: verdicts must agree (A14).

import { type Bytes, concat, equal, fromNumber, toNumber, utf8 } from "./bytes.ts";
import { decodePoint, difference, FIELD, GENERATOR, modq, multiply, ORDER, type Point } from "./curve.ts";
import { check } from "./errors.ts";
import { digest } from "./transcript.ts";

/** BIP-340's tagged hash: SHA-256(SHA-256(tag) ‖ SHA-256(tag) ‖ message). */
function tagged(tag: string, ...parts: Uint8Array[]): Bytes {
  const prefix = digest(utf8(`BIP0340/${tag}`));
  return digest(concat(prefix, prefix, ...parts));
}

const xBytes = (point: Point): Bytes => fromNumber(point.toAffine().x, 32);

/** d and d·G, d negated where needed so that the point has even y. */
function evenKey(secret: Uint8Array): [bigint, Point] {
  const d = toNumber(secret);
  check(secret.length === 32 && d && d < ORDER, "secret key");
  const point = multiply(GENERATOR, d);
  return point.toAffine().y & 1n ? [ORDER - d, point.negate()] : [d, point];
}

/** The x-only public key: 32 bytes. */
export const publicKey = (secret: Uint8Array): Bytes => xBytes(evenKey(secret)[1]);

/** 64 bytes. `aux` is 32 fresh random bytes. */
export function sign(secret: Uint8Array, message: Uint8Array, aux: Uint8Array): Bytes {
  const [d, point] = evenKey(secret);
  const mask = tagged("aux", aux);
  const t = fromNumber(d, 32).map((byte, i) => byte ^ mask[i]!);
  const nonce = toNumber(tagged("nonce", t, xBytes(point), message)) % ORDER;
  const [k, commitment] = evenKey(fromNumber(nonce, 32)); // refuses 0
  const r = xBytes(commitment);
  const e = toNumber(tagged("challenge", r, xBytes(point), message)) % ORDER;
  return concat(r, fromNumber(modq(k + e * d), 32));
}

/** Throws DataError with this code unless `signature` is right; returns nothing. */
export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array, what: string, code = "signature-invalid"): void {
  const refuseUnless = (holds: boolean): void => check(holds, what, code);
  refuseUnless(key.length === 32 && signature.length === 64);
  const point = decodePoint(concat(Uint8Array.of(2), key), what);
  const r = signature.subarray(0, 32);
  const s = toNumber(signature.subarray(32));
  refuseUnless(toNumber(r) < FIELD && s < ORDER);
  const e = toNumber(tagged("challenge", r, key, message)) % ORDER;
  const commitment = difference(s, GENERATOR, e, point);
  refuseUnless(!commitment.is0() && !(commitment.toAffine().y & 1n) && equal(xBytes(commitment), r));
}
