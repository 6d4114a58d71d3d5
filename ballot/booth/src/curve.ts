// The group of the protocol (§1): secp256k1 as in SEC 2, fixed here and never read from a message (A03).

import { mod, multipleOf } from "./arithmetic.ts";
import { type Bytes, concat, fromNumber, systemRandom, toNumber } from "./bytes.ts";
import { check, must } from "./errors.ts";
import { FixedBase } from "./fixed_base.ts";
import { liftX, Point } from "./point.ts";

export { FIELD, type Point } from "./point.ts";

/** q, the prime order of the group. */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export const GENERATOR = liftX(0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n, false)!;
export const IDENTITY = new Point(0n, 1n, 0n);

/** A scalar mod q, never negative. */
export const modq = (value: bigint): bigint => mod(value, ORDER);

/** Strict: 33 bytes, prefix 02 or 03, x < p, on the curve; so never the identity (A05). */
export function decodePoint(raw: Uint8Array, what: string): Point {
  const [prefix] = raw;
  const point = raw.length === 33 && (prefix === 2 || prefix === 3) ? liftX(toNumber(raw.subarray(1)), prefix === 3) : null;
  check(point, what, "point-invalid");
  return point;
}

/** The 33 bytes of a point; the identity has none. */
export function encodePoint(point: Point): Bytes {
  must(!point.is0(), "identity");
  const { x, y } = point.toAffine();
  return concat(Uint8Array.of(y & 1n ? 3 : 2), fromNumber(x, 32));
}

/** Strict: exactly 32 bytes, below q (A07). */
export function decodeScalar(raw: Uint8Array, what: string): bigint {
  const value = toNumber(raw);
  check(raw.length === 32 && value < ORDER, what);
  return value;
}

export const encodeScalar = (value: bigint): Bytes => fromNumber(value, 32);

/** windows between two pauses: about 2 ms, 15 ms on a slow phone */
const PIECE = 16;
const tables = new WeakMap<Point, FixedBase>();

function tableOf(point: Point): FixedBase {
  const table = tables.get(point) ?? new FixedBase(point);
  tables.set(point, table);
  return table;
}

/** Makes the table of a point in pieces of a few milliseconds, `pause` in between: a slow phone never freezes. */
export async function warm(point: Point, pause: () => Promise<unknown>): Promise<void> {
  while (tableOf(point).grow(PIECE)) await pause();
}

/**
 * k·P for a secret k; P is G or the joint key, which have tables. The scalar is blinded by a random multiple of q, and all
 * scalars take the same additions in the same order. BigInt itself is not constant-time in any JavaScript engine, so this
 * protects against remote observers, not against code on the device. Zero gives the identity (A08).
 */
export function multiply(point: Point, k: bigint): Point {
  if (!k || point.is0()) return IDENTITY;
  const blind = toNumber(systemRandom(8));
  return tableOf(point).multiple(k + ((k + blind) & 1n ? blind : blind ^ 1n) * ORDER); // an odd scalar, as tables want
}

/** k·P for a public k ≥ 0. */
export const multiplyPublic = (point: Point, k: bigint): Point => multipleOf(IDENTITY, point, k);

/** z·P − c·Q for public values. */
export const difference = (z: bigint, p: Point, c: bigint, q: Point): Point =>
  (tables.has(p) ? multiply(p, z) : multiplyPublic(p, z)).subtract(multiplyPublic(q, c));

/** t·G for a small public t, zero included. */
export const small = (t: number): Point => multiplyPublic(GENERATOR, BigInt(t));
