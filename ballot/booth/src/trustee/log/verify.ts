// The log, checked whole before a trustee's secret is touched (protocol §10, "The trustee's tool"): audit/verify.py step by
// step, up to where a decryption can begin. The first thing that does not hold ends it: DataError. What is only the law's,
// which no decryption depends on, is left to `election-audit verify`; NOT_CHECKED says what.

import { unb64 } from "../../base64url.ts";
import { type Bytes, equal, hex, type Random } from "../../bytes.ts";
import { decode } from "../../canonical.ts";
import type { Pause } from "../../encryption.ts";
import { check, DataError } from "../../errors.ts";
import { type LogOpened, readCheckpoint } from "../../log.ts";
import { answer, natural } from "../../schema.ts";
import { verify } from "../../schnorr.ts";
import { H } from "../../transcript.ts";
import type { Ceremony, JointKey } from "../ceremony.ts";
import { blobOf, checkpointOf, entriesOf, type LogFiles } from "../source.ts";
import { verifyAct, verifyOpening } from "./approvals.ts";
import { takeBallot } from "./ballots.ts";
import { Batch } from "./batch.ts";
import { takeEntry } from "./chain.ts";
import { verifyContest } from "./contests.ts";
import { verifyElectorates } from "./electorates.ts";
import { type Entry, is } from "./kinds.ts";
import { verifyOrder } from "./order.ts";
import { verifyPhases } from "./phases.ts";
import { type ContestState, LogState, type PollState, refuse } from "./state.ts";
import { verifyTally } from "./tally.ts";
import { finishTokens, takeToken } from "./tokens.ts";
import { verifyTrustees } from "./trustees.ts";

/** The checks of protocol §11 that this tool leaves out; the page names them. */
export const NOT_CHECKED = ["result", "decisions", "support", "seats"] as const;

/** A receipt that a voter handed over. */
export interface GivenReceipt {
  readonly log: Bytes;
  readonly context: Bytes;
  readonly tracker: Bytes;
  readonly signature: Bytes;
}

export interface LogOptions {
  /** the log id, or its beginning, as the committee announced it */
  readonly pinned: Bytes | null;
  /** size and root of the log as the trustee's file saw it last */
  readonly seen: { readonly size: number; readonly root: string } | null;
  readonly receipts: readonly GivenReceipt[];
  /** weights of batch equations */
  readonly random: Random;
  readonly pause: Pause;
}

/** A log that was checked; everything that follows is taken from here. */
export interface CheckedLog {
  readonly logId: Bytes;
  readonly opened: LogOpened;
  readonly size: number;
  readonly root: Bytes;
  /** POSIX seconds of the last entry that has a time */
  readonly lastTime: number;
  readonly ceremony: Ceremony | null;
  readonly jointKey: JointKey | null;
  readonly polls: readonly PollState[];
  readonly contests: readonly ContestState[];
  readonly reviewWindow: number;
  readonly minBallots: number;
  readonly notes: readonly string[];
}

const SLICE = 30; // milliseconds of work between two pauses
const constitution = answer({ min_ballots: natural(2), review_window: natural() });

/** DataError where anything does not hold. */
export async function verifyLog(files: LogFiles, { pinned, seen, receipts, random, pause }: LogOptions): Promise<CheckedLog> {
  const log = new LogState(files);
  for (const { context, tracker } of receipts) log.receipts.set(`${hex(context)}/${hex(tracker)}`, false);
  const note = await checkpointOf(files);
  const size = Number(note.split("\n")[1]);
  refuse(Number.isSafeInteger(size) && size > 0, "checkpoint: no size");
  check(!seen || size >= seen.size, `log: ${size} entries, ${seen?.size} were seen before`, "older-log");
  const batch = new Batch(random, () => pause(log.size, size));
  let worked = performance.now();
  for await (const raw of entriesOf(files, size)) {
    const entry = takeEntry(log, raw);
    await within(`entry ${entry.seq}`, () => verifyEntry(log, entry, batch, pinned, pause));
    if (seen?.size === log.size) check(equal(log.tree.root(), unb64(seen.root, 32, "root")), "log: not the one seen before", "another-history");
    if (performance.now() - worked > SLICE) {
      await pause(log.size, size);
      worked = performance.now();
    }
  }
  await batch.finish();
  finishTokens(log, true);
  await verifyEnd(log, note);
  verifyReceipts(log, receipts);
  await pause(size, size);
  const { logId, opening: opened, lastTime, ceremony, jointKey, polls, contests, rules, notes } = log;
  const { min_ballots: minBallots, review_window: reviewWindow } = rules!;
  return { logId, opened, size, root: log.tree.root(), lastTime, ceremony, jointKey, polls, contests: [...contests.values()], reviewWindow, minBallots, notes };
}

