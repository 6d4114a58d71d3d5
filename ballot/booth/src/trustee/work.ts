// What the tool does with a trustee's file and a copy of the log (election_service/trustee_tool.py): the log is checked whole,
// then, and only then, the secret is touched. Everything that goes into a message is taken from the log that was checked.

import { type Bytes, fromUtf8, type Random, utf8 } from "../bytes.ts";
import { decode, encode, type Json } from "../canonical.ts";
import { receiptShape } from "../check/proof_file.ts";
import type { Pause } from "../encryption.ts";
import { check, DataError } from "../errors.ts";
import { digest } from "../transcript.ts";
import type { JointKey } from "./ceremony.ts";
import { recordDecryption, rememberLog, secretShareOf, signerOf, type TrusteeFile, verifyRemembered } from "./file.ts";
import type { PollState } from "./log/state.ts";
import { sumsOf } from "./log/state.ts";
import { sumsJson } from "./log/tally.ts";
import { type CheckedLog, type GivenReceipt, verifyLog } from "./log/verify.ts";
import type { Data } from "./messages.ts";
import { makeShare } from "./share.ts";
import type { LogFiles } from "./source.ts";
import { makeCanary, nextStep } from "./tool.ts";

/** A message for the service: exactly what POST /trustee-messages takes. */
export interface MessageFile {
  readonly kind: string;
  readonly data: Data;
}
export const messageBytes = ({ kind, data }: MessageFile): Bytes => encode({ kind, data: data as Json });

/** The file to store first, and then what to publish. */
export interface Done {
  readonly file: TrusteeFile;
  readonly messages: readonly MessageFile[];
}

/** A receipt file that somebody handed over; DataError ("not-a-receipt") for anything else. */
export function receiptOf(raw: Bytes): GivenReceipt {
  try {
    return receiptShape(decode(utf8(fromUtf8(raw).trim())), "receipt");
  } catch {
    throw new DataError("receipt", "not-a-receipt");
  }
}

/** Checks a copy of the log whole, and that it goes on from the one that the file saw before; the file remembers it. */
export async function checkLog(
  file: TrusteeFile,
  files: LogFiles,
  pinned: Bytes | null,
  receipts: readonly GivenReceipt[],
  random: Random,
  pause: Pause,
): Promise<{ file: TrusteeFile; log: CheckedLog }> {
  const log = await verifyLog(files, { pinned, seen: file.log, receipts, random, pause });
  check(log.opened.election === file.election, `log: of ${log.opened.election}, the file is for ${file.election}`, "another-election");
  return { file: rememberLog(file, log.size, log.root), log };
}

/** The message that this trustee owes the ceremony now; none where nothing is due. */
export async function advance(file: TrusteeFile, log: CheckedLog, random: Random): Promise<Done> {
  check(log.ceremony, "the committee has not opened a session of the trustees yet", "no-session");
  const { file: next, step } = await nextStep(file, log.ceremony, random);
  return { file: next, messages: step ? [step] : [] };
}

/** The canary for one poll: this file still works. Decrypts nothing that it is sent. */
export async function prove(file: TrusteeFile, log: CheckedLog, poll: number, random: Random): Promise<Done> {
  const joint = jointKeyOf(file, log);
  const next = await advance(file, log, random); // notes that all have confirmed
  return { file: next.file, messages: [{ kind: "trustee.canary", data: makeCanary(next.file, log.logId, joint, poll, random) }] };
}

/** Shares of the sums of one closed poll, from the tool's own sums; `now`: POSIX seconds. Refusals change nothing. */
export function decrypt(given: TrusteeFile, log: CheckedLog, poll: number, now: number, random: Random): Done {
  const joint = jointKeyOf(given, log);
  const state = log.polls.find(({ number }) => number === poll);
  check(state, `poll ${poll}: not in the log`, "bad-log");
  checkDecryptable(state, log.reviewWindow, now);
  let file = given;
  const messages: MessageFile[] = [];
  const inOrder = [...state.opened].sort((one, other) => (one.contest.contest < other.contest.contest ? -1 : 1)); // as the command line
  for (const contest of inOrder) {
    if (contest.stage !== "summed" || contest.ballots === 0) continue;
    // never fewer than two, whatever the constitution says (A67); its own floor was checked with the sums
    check(contest.ballots >= 2, `contest ${contest.contest.contest}: one ballot`, "too-few");
    file = recordDecryption(file, contest.contest.context, digest(encode(sumsJson(contest))));
    const data = makeShare(joint.session, sumsOf(contest), file.current!.i, secretShareOf(file, joint), signerOf(file), random);
    messages.push({ kind: "tally.share", data });
  }
  return { file, messages };
}

/** An open poll, an unfinished review window, and missing sums are refused (A27, A28). */
export function checkDecryptable({ number, closed, opened }: PollState, reviewWindow: number, now: number): void {
  check(closed !== null, `poll ${number}: not closed`, "poll-open");
  check(now >= closed + reviewWindow, `poll ${number}: the review window ends in ${closed + reviewWindow - now} seconds`, "review-window");
  const waiting = opened.filter(({ stage }) => stage === "closed" || stage === "destroyed");
  check(waiting.length === 0, `poll ${number}: the sums of ${waiting.length} contests are not published yet`, "no-sums");
}

function jointKeyOf(file: TrusteeFile, log: CheckedLog): JointKey {
  check(log.jointKey, "the trustees have not confirmed a joint key in this log", "no-joint-key");
  verifyRemembered(file, log.jointKey);
  return log.jointKey;
}
