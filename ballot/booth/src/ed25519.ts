// Ed25519 for C2SP notes, the one place where the protocol uses it (§1): verification only, so every value is public.
// Libraries disagree on edge cases (A14); where the key and R are canonical points of the prime-order subgroup and s is
// below its order, all of them agree, so everything else is refused, exactly as audit/ed25519.py does.

import { inverse, mod, multipleOf, power } from "./arithmetic.ts";
import { type Bytes, concat, equal, fromNumber, toNumber } from "./bytes.ts";
import { sha512 } from "./derive.ts";
import { check } from "./errors.ts";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** −121665/121666 */
const D = mod(-121665n * inverse(121666n, P)!, P);

const littleEndian = (raw: Uint8Array): bigint => toNumber(raw.slice().reverse());

/** A point of −x² + y² = 1 + d·x²y², projective; the addition of Bernstein et al. (EFD add-2008-bbjlp) is complete. */
class EdwardsPoint {
  constructor(
    private readonly X: bigint,
    private readonly Y: bigint,
    private readonly Z: bigint,
  ) {}

  add({ X, Y, Z }: EdwardsPoint): EdwardsPoint {
    const a = (this.Z * Z) % P;
    const [c, d] = [(this.X * X) % P, (this.Y * Y) % P];
    const e = (((D * c) % P) * d) % P;
    const [f, g] = [(a * a - e) % P, (a * a + e) % P];
    const cross = (this.X + this.Y) * (X + Y) - c - d;
    return new EdwardsPoint((((a * f) % P) * cross) % P, (((a * g) % P) * (d + c)) % P, (f * g) % P);
  }

  negate(): EdwardsPoint {
    return new EdwardsPoint(-this.X, this.Y, this.Z);
  }

  encode(): Bytes {
    const z = inverse(this.Z, P)!;
    const raw = fromNumber(mod(this.Y * z, P), 32).reverse();
    if (mod(this.X * z, P) & 1n) raw[31]! |= 0x80;
    return raw;
  }
}

const ZERO = new EdwardsPoint(0n, 1n, 1n);
const BASE = decode(new Uint8Array(32).fill(0x66).fill(0x58, 0, 1))!;

/** Canonical encodings only; null for anything else. */
function decode(raw: Uint8Array): EdwardsPoint | null {
  const odd = BigInt(raw[31]! >> 7);
  const y = littleEndian(raw) & (2n ** 255n - 1n);
  // x² = (y² − 1)/(d·y² + 1); d is no square, so the divisor is never 0
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n, P)!, P);
  let x = power(square, (P + 3n) / 8n, P);
  if ((x * x) % P !== square) x = (x * power(2n, (P - 1n) / 4n, P)) % P;
  if (y >= P || (x * x) % P !== square || (!x && odd)) return null;
  return new EdwardsPoint((x & 1n) === odd ? x : P - x, y, 1n);
}

/** Refuses what is no canonical encoding of a point of the prime-order subgroup other than the neutral one. */
export function checkEd25519Key(key: Bytes, what: string): void {
  const A = key.length === 32 ? decode(key) : null;
  check(A && !equal(key, ZERO.encode()) && equal(multipleOf(ZERO, A, L).encode(), ZERO.encode()), what);
}

/** Throws DataError ("signature-invalid"). */
export async function verifyEd25519(key: Bytes, message: Bytes, signature: Bytes, what: string): Promise<void> {
  check(await matches(key, message, signature), what, "signature-invalid");
}

async function matches(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const r = signature.slice(0, 32);
  const s = littleEndian(signature.slice(32));
  const A = key.length === 32 ? decode(key) : null;
  if (!A || signature.length !== 64 || s >= L) return false;
  const multiple = (point: EdwardsPoint, k: bigint): EdwardsPoint => multipleOf(ZERO, point, k);
  const identity = ZERO.encode();
  if ([key, r].some((raw) => equal(raw, identity)) || !equal(multiple(A, L).encode(), identity)) return false;
  const k = littleEndian(await sha512(concat(r, key, message))) % L;
  // R = s·B − k·A; it is in the subgroup as B and A are, and its only encoding is the canonical one
  return equal(multiple(BASE, s).add(multiple(A.negate(), k)).encode(), r);
}
