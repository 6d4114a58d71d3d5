// What is remembered while a log is read (audit/state.py). It grows with polls, contests, voters and ballots' keys, and
// holds no ballot.

import type { Bytes } from "../../bytes.ts";
import type { Contest } from "../../contest.ts";
import type { Point } from "../../curve.ts";
import { check } from "../../errors.ts";
import type { LogOpened, Member } from "../../log.ts";
import { Frontier } from "../../tiles.ts";
import type { Ceremony, JointKey } from "../ceremony.ts";
import type { ContestSums } from "../share.ts";
import type { LogFiles } from "../source.ts";

/** How far a contest has come; never back. */
export const STAGES = ["planned", "open", "closed", "destroyed", "summed", "counted", "withheld"] as const;
export type Stage = (typeof STAGES)[number];
export const isSettled = (stage: Stage): boolean => stage === "counted" || stage === "withheld";

/** One contest. Contexts and keys are hex where they are keys of a map. */
export interface ContestState {
  readonly contest: Contest;
  stage: Stage;
  announced: { readonly ballots: number; readonly tokens: number; readonly token_root: Bytes } | null;
  ballots: number;
  sums: [Point, Point][];
  readonly spent: Set<string>;
  tokens: number;
  readonly tokenTree: Frontier;
  readonly decryptions: Map<number, Point[]>;
  readonly shareSignatures: Set<string>;
}

export const sumsOf = ({ contest, ballots, sums }: ContestState): ContestSums => ({ context: contest.context, ballots, pairs: sums });

export interface PollState {
  readonly number: number;
  state: "planned" | "open" | "paused" | "closed" | "declared" | "certified" | "annulled";
  /** logged for this poll, by context */
  readonly contests: Map<string, ContestState>;
  opened: ContestState[];
  readonly canaries: Set<number>;
  closes: number;
  closed: number | null;
  tokensDone: boolean;
  declared: Bytes | null;
}

export interface Electorate {
  readonly size: number;
  readonly root: Bytes;
  readonly blob: string;
  /** the keys, hex */
  readonly keys: ReadonlySet<string>;
}

export interface Rules {
  readonly min_ballots: number;
  readonly review_window: number;
}

/** Owner: the one `verifyLog`. */
export class LogState {
  logId: Bytes = new Uint8Array(32);
  opened: LogOpened | null = null;
  committee: { readonly members: readonly Member[]; readonly threshold: number } = { members: [], threshold: 1 };
  rules: Rules | null = null;

  size = 0;
  lastHash: Bytes = new Uint8Array(32);
  lastTime = 0;
  readonly tree = new Frontier();
  readonly acts = new Set<string>();

  preparing = 0; // how far the preparation of the next poll has come: see order.ts
  run = 0; // ballots since the last `sealed`
  tokenRun = false; // the last entry was `poll.closed` or a token
  causes = false; // the last entry may cause derived ones, or is one
  lastTracker: Bytes = new Uint8Array(0); // of this sealing
  lastToken: Bytes = new Uint8Array(0); // context ‖ credential of this close
  readonly polls: PollState[] = [];
  readonly contests = new Map<string, ContestState>();

  ceremony: Ceremony | null = null;
  jointKey: JointKey | null = null;

  readonly electorates = new Map<string, Electorate>();
  readonly replacedBy = new Map<string, string>();
  readonly replaces = new Map<string, string>();
  modulusSize = 0; // bytes of every issuer key, once there is one
  moduliProduct = 1n; // of all issuer keys so far
  /** "context/tracker" of the receipts that were given → found */
  readonly receipts = new Map<string, boolean>();
  readonly notes: string[] = [];

  constructor(readonly files: LogFiles) {}

  /** The newest poll. */
  get poll(): PollState | null {
    return this.polls[this.polls.length - 1] ?? null;
  }

  /** Entry 0, for whatever stands behind it. */
  get opening(): LogOpened {
    check(this.opened, "entry 0");
    return this.opened;
  }

  /** The poll that takes ballots now; a paused one still seals what waits. */
  running(kind: string, number: number | null = null): PollState {
    const { poll } = this;
    check(poll && (poll.state === "open" || poll.state === "paused"), `${kind}: no poll is open`);
    check(number === null || poll.number === number, `${kind}: of another poll`);
    return poll;
  }
}

/** The log is not what it must be; the text says where. */
export function refuse(holds: unknown, what: string): asserts holds {
  check(holds, what, "bad-log");
}
