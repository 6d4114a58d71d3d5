// Secret sharing over Z_q (protocol §3): polynomials and what their commitments give.

import type { Random } from "../bytes.ts";
import { IDENTITY, modq, multiplyPublic, ORDER, type Point } from "../curve.ts";
import { inverse } from "../arithmetic.ts";
import { drawScalar } from "./secrets.ts";

/** a_0 + a_1·x + …; secret. None of the coefficients is zero: a zero has no commitment. */
export const drawPolynomial = (k: number, random: Random): bigint[] => Array.from({ length: k }, () => drawScalar(random));

/** f(x) */
export const valueAt = (coefficients: readonly bigint[], x: number): bigint =>
  coefficients.reduceRight((total, coefficient) => modq(total * BigInt(x) + coefficient), 0n);

/** f(x)·G from the commitments: Σ x^j·C_j. */
export const committedAt = (commitments: readonly Point[], x: number): Point =>
  commitments.reduce((sum, point, j) => sum.add(multiplyPublic(point, BigInt(x) ** BigInt(j))), IDENTITY);

/** λ_l = Π_{j ≠ l} j·(j − l)^−1 */
export function lagrange(numbers: readonly number[], l: number): bigint {
  let [above, below] = [1n, 1n];
  for (const j of numbers) if (j !== l) [above, below] = [modq(above * BigInt(j)), modq(below * BigInt(j - l))];
  return modq(above * inverse(below, ORDER)!);
}
