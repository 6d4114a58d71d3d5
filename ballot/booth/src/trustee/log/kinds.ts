// The data of every kind of entry (protocol §9; audit/entries.py): every member, no other, of its type. What only the law
// reads (decisions, results, mandates) is checked for its form here and for nothing else: see `NOT_CHECKED` in verify.ts.

import { approvedShape } from "../../committee.ts";
import type { Json } from "../../canonical.ts";
import { check } from "../../errors.ts";
import { logOpened, membersShape } from "../../log.ts";
import { any, array, bytes, id, literal, natural, nullable, object, type Shape, type Shaped, table, text } from "../../schema.ts";
import { requestShape } from "../../verification.ts";
import { committedShape, complainedShape, confirmedShape, hashedShape, sharedShape } from "../messages.ts";
import { shareShape } from "../share.ts";
import { canaryShape } from "../tool.ts";

const hexHash: Shape<string> = (value, what) => {
  check(/^[0-9a-f]{64}$/.test(text(value, what)), what);
  return value as string;
};
/** YYYY-MM-DDTHH:MM:SSZ, a second that the calendar has, as POSIX seconds. */
export const time: Shape<number> = (value, what) => {
  const written = text(value, what);
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(written) ? Date.parse(written) : NaN;
  check(at >= 0 && new Date(at).toISOString() === written.replace("Z", ".000Z"), `${what}: time`);
  return at / 1000;
};
const most = (limit: number, least = 0): Shape<string> => (value, what) => {
  const written = text(value, what);
  const letters = [...written].length;
  check(letters >= least && letters <= limit, what);
  return written;
};

const context = { context: bytes(32) };
const opening = { ...approvedShape, poll: natural(1), contexts: array(bytes(32)), closes: time };
const changed = object({ ...opening, reason: text });
const certified = { ...approvedShape, poll: natural(1), declared: bytes(32) };
const taken = object({
  seat: id,
  position: id,
  person: text,
  until: text,
  clause: text,
  cause: text,
  skipped: array(object({ person: text, reason: text, seat: text })),
});
const point = nullable(bytes(33));
const decision = object({
  what: literal(
    ...["vacancy", "bar", "withdrawal", "approval", "refusal", "appointment", "attendance", "notice", "suspension", "resumption"],
    ...["permission", "paper", "honorary", "complaint", "petition", "petition-result", "board-vote", "board-result"],
  ),
  seat: text,
  person: text,
  ground: text,
  motion: text,
  electorate: text,
  number: natural(),
  until: text,
  text: most(2000),
});

const tour = literal("first", "second");
const TASKS = ["second-tour", "re-election", "repeat", "merge", "members-vote", "advance-vote", "by-election"];
const task = object({
  seat: id,
  kind: literal(...TASKS, "paper", "approval"),
  tour,
  options: array(text),
  voters: literal("block", "members"),
  barred: array(text),
  procedure: id,
  clause: text,
  days: natural(),
});
const result = object({
  contest: id,
  position: id,
  electorate: id,
  vote: literal(...TASKS, "election", "moot"),
  tour,
  procedure: id,
  size: natural(),
  ballots: natural(),
  turnout: literal("valid", "invalid", "waived"),
  counts: nullable(array(natural())),
  outcome: literal(
    ...["elected", "tie", "not-enough", "tie-for-second", "nobody", "invalid-turnout", "withheld"],
    ...["adopted", "rejected", "no-quorum", "counted"],
  ),
  elected: array(text),
});

export const shapes = {
  "log.opened": logOpened,
  constitution: object({ ...approvedShape, blob: hexHash }),
  resolution: object({ ...approvedShape, clause: text, reading: text }),
  booth: object({ ...approvedShape, bundle: hexHash }),
  members: object({ ...approvedShape, ...membersShape }),
  "trustee.opened": object({ ...approvedShape, attempt: natural(1), k: natural(1), trustees: array(bytes(32)) }),
  "trustee.hashed": hashedShape,
  "trustee.committed": committedShape,
  "trustee.shared": sharedShape,
  "trustee.confirmed": confirmedShape,
  "trustee.complained": complainedShape,
  "trustee.canary": canaryShape,
  electorate: object({ ...approvedShape, id, size: natural(1), root: bytes(32), blob: hexHash, signature: bytes(64) }),
  "credential.replaced": object({ ...approvedShape, old: bytes(32), new: bytes(32), reason: text, signature: bytes(64) }),
  contest: table(/^/, any),
  "poll.opened": object(opening),
  "poll.extended": changed,
  "poll.paused": changed,
  "poll.resumed": changed,
  ballot: requestShape,
  sealed: object({ poll: natural(1), ballots: natural(1) }),
  "poll.closed": object({
    ...approvedShape,
    poll: natural(1),
    contests: array(object({ ...context, ballots: natural(), tokens: natural(), token_root: bytes(32) })),
  }),
  token: object({ ...context, credential: bytes(32), blinded: bytes(null), signature: bytes(64) }),
  "issuer.destroyed": object(context),
  "tally.sums": object({ ...context, ballots: natural(), sums: nullable(array(array(point, 2, 2))) }),
  "tally.share": shareShape,
  "tally.counts": object({ ...context, trustees: array(natural()), counts: array(natural()) }),
  "tally.withheld": object({ ...context, ballots: natural() }),
  "result.declared": object({ poll: natural(), results: array(result), reasoning: text }),
  "result.certified": object(certified),
  "result.annulled": object({ ...certified, reason: text }),
  decision: object({ ...approvedShape, decision }),
  complaint: object({ poll: natural(1), credential: bytes(32), text: most(2000, 1), signature: bytes(64) }),
  petition: object({ petition: id, electorate: id, credential: bytes(32), signature: bytes(64) }),
  "vote.open": object({ vote: id, electorate: id, credential: bytes(32), choice: literal("for", "against", "abstain"), signature: bytes(64) }),
  "seat.taken": taken,
  "seat.filled": taken,
  "seat.vacated": object({
    seat: id,
    position: id,
    person: text,
    ground: text,
    clause: text,
    cause: text,
    acting: text,
    next: nullable(task),
  }),
} as const;

export type Kind = keyof typeof shapes;
export type DataOf<K extends Kind> = Shaped<(typeof shapes)[K]>;

const UNTIMED = new Set<string>(["ballot", "token", "sealed"]);
const DERIVED = new Set<string>(["seat.taken", "seat.filled", "seat.vacated"]);
export const isKind = (kind: string): kind is Kind => Object.keys(shapes).includes(kind);
export const isTimed = (kind: Kind): boolean => !UNTIMED.has(kind);
/** It follows from what stands before, and nobody decides on it. */
export const isDerived = (kind: Kind): boolean => DERIVED.has(kind);

/** An entry in its place: data as JSON and as decoded, SHA-256 of its bytes, POSIX seconds (null for untimed kinds). */
export interface Entry<K extends Kind = Kind> {
  readonly seq: number;
  readonly kind: K;
  readonly time: number | null;
  readonly json: { readonly [name: string]: Json };
  readonly data: DataOf<K>;
  readonly digest: Uint8Array<ArrayBuffer>;
}

export const is = <K extends Kind>(entry: Entry, kind: K): entry is Entry<K> => (entry.kind as string) === kind;
