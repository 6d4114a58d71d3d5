// Σ k_i·P_i for many public scalars and points, by buckets (Pippenger): the scalars are cut into digits; the points of one
// digit's value are added up first, and then multiplied by it together.

import { IDENTITY, ORDER, type Point } from "../../curve.ts";

const BITS = ORDER.toString(2).length;

/** The best width of a digit for so many points, roughly: bits / c windows, each of n + 2^(c + 1) additions. */
function widthFor(count: number): number {
  const cost = (c: number): number => Math.ceil(BITS / c) * (count + 2 ** (c + 1));
  let best = 2;
  for (let c = 3; c <= 14; c++) if (cost(c) < cost(best)) best = c;
  return best;
}

/** Scalars are not negative and below q; `pause` comes between two digits. */
export async function weightedSum(terms: readonly (readonly [bigint, Point])[], pause: () => Promise<void>): Promise<Point> {
  const width = widthFor(terms.length);
  const windows = Math.ceil(BITS / width);
  const digits = terms.map(([scalar]) => digitsOf(scalar, width));
  let sum = IDENTITY;
  for (let window = windows - 1; window >= 0; window--) {
    for (let i = 0; i < width; i++) sum = sum.add(sum);
    sum = sum.add(windowSum(terms, digits, window, width));
    await pause();
  }
  return sum;
}

/** The digits of a scalar, the least first, without leading zeros. */
function digitsOf(scalar: bigint, width: number): number[] {
  const found: number[] = [];
  const mask = (1n << BigInt(width)) - 1n;
  for (let rest = scalar; rest > 0n; rest >>= BigInt(width)) found.push(Number(rest & mask));
  return found;
}

/** Σ digit_i·P_i of one place: Σ over values v of v·(sum of its points), by running sums from the largest value down. */
function windowSum(terms: readonly (readonly [bigint, Point])[], digits: readonly number[][], window: number, width: number): Point {
  const buckets = new Array<Point | undefined>(2 ** width);
  for (const [i, [, point]] of terms.entries()) {
    const value = digits[i]![window] ?? 0;
    if (value) buckets[value] = buckets[value]?.add(point) ?? point;
  }
  let [running, total] = [IDENTITY, IDENTITY];
  for (let value = buckets.length - 1; value > 0; value--) {
    if (buckets[value]) running = running.add(buckets[value]!);
    if (!running.is0()) total = total.add(running);
  }
  return total;
}
