// Is a ballot in the log? (protocol §7, §9) Everything is computed here, from the files of the log; the service's own list
// only says where to look. What it denies is searched for in the whole log before anybody is accused (A47, A48).

import type { ElectionAnswer } from "../api.ts";
import { ballotShape, shortCode, trackerOf } from "../ballot.ts";
import { type Bytes, equal, utf8 } from "../bytes.ts";
import { encode, type Json } from "../canonical.ts";
import type { Contest } from "../contest.ts";
import { DataError } from "../errors.ts";
import { type LogView, readCheckpoint, verifyLog } from "../log.ts";
import { leafHash, verifyInclusion } from "../merkle.ts";
import { verify } from "../schnorr.ts";
import { answer, array, bytes, text } from "../schema.ts";
import { type PositionNames, readPositions, type Title, titleOf } from "../titles.ts";
import { digest, H } from "../transcript.ts";
import type { Given } from "./given.ts";
import { encodeProof, type ProofFile, type Receipt } from "./proof_file.ts";
import type { ContestInfo, Published } from "./published.ts";
import { Frontier, Tiles } from "../tiles.ts";

const CLOSED = ["closed", "tallied", "declared"];
const BUNDLE = 256;
const ATTEMPTS = 3; // the log may grow between the list and the checkpoint

/** Called between pieces of work: how many entries of how many have been read. */
export type Progress = (done: number, of: number) => Promise<void>;

/** What became of the ballot, in the log of this id. */
export type Outcome = { readonly about: ElectionAnswer; readonly logId: Bytes } & (
  | { kind: "recorded"; found: Found; title: Title; receipt: boolean }
  /** not sealed yet, or no such code; `closes`: when all ballots are due, null if that is not known */
  | { kind: "waiting"; receipt: boolean; closes: string | null }
  /** promised, due, and not there */
  | { kind: "missing"; size: number; evidence: Bytes }
  | { kind: "unknown" }
  /** a receipt or proof of another log, or one that this log's keys did not sign */
  | { kind: "foreign" }
  | { kind: "forged"; evidence: Bytes }
);

/** `proof`: the bytes of the .tlog-proof file. */
interface Found {
  readonly seq: number;
  readonly size: number;
  readonly context: Bytes;
  readonly tracker: Bytes;
  readonly proof: Bytes;
}

/** DataError where the log does not hold together, PeerError where the service gives no answer. */
export async function checkBallot(published: Published, given: Given, progress: Progress): Promise<Outcome> {
  const about = await published.about();
  const common = { about, logId: about.log };
  const log = await openLog(published, about);
  const { receipt, proof } = given;
  // 1. what was handed in is of this log, and signed by it
  const logs = [...(receipt ? [receipt.log] : []), ...(proof ? [digest(utf8(proof.opened))] : [])];
  if (!logs.every((id) => equal(id, log.view.logId))) return { ...common, kind: "foreign" };
  if ((receipt && !isSigned(log.view, receipt)) || (proof && !(await isProven(log.view, proof)))) {
    return { ...common, kind: "forged", evidence: evidenceOf(log, given) };
  }
  // 2. the lists of all contests in question, whole
  const contests = (await published.contests()).filter(({ context }) => !receipt || equal(context, receipt.context));
  for (const contest of contests) {
    const listed = (await published.ballots(contest.context)).find((ballot) => isGiven(given, ballot));
    if (!listed) continue;
    const grown = await grownTo(published, about, log, listed.seq);
    return recorded(await record(published, grown, given, listed.seq), grown);
  }
  // 3. ballots wait until they are sealed, at the latest at the close; a code alone is nobody's promise
  const open = contests.filter(({ state }) => !CLOSED.includes(state));
  const waiting = { ...common, kind: "waiting", receipt: receipt !== null, closes: closingOf(about, open) } as const;
  if (!receipt && !proof) return open.length > 0 ? waiting : { ...common, kind: "unknown" };
  // 4. nobody is accused on the word of a list, nor put off because the service says that a poll is open: the whole log
  // is read, which has the close. What a proof shows was in the log, and does not wait any more
  const { seq, closed } = await searchAll(log, given, progress);
  if (seq !== null) return recorded(await record(published, log, given, seq), log);
  if (!proof && !closed) return waiting;
  return { ...common, kind: "missing", size: log.tiles.size, evidence: evidenceOf(log, given) };

  async function recorded(found: Found, in_: OpenLog): Promise<Outcome> {
    const contest = contests.find(({ context }) => equal(context, found.context))?.contest ?? "";
    return { ...common, kind: "recorded", found, title: await titleIn(published, in_, contest), receipt: receipt !== null };
  }
}

/** When the last of these polls closes; null where one does not say, or there is none. */
function closingOf(about: ElectionAnswer, open: readonly ContestInfo[]): string | null {
  const times = about.polls.filter(({ poll }) => open.some((contest) => contest.poll === poll)).map(({ closes }) => closes ?? "");
  return times.includes("") ? null : (times.sort().pop() ?? null);
}

// ---- the log ---------------------------------------------------------------------------------------------------------

interface OpenLog {
  readonly note: string;
  readonly tiles: Tiles;
  readonly view: LogView;
}

/** Entry 0 hashes to the log id, its key has signed the checkpoint, witnesses as it says, and it is in the tree. */
async function openLog(published: Published, about: ElectionAnswer): Promise<OpenLog> {
  const note = new TextDecoder().decode(await published.file("checkpoint"));
  const size = Number(note.split("\n")[1]); // as the log says; verifyLog reads it strictly
  if (!Number.isSafeInteger(size) || size < 1) throw new DataError("checkpoint: the size is not a number");
  const tiles = new Tiles((path) => published.file(path), size);
  return { note, tiles, view: await viewOf(note, tiles, [0], about.log, published.election) };
}

