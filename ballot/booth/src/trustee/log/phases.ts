// phases: ballots between opening and close of their poll; times against the closing time and the review window
// (audit/checks/phases.py; A28, A99).

import { compare, equal, hex } from "../../bytes.ts";
import { type Entry, is } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

/** Moves the poll on, or refuses what comes too early or too late. */
export function verifyPhases(log: LogState, entry: Entry): void {
  if (is(entry, "poll.opened")) open(log, entry);
  else if (is(entry, "poll.extended") || is(entry, "poll.paused") || is(entry, "poll.resumed")) change(log, entry);
  else if (is(entry, "poll.closed")) close(log, entry);
  else if (is(entry, "sealed")) log.running("sealed", entry.data.poll);
  else if (is(entry, "tally.share")) verifyReviewWindow(log, entry);
}

function open(log: LogState, { data, time }: Entry<"poll.opened">): void {
  const poll = log.poll!; // order.ts has seen that it is planned
  const { contexts, closes } = data;
  refuse(contexts.length > 0 && contexts.every((context, i) => i === 0 || compare(contexts[i - 1]!, context) < 0), "poll.opened: contexts not distinct and ascending");
  poll.opened = contexts.map((context) => {
    const contest = poll.contests.get(hex(context));
    refuse(contest, `poll.opened: no contest of poll ${poll.number}`);
    contest.stage = "open";
    return contest;
  });
  refuse(closes > time!, "poll.opened: closes before it opens");
  poll.state = "open";
  poll.closes = closes;
}

function change(log: LogState, { kind, data, time }: Entry<"poll.extended"> | Entry<"poll.paused"> | Entry<"poll.resumed">): void {
  const poll = log.running(kind, data.poll);
  const [before, wasPaused] = [poll.closes, poll.state === "paused"];
  const same = data.contexts.length === poll.opened.length && data.contexts.every((context, i) => equal(context, poll.opened[i]!.contest.context));
  refuse(same, `${kind}: other contexts than those of the opening`);
  refuse(kind !== "poll.paused" || (!wasPaused && data.closes === before), `${kind}: paused already, or another closing time`);
  refuse(kind !== "poll.resumed" || (wasPaused && data.closes > time!), `${kind}: not paused, or it closes before`);
  refuse(data.closes >= before && (kind !== "poll.extended" || data.closes > before), `${kind}: not a later closing time`);
  refuse(wasPaused || time! < before, `${kind}: the closing time has passed`);
  poll.closes = data.closes;
  if (kind === "poll.paused") poll.state = "paused";
  if (kind === "poll.resumed") poll.state = "open";
}

function close(log: LogState, { data, time }: Entry<"poll.closed">): void {
  const poll = log.running("poll.closed", data.poll);
  const same = data.contests.length === poll.opened.length && data.contests.every(({ context }, i) => equal(context, poll.opened[i]!.contest.context));
  refuse(same, "poll.closed: other contests than those of the opening");
  refuse(time! >= poll.closes || poll.state === "paused", "poll.closed: before the closing time, and the poll is not paused");
  poll.state = "closed";
  poll.closed = time;
  for (const [i, contest] of poll.opened.entries()) {
    contest.stage = "closed";
    contest.announced = data.contests[i]!;
  }
}

/** No share before voters had time to look. The window begins at the close or later, so this is the least. */
function verifyReviewWindow(log: LogState, { data, time }: Entry<"tally.share">): void {
  const contest = log.contests.get(hex(data.context));
  const closed = contest && log.polls[contest.contest.poll - 1]?.closed;
  refuse(typeof closed === "number" && time! >= closed + log.rules!.review_window, "tally.share: made before the review window ended");
}
