// entries: every entry where protocol §9 lets it stand (audit/checks/order.py, line by line).

import { hex, type Bytes } from "../../bytes.ts";
import { type DataOf, type Entry, is, isDerived, type Kind } from "./kinds.ts";
import { type ContestState, isSettled, type LogState, refuse, type Stage } from "./state.ts";

const PREPARATION: { readonly [kind: string]: number } = { resolution: 0, electorate: 0, contest: 1, "trustee.canary": 2, "poll.opened": 3 };
/** What a contest has come to before and after. */
const STEPS: { readonly [kind: string]: readonly [Stage, Stage] } = {
  "issuer.destroyed": ["closed", "destroyed"],
  "tally.sums": ["destroyed", "summed"],
  "tally.share": ["summed", "summed"],
  "tally.counts": ["summed", "counted"],
  "tally.withheld": ["destroyed", "withheld"],
};
const SETTLED = ["certified", "annulled"];
const CAUSES = ["result.certified", "result.annulled", "decision"];
const CEREMONY = ["opened", "hashed", "committed", "shared", "confirmed", "complained"].map((step) => `trustee.${step}`);

export function verifyOrder(log: LogState, entry: Entry): void {
  const { kind, seq } = entry;
  verifyRuns(log, entry);
  refuse((seq === 0) === (kind === "log.opened"), `entry ${seq}: ${kind}: log.opened is entry 0 and no other`);
  refuse((seq === 1) === (kind === "constitution"), `entry ${seq}: ${kind}: the constitution is entry 1 and no other`);
  refuse(!CEREMONY.includes(kind) || !log.jointKey, `entry ${seq}: ${kind}: the trustees have confirmed their key already`);
  if (kind in PREPARATION) verifyPreparation(log, entry);
  else if (kind in STEPS) advance(log, entry);
  else if (is(entry, "result.declared")) verifyDeclared(log, entry);
  else if (is(entry, "result.certified") || is(entry, "result.annulled")) verifyVerdict(log, entry);
}

/** Ballots end in `sealed` with their number; tokens stand directly behind `poll.closed`, derived entries behind a cause. */
function verifyRuns(log: LogState, entry: Entry): void {
  const { kind, seq } = entry;
  if (kind === "ballot") log.run += 1;
  else {
    const expected = is(entry, "sealed") ? entry.data.ballots : 0;
    refuse(log.run === expected, `entry ${seq}: ${kind}: behind ${log.run} ballots that are not sealed, or other than so many`);
    log.run = 0;
  }
  refuse(kind !== "token" || log.tokenRun, `entry ${seq}: token: not directly behind poll.closed and its other tokens`);
  log.tokenRun = kind === "poll.closed" || kind === "token";
  refuse(!isDerived(kind) || log.causes, `entry ${seq}: ${kind}: nothing that stands before causes it`);
  log.causes = CAUSES.includes(kind) || isDerived(kind);
}

function verifyPreparation(log: LogState, { kind, seq, data }: Entry): void {
  const what = `entry ${seq}: ${kind}`;
  refuse(log.jointKey, `${what}: the trustees have not confirmed a joint key yet`);
  const before = log.poll;
  refuse(!before || before.state === "planned" || before.state === "declared" || SETTLED.includes(before.state), `${what}: the poll before is not declared yet`);
  refuse(PREPARATION[kind]! >= log.preparing, `${what}: too late for the next poll`);
  log.preparing = PREPARATION[kind]!;
  refuse(kind !== "resolution" || log.polls.every(({ state }) => state === "planned"), `${what}: the rules are frozen`);
  if (kind === "resolution" || kind === "electorate") return;
  let poll = before;
  if (!poll || poll.state !== "planned") {
    poll = { number: log.polls.length + 1, state: "planned", contests: new Map(), opened: [], canaries: new Set(), closes: 0, closed: null, tokensDone: false, declared: null };
    log.polls.push(poll);
  }
  refuse((data as { poll?: unknown }).poll === poll.number, `${what}: of another poll than ${poll.number}`);
  if (kind === "poll.opened") {
    log.preparing = 0;
    const last = log.polls[log.polls.length - 2];
    refuse(!last || SETTLED.includes(last.state), `${what}: the poll before is neither certified nor annulled`);
  }
}

function advance(log: LogState, { kind, data }: Entry): void {
  const contest = contestOf(log, kind, (data as DataOf<"issuer.destroyed">).context);
  const [before, after] = STEPS[kind]!;
  refuse(contest.stage === before, `${kind}: contest ${contest.contest.contest} is ${contest.stage}`);
  contest.stage = after;
}

function verifyDeclared(log: LogState, { data, digest }: Entry<"result.declared">): void {
  const { poll } = log;
  refuse(poll && poll.number === data.poll && poll.state === "closed", `result.declared: poll ${data.poll} is not closed, or declared already`);
  refuse(poll.opened.every(({ stage }) => isSettled(stage)), "result.declared: a contest is neither counted nor withheld");
  poll.state = "declared";
  poll.declared = digest;
}

function verifyVerdict(log: LogState, { kind, data }: Entry<"result.certified"> | Entry<"result.annulled">): void {
  const poll = log.polls.find(({ number, state }) => number === data.poll && state === "declared");
  refuse(poll && hex(poll.declared!) === hex(data.declared), `${kind}: not of the declared result of poll ${data.poll}`);
  poll.state = kind === "result.certified" ? "certified" : "annulled";
}

/** The contest of that context. */
export function contestOf(log: LogState, kind: Kind, context: Bytes): ContestState {
  const contest = log.contests.get(hex(context));
  refuse(contest, `${kind}: no such contest in the log`);
  return contest;
}