/** Names the entry in what is refused about it. */
async function within(what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof DataError && !error.message.startsWith("entry") && !error.message.startsWith("log:")) {
      throw new DataError(`${what}: ${error.message}`, "bad-log");
    }
    throw error;
  }
}

/** The steps of one entry, in order. */
async function verifyEntry(log: LogState, entry: Entry, batch: Batch, pinned: Bytes | null, pause: Pause): Promise<void> {
  if (!is(entry, "token") && !is(entry, "ballot")) {
    // tokens, quantities: as announced; ballots ≤ tokens ≤ electorate (A43, A48)
    finishTokens(log, false);
  }
  // entries: the log that was asked for, and its keys (A12, A55)
  if (is(entry, "log.opened") && entry.seq === 0) verifyOpening(log, entry, pinned);
  // entries: everything at its place; nothing reopens (A28, A99)
  verifyOrder(log, entry);
  // phases, ballots: cast while their poll was open, valid, spent once (A01-A13, A36, A40, A41, A99)
  if (is(entry, "ballot")) return batch.add(await takeBallot(log, entry));
  // tokens: asked for by an entitled credential (A43, A45)
  if (is(entry, "token")) return takeToken(log, entry);
  if (is(entry, "sealed")) log.lastTracker = new Uint8Array(0);
  if (is(entry, "poll.closed")) await batch.finish();
  // phases: opened, extended, paused, closed in time; no share before the review window ends (A28, A99)
  verifyPhases(log, entry);
  // approvals: the committee acted together, each act once (A100)
  verifyAct(log, entry);
  // result: of the constitution, the two numbers on which a decryption depends
  if (is(entry, "constitution")) log.rules = constitution(decode(await blobOf(log.files, entry.data.blob)), "constitution");
  // trustees: proofs, transcript, recomputed joint key, canaries (A20-A25, A29)
  await verifyTrustees(log, entry);
  // electorates: who may vote, signed and complete (A15, A45)
  await verifyElectorates(log, entry, pause);
  // contests: bound to log, roll, joint key and an issuer key of its own (A12, A31, A37, A53)
  verifyContest(log, entry);
  // sums: exactly the logged ballots, and enough of them; shares and counts (A04, A23, A25-A27, A67)
  verifyTally(log, entry);
}

/** All entries, under the root that the log and its witnesses signed (A14, A55-A58, A62). */
async function verifyEnd(log: LogState, note: string): Promise<void> {
  const { size, root } = await readCheckpoint(note, log.opening);
  refuse(log.rules, "the log ends before its constitution");
  refuse(log.size === size && equal(log.tree.root(), root), "checkpoint: not the root of these entries");
  refuse(!log.run, "the log ends with ballots that are not sealed");
}

/** A receipt of this log must be honoured once its poll is closed; one that the log did not sign proves nothing (A27, A47, A48). */
function verifyReceipts(log: LogState, receipts: readonly GivenReceipt[]): void {
  for (const receipt of receipts) {
    if (!isSigned(log, receipt)) {
      log.notes.push("a receipt was given that is not of this log");
      continue;
    }
    if (log.receipts.get(`${hex(receipt.context)}/${hex(receipt.tracker)}`)) continue;
    const contest = log.contests.get(hex(receipt.context));
    const state = contest && log.polls[contest.contest.poll - 1]?.state;
    check(state === "planned" || state === "open" || state === "paused", "receipt: its ballot is missing from the log", "receipt-missing");
  }
}

function isSigned(log: LogState, { log: of, context, tracker, signature }: GivenReceipt): boolean {
  try {
    verify(log.opening.receipt_key, H("es1/receipt", log.logId, context, tracker), signature, "receipt");
    return equal(of, log.logId);
  } catch {
    return false;
  }
}
