// ballots: each as the service's own judge sees it, spent once, sealed in order of trackers; and their sums
// (audit/checks/ballots.py; A01-A13, A36, A40, A41, A99).

import { trackerOf } from "../../ballot.ts";
import { compare, hex } from "../../bytes.ts";
import { encode, type Json } from "../../canonical.ts";
import { verifyEnvelope, parseBody, type ParsedBody } from "../../verification.ts";
import type { Entry } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

/** Everything but the equations, which are left to the batch: gives the ballot for it. */
export async function takeBallot(log: LogState, { seq, data, json }: Entry<"ballot">): Promise<ParsedBody> {
  const what = `entry ${seq}: ballot`;
  const poll = log.running("ballot");
  const state = poll.opened.find(({ contest }) => hex(contest.context) === hex(data.context));
  refuse(state, `${what}: the open poll has no such contest`);
  const body = encode(json["body"] as Json);
  await verifyEnvelope(state.contest, data, body);
  const parsed = parseBody(state.contest, data.body);
  const tracker = trackerOf(body);
  refuse(compare(log.lastTracker, tracker) < 0, `${what}: not ascending by tracker within its sealing`);
  log.lastTracker = tracker;
  const key = hex(data.token.key);
  refuse(!state.spent.has(key), `${what}: its token was spent before`);
  state.spent.add(key);
  state.sums = state.sums.map(([A, B], i) => [A.add(parsed.A[i]!), B.add(parsed.B[i]!)]);
  state.ballots += 1;
  const receipt = `${hex(data.context)}/${hex(tracker)}`;
  if (log.receipts.has(receipt)) log.receipts.set(receipt, true);
  return parsed;
}
