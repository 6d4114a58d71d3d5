// The disjunctive proof (protocol §6) that (A, B) encrypts one of t_0 … t_{n-1}. The prover knows A = r·G and
// B = v·G + r·Y, so the commitments of a simulated branch need no multiple of A or B:
//     a_j = z_j·G − c_j·A               = (z_j − c_j·r)·G
//     b_j = z_j·Y − c_j·(B − t_j·G)     = (z_j − c_j·r)·Y + c_j·(t_j − v)·G
// The points are the same as by the equations, which a test compares; only G and Y are multiplied, both from tables.

import type { Bytes } from "./bytes.ts";
import type { ProofBytes } from "./ballot.ts";
import { difference, encodePoint, encodeScalar, GENERATOR, modq, multiply, type Point, small } from "./curve.ts";
import { DataError } from "./errors.ts";

/** The deterministic coin of one ballot: `coin(label)`, a scalar. */
export type Coin = (label: string) => Promise<bigint>;

/** What a proof is about: the encryption of `plain` with randomness `r`, one of `values`. */
export interface Statement {
  /** "0", "1", … or "sum": the i of the coin labels */
  readonly label: string;
  readonly r: bigint;
  readonly plain: number;
  readonly values: readonly number[];
}

/** A proof before the challenge: commitments fixed, the true branch unanswered. */
export interface Committed {
  readonly commitments: readonly (readonly [Point, Point])[];
  /** All c_j and z_j for the challenge: the true branch gets what is left of it. Once: two answers would tell r. */
  readonly respond: (e: bigint) => { c: bigint[]; z: bigint[] };
}

export async function commit({ label, r, plain, values }: Statement, jointKey: Point, coin: Coin): Promise<Committed> {
  const nonce = await coin(`w/${label}`);
  const c: bigint[] = []; // zero, as in z, at the true branch
  const z: bigint[] = [];
  const commitments: [Point, Point][] = [];
  for (const [j, value] of values.entries()) {
    const real = value === plain;
    c.push(real ? 0n : await coin(`c/${label}/${j}`));
    z.push(real ? 0n : await coin(`z/${label}/${j}`));
    const k = real ? nonce : modq(z[j]! - c[j]! * r);
    const shift = multiply(GENERATOR, modq(c[j]! * BigInt(value - plain)));
    commitments.push([multiply(GENERATOR, k), multiply(jointKey, k).add(shift)]);
  }
  const respond = (e: bigint): { c: bigint[]; z: bigint[] } => {
    const real = values.indexOf(plain);
    c[real] = lastChallenge(c, e);
    z[real] = modq(nonce + c[real]! * r);
    return { c, z };
  };
  return { commitments, respond };
}

/** The proof as sent; the last challenge is left out, since everybody computes it. */
export const proofBytes = (commitments: readonly (readonly [Bytes, Bytes])[], c: bigint[], z: bigint[]): ProofBytes => ({
  com: commitments,
  c: c.slice(0, -1).map(encodeScalar),
  z: z.map(encodeScalar),
});

/** The last challenge: `Σ c_j = e (mod q)`. */
export const lastChallenge = (sent: readonly bigint[], e: bigint): bigint => modq(e - sent.reduce((sum, c) => sum + c, 0n));

/** Throws DataError ("proof-invalid") unless every branch's two equations hold. `c` is complete, nothing is zero. */
export function verifyBranches(
  a: Point,
  b: Point,
  values: readonly number[],
  jointKey: Point,
  proof: { commitments: readonly (readonly [Point, Point])[]; c: readonly bigint[]; z: readonly bigint[] },
  what: string,
): void {
  for (const [j, value] of values.entries()) {
    const [aj, bj] = proof.commitments[j]!;
    const [c, z] = [proof.c[j]!, proof.z[j]!];
    const shifted = b.subtract(small(value));
    if (!difference(z, GENERATOR, c, a).equals(aj) || !difference(z, jointKey, c, shifted).equals(bj)) {
      throw new DataError(`${what}: the proof of branch ${j} does not verify`, "proof-invalid");
    }
  }
}

export const encodeCommitments = (commitments: readonly (readonly [Point, Point])[]): [Bytes, Bytes][] =>
  commitments.map(([a, b]) => [encodePoint(a), encodePoint(b)]);
