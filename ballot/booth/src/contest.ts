// Contest documents (protocol §2): one question put to one electorate. Everything a ballot is checked against comes from
// the logged document, never from a message, and voters see only what its bytes say (A53).

import { areDistinct, type Bytes } from "./bytes.ts";
import { checkModulus } from "./blindrsa.ts";
import { decode } from "./canonical.ts";
import { decodePoint, type Point } from "./curve.ts";
import { check } from "./errors.ts";
import { array, bytes, flag, id, literal, natural, nullable, object, type Shaped, table, text } from "./schema.ts";
import { H } from "./transcript.ts";

const MAX_SIZE = 60_000; // so that its log entry fits 65,535 bytes
const MAX_OPTIONS = 100;
const MAX_SPREAD = 31; // M − m: the sum proof has one branch more

/** A language tag. */
export const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

const option = object({ id, name: table(LANGUAGE, text), blank: flag });

const document = object({
  v: literal("es1"),
  log: bytes(32),
  election: id,
  poll: natural(1),
  contest: id,
  position: nullable(id),
  electorate: id,
  size: natural(1),
  root: bytes(32),
  options: array(option, 1, MAX_OPTIONS),
  min: natural(),
  max: natural(1),
  joint_key: bytes(33),
  issuer_key: bytes(null),
  recovery: flag,
});

export type Option = Shaped<typeof option>;

/** A checked contest document with what follows from it. */
export interface Contest extends Shaped<typeof document> {
  /** `H("es1/context", document)`: everything of this contest is bound to it. */
  readonly context: Bytes;
  /** g_i: M for the blank option, else 1. */
  readonly weights: readonly number[];
  /** Y */
  readonly jointKey: Point;
}

/** Reads and checks a contest document; DataError where it breaks protocol §2. */
export function loadContest(raw: Bytes, rehearsal: boolean): Contest {
  check(raw.length <= MAX_SIZE, "contest");
  const contest = document(decode(raw), "contest");
  const { options, min, max } = contest;
  check(max <= options.length && min <= max && max - min <= MAX_SPREAD, "contest");
  check(areDistinct(options.map((item) => item.id)), "contest");
  check(options.every((item) => Object.keys(item.name).length), "contest");
  check(options.filter((item) => item.blank).length <= Math.min(1, min), "contest");
  checkModulus(contest.issuer_key, rehearsal);
  return {
    ...contest,
    context: H("es1/context", raw),
    weights: options.map((item) => (item.blank ? max : 1)),
    jointKey: decodePoint(contest.joint_key, "joint_key"),
  };
}

/** Refuses a vote outside `m ≤ Σ g_i·v_i ≤ M`. */
export function checkVote(contest: Contest, vote: readonly boolean[]): void {
  const sum = weigh(contest, vote);
  const { options, min, max } = contest;
  check(vote.length === options.length && sum >= min && sum <= max, "vote");
}

/** `Σ g_i·v_i` */
export const weigh = (contest: Contest, vote: readonly boolean[]): number =>
  contest.weights.reduce((sum, weight, i) => sum + (vote[i] ? weight : 0), 0);
