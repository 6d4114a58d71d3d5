// sums; shares and counts: what is decrypted is the sum of the logged ballots, and decrypts to the counts
// (audit/checks/tally.py; A04, A23, A25-A28, A67).

import { b64 } from "../../base64url.ts";
import { IDENTITY, encodePoint, multiplyPublic, type Point, small } from "../../curve.ts";
import { DataError } from "../../errors.ts";
import { lagrange } from "../polynomial.ts";
import { verifyDecryptions, verifyShareSignature } from "../share.ts";
import { contestOf } from "./order.ts";
import { type Entry, is } from "./kinds.ts";
import { type ContestState, type LogState, refuse, sumsOf } from "./state.ts";

export function verifyTally(log: LogState, entry: Entry): void {
  if (is(entry, "tally.sums")) verifySums(log, entry);
  else if (is(entry, "tally.withheld")) verifyWithheld(log, entry);
  else if (is(entry, "tally.share")) verifyShare(log, entry);
  else if (is(entry, "tally.counts")) verifyCounts(log, entry);
}

const isWithheld = (log: LogState, ballots: number): boolean => ballots >= 1 && ballots < log.rules!.min_ballots;
const textOf = (point: Point): string | null => (point.is0() ? null : b64(encodePoint(point)));

/** The data of `tally.sums` as they are computed here. */
export const sumsJson = ({ contest, ballots, sums }: ContestState): { context: string; ballots: number; sums: (string | null)[][] | null } => ({
  context: b64(contest.context),
  ballots,
  sums: ballots ? sums.map((pair) => pair.map(textOf)) : null,
});

function verifySums(log: LogState, { kind, data, json }: Entry<"tally.sums">): void {
  const state = contestOf(log, kind, data.context);
  const same = JSON.stringify(sumsJson(state)) === JSON.stringify({ context: json["context"], ballots: json["ballots"], sums: json["sums"] });
  refuse(same, `tally.sums: contest ${state.contest.contest}: not the sums of the logged ballots`);
  refuse(!isWithheld(log, state.ballots), `tally.sums: contest ${state.contest.contest}: too few ballots to be opened`);
}

function verifyWithheld(log: LogState, { kind, data }: Entry<"tally.withheld">): void {
  const state = contestOf(log, kind, data.context);
  refuse(data.ballots === state.ballots && isWithheld(log, state.ballots), `tally.withheld: contest ${state.contest.contest}: not withheld at ${state.ballots} ballots`);
}

/** Every share is signed by its trustee; a signed wrong one is the trustee's mistake, noted and passed over. */
function verifyShare(log: LogState, { kind, data, json }: Entry<"tally.share">): void {
  const state = contestOf(log, kind, data.context);
  const joint = log.jointKey!;
  const what = `tally.share: contest ${state.contest.contest}`;
  refuse(data.i >= 1 && data.i <= joint.session.n, `${what}: unknown trustee ${data.i}`);
  refuse(state.ballots, `${what}: there are no ballots to decrypt`);
  const signature = json["signature"] as string;
  refuse(!state.shareSignatures.has(signature), `${what}: the very share of another entry`);
  state.shareSignatures.add(signature);
  verifyShareSignature(joint, json, data);
  try {
    const found = verifyDecryptions(joint, sumsOf(state), data);
    if (!state.decryptions.has(data.i)) state.decryptions.set(data.i, found);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    log.notes.push(`contest ${state.contest.contest}: signed and false, passed over: ${error.message}`);
  }
}

/** The counts follow from the k smallest good shares: t_i·G = B*_i − Σ λ_l·D_li. */
function verifyCounts(log: LogState, { kind, data }: Entry<"tally.counts">): void {
  const state = contestOf(log, kind, data.context);
  const { contest, ballots, sums, decryptions } = state;
  const what = `tally.counts: contest ${contest.contest}`;
  refuse(data.counts.length === sums.length, `${what}: another number of options`);
  const used = ballots ? [...decryptions.keys()].sort((a, b) => a - b).slice(0, log.jointKey!.session.k) : [];
  refuse(!ballots || used.length === log.jointKey!.session.k, `${what}: too few good shares`);
  refuse(String(data.trustees) === String(used), `${what}: not the shares of trustees ${used}`);
  for (const [i, [, B]] of sums.entries()) {
    const masks = used.map((l) => multiplyPublic(decryptions.get(l)![i]!, lagrange(used, l)));
    const plain = B.subtract(masks.reduce((sum, point) => sum.add(point), IDENTITY));
    refuse(data.counts[i]! <= ballots && plain.equals(small(data.counts[i]!)), `${what}: option ${i}: not what the shares decrypt to`);
  }
  const weighted = data.counts.reduce((sum, count, i) => sum + count * contest.weights[i]!, 0);
  refuse(weighted >= contest.min * ballots && weighted <= contest.max * ballots, `${what}: outside what so many ballots can say`);
}