/** The entries, proven to be in the log that the checkpoint signs. */
async function viewOf(note: string, tiles: Tiles, places: readonly number[], logId: Bytes, election: string): Promise<LogView> {
  const proven = [];
  for (const seq of places) proven.push({ seq, entry: await tiles.entry(seq), proof: await tiles.inclusion(seq) });
  return verifyLog(note, proven, logId, election);
}

/** The log with at least this entry: it may have grown while the list was fetched. */
async function grownTo(published: Published, about: ElectionAnswer, log: OpenLog, seq: number): Promise<OpenLog> {
  for (let attempt = 0; log.tiles.size <= seq; attempt++) {
    if (attempt === ATTEMPTS) throw new DataError(`log: the list names entry ${seq}, which is not published`);
    log = await openLog(published, about);
  }
  return log;
}

const isGiven = ({ tracker, short }: Given, ballot: { tracker: Bytes }): boolean =>
  tracker ? equal(tracker, ballot.tracker) : shortCode(ballot.tracker) === short;

function isSigned({ opened, logId }: LogView, receipt: Receipt): boolean {
  try {
    verify(opened.receipt_key, H("es1/receipt", logId, receipt.context, receipt.tracker), receipt.signature, "receipt");
    return true;
  } catch {
    return false;
  }
}

/** A proof that was brought along must hold by itself: only then does the ballot's absence from today's log say anything. */
async function isProven({ opened, logId }: LogView, proof: ProofFile): Promise<boolean> {
  try {
    const { size, root } = await readCheckpoint(proof.checkpoint, opened);
    verifyInclusion(leafHash(utf8(proof.entry)), proof.index, size, proof.hashes, root, "proof");
    return equal(digest(utf8(proof.opened)), logId);
  } catch {
    return false;
  }
}

// ---- found -----------------------------------------------------------------------------------------------------------

/** The ballot's entry, proven, and the file that proves it to others. */
async function record(published: Published, { note, tiles, view }: OpenLog, given: Given, seq: number): Promise<Found> {
  const { entries } = await viewOf(note, tiles, [0, seq], view.logId, published.election);
  const entry = entries.find((candidate) => candidate.seq === seq)!;
  const { context, body } = ballotShape(entry.data as Json, `entry ${seq}`);
  const tracker = trackerOf(encode(body));
  if (entry.kind !== "ballot" || !isGiven(given, { tracker })) throw new DataError(`entry ${seq}: not the ballot that the list says it is`);
  if (given.receipt && !equal(context, given.receipt.context)) throw new DataError(`entry ${seq}: of another contest than the receipt`);
  const proof = encodeProof({
    index: seq,
    hashes: await tiles.inclusion(seq),
    checkpoint: note,
    opened: await tiles.entry(0),
    entry: await tiles.entry(seq),
    receipt: given.receipt,
  });
  return { seq, size: tiles.size, context, tracker, proof };
}

/** The names of the positions, from the constitution that the log names; none where it cannot be had: nothing rests on it. */
async function positions(published: Published, { note, tiles, view }: OpenLog): Promise<PositionNames> {
  try {
    const { entries } = await viewOf(note, tiles, [0, 1], view.logId, published.election);
    const { blob } = answer({ blob: text })(entries[1]!.data as Json, "constitution");
    return readPositions(await published.file(`blobs/${blob}`), blob);
  } catch {
    return new Map();
  }
}

async function titleIn(published: Published, log: OpenLog, contest: string): Promise<Title> {
  const names = await positions(published, log);
  const position = [...names.keys()].filter((id) => contest === id || contest.startsWith(`${id}.`)).sort((a, b) => b.length - a.length)[0];
  return titleOf({ contest, position: position ?? null } as Contest, names);
}

// ---- not found -------------------------------------------------------------------------------------------------------

const closedShape = answer({ contests: array(answer({ context: bytes(32) })) });

/** Every entry of the log, under its signed root: where the ballot is, and whether its contest is closed. */
async function searchAll({ tiles, view }: OpenLog, given: Given, progress: Progress): Promise<{ seq: number | null; closed: boolean }> {
  const tree = new Frontier();
  let [seq, closed]: [number | null, boolean] = [null, false];
  for (let first = 0; first < tiles.size; first += BUNDLE) {
    await progress(first, tiles.size);
    for (const entry of await tiles.bundle(first / BUNDLE)) {
      const { kind, data } = JSON.parse(entry) as { kind: string; data: { [name: string]: Json } };
      if (kind === "ballot" && isGiven(given, { tracker: trackerOf(encode(data["body"]!)) })) seq = tree.size;
      if (kind === "poll.closed" && given.receipt) {
        closed ||= closedShape(data, kind).contests.some(({ context }) => equal(context, given.receipt!.context));
      }
      tree.append(leafHash(utf8(entry)));
    }
  }
  if (!equal(tree.root(), view.checkpoint.root)) throw new DataError("log: the entries are not those that the log signed");
  return { seq, closed };
}

/** What proves to others that the service did not keep its word; nothing in it says how one voted. */
function evidenceOf({ note }: OpenLog, { receipt, proof }: Given): Bytes {
  const held = proof && { checkpoint: proof.checkpoint, entry: proof.entry, opened: proof.opened };
  return encode({ receipt: receipt, proof: held, checkpoint: note });
}
