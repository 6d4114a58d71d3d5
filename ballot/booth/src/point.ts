// Points of secp256k1 in projective coordinates, y² = x³ + 7, with the complete addition of Renes, Costello and Batina
// (eprint.iacr.org/2015/1060, algorithm 7): one formula for every pair of points, the identity and doubling included, so
// no case can be forgotten and none takes another path. Coordinates lie between −p and p.

import { inverse, mod, power } from "./arithmetic.ts";

/** p, the prime of the coordinates' field. */
export const FIELD = 2n ** 256n - 2n ** 32n - 977n;

export class Point {
  constructor(
    private readonly X: bigint,
    private readonly Y: bigint,
    private readonly Z: bigint,
  ) {}

  add({ X, Y, Z }: Point): Point {
    const xx = (this.X * X) % FIELD;
    const yy = (this.Y * Y) % FIELD;
    const zz = 21n * ((this.Z * Z) % FIELD); // 3·7·Z1·Z2
    const xy = ((this.X + this.Y) * (X + Y) - xx - yy) % FIELD; // X1·Y2 + X2·Y1
    const yz = (this.Y * Z + this.Z * Y) % FIELD;
    const xz = 21n * ((this.X * Z + this.Z * X) % FIELD);
    const [minus, plus, three] = [yy - zz, yy + zz, 3n * xx];
    return new Point((xy * minus - yz * xz) % FIELD, (plus * minus + three * xz) % FIELD, (yz * plus + xy * three) % FIELD);
  }

  negate(): Point {
    return new Point(this.X, -this.Y, this.Z);
  }

  subtract(other: Point): Point {
    return this.add(other.negate());
  }

  equals({ X, Y, Z }: Point): boolean {
    return !((this.X * Z - this.Z * X) % FIELD || (this.Y * Z - this.Z * Y) % FIELD);
  }

  is0(): boolean {
    return !this.Z;
  }

  /** Not for the identity. */
  toAffine(): { x: bigint; y: bigint } {
    const z = inverse(this.Z, FIELD)!;
    return { x: mod(this.X * z, FIELD), y: mod(this.Y * z, FIELD) };
  }
}

/** The point with this x and the parity of y; null where x ≥ p or x is on no point. */
export function liftX(x: bigint, odd: boolean): Point | null {
  const square = (x * x * x + 7n) % FIELD;
  const y = power(square, (FIELD + 1n) / 4n, FIELD);
  if (x >= FIELD || (y * y) % FIELD !== square) return null;
  return new Point(x, odd === (y & 1n) > 0n ? y : FIELD - y, 1n);
}
