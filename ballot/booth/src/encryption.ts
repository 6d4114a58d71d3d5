// Making a ballot's body (protocol §6), line by line. Deterministic from (context, w, v, s), so that a second device can
// recompute an audited ballot and Python can recompute ours.

import { bodyJson, type ProofBytes } from "./ballot.ts";
import { type Bytes, toNumber, utf8 } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import { type Contest, checkVote, weigh } from "./contest.ts";
import { encodePoint, GENERATOR, IDENTITY, modq, multiply, multiplyPublic, ORDER, type Point, small, warm } from "./curve.ts";
import { sha512 } from "./derive.ts";
import { InternalError } from "./errors.ts";
import { type Coin, commit, type Committed, encodeCommitments, proofBytes, respond } from "./proof.ts";
import { Hq, lengthPrefixed } from "./transcript.ts";

/** Lets the browser draw and listen between two pieces of work. */
export type Pause = (done: number, of: number) => Promise<void>;
export const noPause: Pause = async () => undefined;

/** A draw that the protocol refuses (§6, "starts again with a new s"). It happens to nobody; the code must not care. */
export class UnluckyDraw extends InternalError {}

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
 * The body for `vote`, as JSON; `w` = H("es1/owner", token key, t). Throws UnluckyDraw where this s would give a body that the protocol refuses.
 * `coin` is replaced in tests only, to force such a draw.
 */
export async function makeBody(
  contest: Contest,
  vote: readonly boolean[],
  s: Bytes,
  w: Bytes,
  pause: Pause = noPause,
  coin: Coin = coinOf(s, contest.context, w, vote),
): Promise<Json> {
  checkVote(contest, vote);
  const { context, jointKey: Y, weights } = contest;
  const steps = vote.length + 1;
  await warm(GENERATOR, () => pause(0, steps));
  await warm(Y, () => pause(0, steps));
  // 1. A_i = r_i·G, B_i = v_i·G + r_i·Y; the commitments of each option's proof over {0, 1}
  const A: Point[] = [];
  const B: Point[] = [];
  const committed: Committed[] = [];
  const randomness: bigint[] = [];
  for (const [i, chosen] of vote.entries()) {
    const r = await coin(`r/${i}`);
    randomness.push(r);
    A.push(multiply(GENERATOR, r));
    const masked = multiply(Y, r);
    B.push(chosen ? masked.add(GENERATOR) : masked);
    committed.push(await commit({ label: String(i), r, plain: Number(chosen), values: [0, 1] }, Y, coin));
    await pause(i + 1, steps);
  }
  // 2. the sum's proof over {m, …, M}: (Σ g_i·A_i, Σ g_i·B_i)
  const r = modq(randomness.reduce((sum, part, i) => sum + part * BigInt(weights[i]!), 0n));
  committed.push(await commit({ label: "sum", r, plain: weigh(contest, vote), values: sumValues(contest) }, Y, coin));
  refuseUnlucky(contest, A, B, committed);
  // 3. e = Hq("es1/ballot", context, w, Y, A_0, B_0, …, then every commitment)
  const [a, b] = [A.map(encodePoint), B.map(encodePoint)];
  const commitments = committed.map((proof) => encodeCommitments(proof.commitments));
  const e = ballotChallenge(contest, w, a, b, commitments);
  // 4. responses
  const proofs = committed.map((proof, i) => answer(proof, commitments[i]!, e));
  await pause(steps, steps);
  return bodyJson(context, w, a.map((_, i) => ({ a: a[i]!, b: b[i]!, proof: proofs[i]! })), proofs[steps - 1]!);
}

function answer(committed: Committed, commitments: [Bytes, Bytes][], e: bigint): ProofBytes {
  const { c, z } = respond(committed, e);
  if ([...c, ...z].includes(0n)) throw new UnluckyDraw("draw: zero");
  return proofBytes(commitments, c, z);
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

/** The refusals of §6 on points; `null` where there is none. The verifier and the maker ask the same question. */
export function refusalOfPoints(contest: Contest, A: readonly Point[], B: readonly Point[]): string | null {
  if (B.some((point) => point.equals(GENERATOR))) return "B";
  if (new Set(A.map((point) => String(point.toAffine().x))).size < A.length) return "A";
  if (weighted(A, contest.weights).is0()) return "A";
  const sum = weighted(B, contest.weights);
  if (sumValues(contest).some((value) => sum.equals(small(value)))) {
    return "B";
  }
  return null;
}

function refuseUnlucky(contest: Contest, A: Point[], B: Point[], committed: Committed[]): void {
  const points = [...A, ...B, ...committed.flatMap((proof) => proof.commitments.flat())];
  const reason = points.some((point) => point.is0()) ? "identity" : refusalOfPoints(contest, A, B);
  if (reason !== null) throw new UnluckyDraw(`draw: ${reason}`);
}

/** A body with fresh s, and this s: whoever holds the envelope erases it. Draws again while the draw is unlucky. */
export async function encryptVote(
  contest: Contest,
  vote: readonly boolean[],
  w: Bytes,
  drawS: () => Promise<Bytes>,
  pause: Pause = noPause,
): Promise<{ body: Json; s: Bytes }> {
  for (;;) {
    try {
      const s = await drawS();
      return { body: await makeBody(contest, vote, s, w, pause), s };
    } catch (error) {
      if (!(error instanceof UnluckyDraw)) throw error;
    }
  }
}

