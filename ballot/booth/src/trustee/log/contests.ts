// contests: each document unique, in bounds, bound to this log, its electorate, the joint key and an issuer key of its own
// (audit/checks/contests.py; A12, A31, A37, A53). Its place in the law is not judged here.

import { inverse } from "../../arithmetic.ts";
import { equal, hex, toNumber } from "../../bytes.ts";
import { encode, type Json } from "../../canonical.ts";
import { loadContest } from "../../contest.ts";
import { IDENTITY, type Point } from "../../curve.ts";
import { Frontier } from "../../tiles.ts";
import { type Entry, is } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

export function verifyContest(log: LogState, entry: Entry): void {
  if (!is(entry, "contest")) return;
  const contest = loadContest(encode(entry.json as Json), log.opening.rehearsal);
  const [key, what, poll] = [hex(contest.context), `contest ${contest.contest}`, log.poll!];
  refuse(!log.contests.has(key), `${what}: logged a second time`);
  refuse([...poll.contests.values()].every((other) => other.contest.contest !== contest.contest), `${what}: the poll has one of that id already`);
  refuse(equal(contest.log, log.logId) && contest.election === log.opening.election, `${what}: of another log or election`);
  const electorate = log.electorates.get(contest.electorate);
  refuse(electorate && electorate.size === contest.size && equal(electorate.root, contest.root), `${what}: not the size and root of its electorate`);
  const joint = log.jointKey!.point;
  refuse(contest.jointKey.equals(joint), `${what}: another joint key than the one that all trustees confirmed`);
  verifyModulus(log, contest.issuer_key, what);
  const state = {
    contest: { ...contest, jointKey: joint }, // one object for all contests, so that they share its table
    stage: "planned" as const,
    announced: null,
    ballots: 0,
    sums: contest.options.map((): [Point, Point] => [IDENTITY, IDENTITY]),
    spent: new Set<string>(),
    tokens: 0,
    tokenTree: new Frontier(),
    decryptions: new Map<number, Point[]>(),
    shareSignatures: new Set<string>(),
  };
  log.contests.set(key, state);
  poll.contests.set(key, state);
}

/** All issuer keys of a log have one length and no factor in common (A37). */
function verifyModulus(log: LogState, issuerKey: Uint8Array, what: string): void {
  const modulus = toNumber(issuerKey);
  refuse(!log.modulusSize || log.modulusSize === issuerKey.length, `${what}: an issuer key of another length`);
  refuse(inverse(log.moduliProduct % modulus, modulus) !== null, `${what}: its issuer key has a factor in common with another`);
  log.modulusSize = issuerKey.length;
  log.moduliProduct *= modulus;
}
