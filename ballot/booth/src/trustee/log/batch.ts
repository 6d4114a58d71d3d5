// Many ballots as one equation (protocol §6, "Batches"): each single equation is multiplied by a 128-bit weight of its own,
// drawn after the ballots are fixed. A batch that does not hold is judged ballot by ballot, so that the verdict is always
// that of the definition (ballot/verification.py).

import { type Random, toNumber } from "../../bytes.ts";
import { GENERATOR, modq, multiplyPublic, type Point } from "../../curve.ts";
import { type ParsedBody, verifyProofs } from "../../verification.ts";
import { weightedSum } from "./multi.ts";

const WEIGHT = 16; // bytes: a false batch passes with probability 2^-128
const LARGEST = 192; // ballots in one equation: a second of work, in some thirty pieces

/** Gathers ballots; owner: the one `verifyLog`. */
export class Batch {
  private waiting: ParsedBody[] = [];

  constructor(
    private readonly random: Random,
    private readonly pause: () => Promise<void>,
  ) {}

  async add(ballot: ParsedBody): Promise<void> {
    this.waiting.push(ballot);
    if (this.waiting.length >= LARGEST) await this.finish();
  }

  /** Judges what waits; DataError of the first ballot whose proofs do not hold. */
  async finish(): Promise<void> {
    const ballots = this.waiting;
    this.waiting = [];
    if (!ballots.length || (await equationsHold(ballots, this.random, this.pause))) return;
    for (const ballot of ballots) {
      verifyProofs(ballot);
      await this.pause();
    }
  }
}

/** Whether all equations of all ballots hold, up to 2^-128: one weighted sum against one point. */
async function equationsHold(ballots: readonly ParsedBody[], random: Random, pause: () => Promise<void>): Promise<boolean> {
  const left: [bigint, Point][] = [];
  let onGenerator = 0n;
  const onKeys = new Map<Point, bigint>();
  for (const ballot of ballots) {
    const { generator, key } = weigh(ballot, left, random);
    onGenerator = modq(onGenerator + generator);
    onKeys.set(ballot.contest.jointKey, modq((onKeys.get(ballot.contest.jointKey) ?? 0n) + key));
  }
  let right = multiplyPublic(GENERATOR, onGenerator);
  for (const [point, scalar] of onKeys) right = right.add(multiplyPublic(point, scalar));
  return (await weightedSum(left, pause)).equals(right);
}

/**
 * Puts one ballot's weighted terms on the left; gives what comes to G and to Y on the right. For each branch, with weights
 * u and w: u·a + u·c·A + w·b + w·c·B = (u·z + w·c·t)·G + (w·z)·Y. The sum's ciphertext is Σ g_i·(A_i, B_i), so its factors
 * are added to those of the options and no further point is needed.
 */
function weigh({ contest: { weights }, A, B, proofs }: ParsedBody, left: [bigint, Point][], random: Random): { generator: bigint; key: bigint } {
  let [generator, key] = [0n, 0n];
  const factors = proofs.map(({ values, commitments, c, z }) => {
    let [onA, onB] = [0n, 0n];
    for (const [j, value] of values.entries()) {
      const [u, w] = [weight(random), weight(random)];
      left.push([u, commitments[j]![0]], [w, commitments[j]![1]]);
      onA += u * c[j]!;
      onB += w * c[j]!;
      generator += u * z[j]! + w * c[j]! * BigInt(value);
      key += w * z[j]!;
    }
    return [onA, onB] as const;
  });
  const [sumA, sumB] = factors[A.length]!;
  for (const [i, g] of weights.entries()) {
    left.push([modq(factors[i]![0] + BigInt(g) * sumA), A[i]!], [modq(factors[i]![1] + BigInt(g) * sumB), B[i]!]);
  }
  return { generator, key };
}

/** Never zero. */
const weight = (random: Random): bigint => toNumber(random(WEIGHT)) || 1n;
