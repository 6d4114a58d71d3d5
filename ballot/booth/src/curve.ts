// The group of the protocol (§1): secp256k1 as in SEC 2, fixed here and never read from a message (A03). The arithmetic is
// @noble/curves; its `multiply` blinds the scalar and does the same point operations for every scalar, but BigInt itself
// is not constant-time in any JavaScript engine, so this protects against remote observers, not against code on the device.

import { type WeierstrassPoint, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { type Bytes, fromNumber, toNumber } from "./bytes.ts";
import { DataError, InternalError } from "./errors.ts";

/** q, the prime order of the group. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** p, the prime of the coordinates' field. */
export const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;

const Secp256k1 = weierstrass(
  {
    p: FIELD,
    n: ORDER,
    h: 1n,
    a: 0n,
    b: 7n,
    Gx: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
    Gy: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  },
  {
    // the curve's endomorphism (x, y) -> (beta·x, y), which halves the doublings in sums of public points
    endo: {
      beta: 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een,
      basises: [
        [0x3086d221a7d46bcde86c90e49284eb15n, -0xe4437ed6010e88286f547fa90abfe4c3n],
        [0x114ca50f7a8e2f3f657c1108d9d44cfd8n, 0x3086d221a7d46bcde86c90e49284eb15n],
      ],
    },
  },
);

export type Point = WeierstrassPoint<bigint>;

export const GENERATOR: Point = Secp256k1.BASE;
export const IDENTITY: Point = Secp256k1.ZERO;

/** A scalar mod q, never negative. */
export const modq = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;

/** Strict: 33 bytes, prefix 02 or 03, x < p, on the curve; so never the identity (A05). */
export function decodePoint(raw: Uint8Array, what: string): Point {
  if (raw.length !== 33 || (raw[0] !== 2 && raw[0] !== 3)) {
    throw new DataError(`${what}: expected 33 bytes beginning 02 or 03`, "point-invalid");
  }
  try {
    return Secp256k1.fromBytes(raw);
  } catch {
    throw new DataError(`${what}: not a point of secp256k1`, "point-invalid");
  }
}

/** The 33 bytes of a point; the identity has none. */
export function encodePoint(point: Point): Bytes {
  if (point.is0()) throw new InternalError("point: the identity has no encoding");
  return point.toBytes() as Bytes;
}

/** Strict: exactly 32 bytes, below q (A07). */
export function decodeScalar(raw: Uint8Array, what: string): bigint {
  const value = toNumber(raw);
  if (raw.length !== 32 || value >= ORDER) throw new DataError(`${what}: expected 32 bytes below q`);
  return value;
}

export const encodeScalar = (value: bigint): Bytes => fromNumber(value, 32);

/** k·P for a secret k; zero gives the identity, which the library itself refuses (A08). */
export const multiply = (point: Point, k: bigint): Point => (k === 0n || point.is0() ? IDENTITY : point.multiply(k));

/** z·P − c·Q for public values. */
export const difference = (z: bigint, p: Point, c: bigint, q: Point): Point => p.mulAddUnsafe(z, q, modq(-c));

/** t·G for a small public t, zero included. */
export const small = (t: number): Point => GENERATOR.multiplyUnsafe(BigInt(t));

const tabulated = new WeakSet<Point>();

/** Makes later secret multiples of this point cheaper: a table of 2^(w-1) points for every window of w bits, made once. */
export function tabulate(point: Point): void {
  if (tabulated.has(point)) return;
  tabulated.add(point);
  point.precompute(4);
}
