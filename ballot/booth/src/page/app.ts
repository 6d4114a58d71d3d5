// What this page knows: the session, and the voter's choices. They live here only: no storage of the browser is touched,
// and a reload begins anew from the link.

import type { AuditedBallot } from "../ballot.ts";
import { type Bytes, systemRandom } from "../bytes.ts";
import { PeerError } from "../errors.ts";
import { type Session, shuffled } from "../session.ts";
import type { TestSession } from "../test_session.ts";
import type { Voting } from "../voting.ts";
import { Clock } from "./when.ts";
import { inLanguage, type Worded } from "./words.ts";

export { election, page } from "./place.ts";

/** A ballot that was opened for the test, and the tracker that was shown before. */
export interface Audited {
  readonly revealed: AuditedBallot;
  readonly tracker: Bytes;
}

export let session: Session | TestSession;
export let clock: Clock;
/** whether the review was seen: from then on every contest leads back to it */
export let reviewed = false;
export const votes = new Map<Voting, readonly boolean[]>();
export const later = new Set<Voting>();
export const audited = new Map<Voting, Audited>();
export const profiles = new Map<Voting, Awaited<ReturnType<Session["profiles"]>>>();
const orders = new Map<Voting, readonly number[]>();

/** The session of a voter; whoever asks has made sure that it is not the test mode. */
export const voter = (): Session => session as Session;

export function use(withSession: Session | TestSession): void {
  session = withSession;
}

/** Asks the service what the election is; what it says of the time counts from now. */
export async function open(): Promise<void> {
  clock = new Clock((await session.open()).now);
}

export function review(): void {
  reviewed = true;
}

/** After the cast: how anybody voted is known nowhere any more (A71, A86). */
export function forgetChoices(): void {
  reviewed = false;
  for (const store of [votes, later, audited]) store.clear();
}

/**
 * The contests in which something is still to be chosen, those not yet begun first; a failure that may pass by itself does
 * not end one.
 */
export const choosable = (): Voting[] =>
  session.votings
    .filter(
      ({ state, problem, poll }) =>
        !/cast/.test(state) && (!problem || isPassing(problem) || problem.code === "login-required") && !(poll && poll.state === "paused"),
    )
    .sort((one, other) => +one.begun - +other.begun);

/** Those with a choice that is to be cast now. */
export const chosen = (): Voting[] => choosable().filter((voting) => votes.has(voting) && !later.has(voting));

/** Whether trying again may help. */
export const isPassing = (error: unknown): error is PeerError => error instanceof PeerError && error.uncertain;

/** The options in this voter's order: by chance, made here and told to nobody; blank last. */
export function orderOf(voting: Voting): readonly number[] {
  const { options, position } = voting.contest;
  const all = options.map((_, i) => i);
  const order = orders.get(voting) ?? (position === null ? all : shuffled(all, systemRandom));
  orders.set(voting, order);
  return [...order].sort((i, j) => +options[i]!.blank - +options[j]!.blank);
}

export const electionTexts = (): Worded<{ title: string; intro: string }> | undefined =>
  inLanguage(session.about ? session.about.texts : {});

/** What a contest is called. */
export function titleOf({ title: { names, block } }: Voting): Worded<string> {
  const { text, lang } = inLanguage(names)!;
  return { text: block ? `${text} – ${block}` : text, lang };
}
