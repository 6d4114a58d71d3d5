// Making a ballot's body (protocol §6), line by line. Deterministic from (context, w, v, s), so that a second device can
// recompute an audited ballot and Python can recompute ours.

import type { BallotBody } from "./ballot.ts";
import { areDistinct, type Bytes, toNumber, utf8 } from "./bytes.ts";
import { type Contest, checkVote, weigh } from "./contest.ts";
import { encodePoint, GENERATOR, IDENTITY, modq, multiply, multiplyPublic, ORDER, type Point, small, warm } from "./curve.ts";
import { sha512 } from "./derive.ts";
import { InternalError } from "./errors.ts";
import { type Coin, commit, type Committed, encodeCommitments, proofBytes } from "./proof.ts";
import { Hq, lengthPrefixed } from "./transcript.ts";

/** Lets the browser draw and listen between two pieces of work. */
export type Pause = (done: number, of: number) => Promise<void>;
export const noPause: Pause = async () => undefined;

/** A draw that the protocol refuses (§6, "starts again with a new s"). It happens to nobody; the code must not care. */
export class UnluckyDraw extends InternalError {}

function insist(holds: boolean): void {
  if (!holds) throw new UnluckyDraw("draw");
}

/** `coin(label)` of one ballot: 64 bytes wide, bound to context, owner, vote and label (A18). */
export const coinOf =
  (s: Bytes, context: Bytes, owner: Bytes, vote: readonly boolean[]): Coin =>
  async (label) =>
    toNumber(
      await sha512(
        lengthPrefixed(utf8("es1/coin"), s, context, owner, Uint8Array.from(vote, Number), utf8(label)),
      ),
    ) % ORDER;

/** The weighted sum Σ g_i·P_i. */
export const weighted = (points: readonly Point[], weights: readonly number[]): Point =>
  points.reduce((sum, point, i) => sum.add(multiplyPublic(point, BigInt(weights[i]!))), IDENTITY);

/** m, …, M */
export const sumValues = (contest: Contest): number[] =>
  Array.from({ length: contest.max - contest.min + 1 }, (_, i) => contest.min + i);

/**
 * The body for `vote`; `w` = H("es1/owner", token key, t). Throws UnluckyDraw where this s would give a body that the protocol refuses.
 * `coin` is replaced in tests only, to force such a draw.
 */
export async function makeBody(
  contest: Contest,
  vote: readonly boolean[],
  s: Bytes,
  w: Bytes,
  pause: Pause = noPause,
  coin: Coin = coinOf(s, contest.context, w, vote),
): Promise<BallotBody> {
  checkVote(contest, vote);
  const { context, jointKey: Y, weights } = contest;
  const steps = vote.length + 1;
  for (const point of [GENERATOR, Y]) await warm(point, () => pause(0, steps));
  // 1. A_i = r_i·G, B_i = v_i·G + r_i·Y; the commitments of each option's proof over {0, 1}
  const A: Point[] = [];
  const B: Point[] = [];
  const committed: Committed[] = [];
  let total = 0n; // Σ g_i·r_i
  for (const [i, chosen] of vote.entries()) {
    const r = await coin(`r/${i}`);
    total += r * BigInt(weights[i]!);
    A.push(multiply(GENERATOR, r));
    const masked = multiply(Y, r);
    B.push(chosen ? masked.add(GENERATOR) : masked);
    committed.push(await commit({ label: String(i), r, plain: Number(chosen), values: [0, 1] }, Y, coin));
    await pause(i + 1, steps);
  }
  // 2. the sum's proof over {m, …, M}: (Σ g_i·A_i, Σ g_i·B_i)
  committed.push(await commit({ label: "sum", r: modq(total), plain: weigh(contest, vote), values: sumValues(contest) }, Y, coin));
  insist(![...A, ...B, ...committed.flatMap((proof) => proof.commitments.flat())].some((point) => point.is0()));
  insist(!isRefused(contest, A, B));
  // 3. e = Hq("es1/ballot", context, w, Y, A_0, B_0, …, then every commitment)
  const [a, b] = [A.map(encodePoint), B.map(encodePoint)];
  const commitments = committed.map((proof) => encodeCommitments(proof.commitments));
  const e = ballotChallenge(contest, w, a, b, commitments);
  // 4. responses
  const proofs = committed.map(({ respond }, i) => {
    const { c, z } = respond(e);
    insist(!c.includes(0n) && !z.includes(0n));
    return proofBytes(commitments[i]!, c, z);
  });
  await pause(steps, steps);
  return { v: "es1", context, owner: w, choices: a.map((_, i) => ({ a: a[i]!, b: b[i]!, ...proofs[i]! })), sum: proofs[steps - 1]! };
}

/** One challenge for the whole ballot: every statement and every commitment is in it (A02). */
export const ballotChallenge = (
  contest: Contest,
  owner: Bytes,
  a: readonly Bytes[],
  b: readonly Bytes[],
  commitments: readonly (readonly (readonly [Bytes, Bytes])[])[],
): bigint =>
  Hq(
    "es1/ballot",
    contest.context,
    owner,
    contest.joint_key,
    ...a.flatMap((_, i) => [a[i]!, b[i]!]),
    ...commitments.flatMap((proof) => proof.flatMap(([aj, bj]) => [aj, bj])),
  );

/** The refusals of §6 on points. The verifier and the maker ask the same question. */
export function isRefused(contest: Contest, A: readonly Point[], B: readonly Point[]): boolean {
  const sum = weighted(B, contest.weights);
  return (
    B.some((point) => point.equals(GENERATOR)) ||
    !areDistinct(A.map((point) => point.toAffine().x)) ||
    weighted(A, contest.weights).is0() ||
    sumValues(contest).some((value) => sum.equals(small(value)))
  );
}

/** A body with fresh s, and this s: whoever holds the envelope erases it. Draws again while the draw is unlucky. */
export async function encryptVote(
  contest: Contest,
  vote: readonly boolean[],
  w: Bytes,
  drawS: () => Promise<Bytes>,
  pause: Pause = noPause,
): Promise<{ body: BallotBody; s: Bytes }> {
  for (;;) {
    try {
      const s = await drawS();
      return { body: await makeBody(contest, vote, s, w, pause), s };
    } catch (error) {
      if (!(error instanceof UnluckyDraw)) throw error;
    }
  }
}

