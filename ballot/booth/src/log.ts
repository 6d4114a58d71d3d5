// Log entries (protocol §9) as the booth needs them: entry 0, and entries proven to be in the tree of a checkpoint.

import { type Bytes, equal, utf8 } from "./bytes.ts";
import { type Checkpoint, verifyCheckpoint } from "./checkpoint.ts";
import { decode, encode, type Json } from "./canonical.ts";
import { check } from "./errors.ts";
import { leafHash, verifyInclusion } from "./merkle.ts";
import { answer, any, array, bytes, flag, id, literal, natural, object, type Shape, type Shaped, table, text } from "./schema.ts";
import { digest } from "./transcript.ts";

export const MAX_ENTRY = 65_535;

const member = object({ id, key: bytes(32) });

/** Data of entry 0: everything that a voter must trust about a log follows from it. */
export const logOpened = object({
  v: literal("es1"),
  election: id,
  origin: text,
  log_key: bytes(32),
  receipt_key: bytes(32),
  registrar: object({ mode: literal("service", "offline"), key: bytes(32) }),
  members: array(member, 1),
  threshold: natural(1),
  witnesses: array(object({ name: text, key: bytes(32) })),
  quorum: natural(),
  nonce: bytes(16),
  rehearsal: flag,
});

export type LogOpened = Shaped<typeof logOpened>;
export type Member = Shaped<typeof member>;
export const membersShape = { members: array(member, 1), threshold: natural(1) };

/** An entry as the service hands it over: its exact text, with its inclusion proof. */
export const provenEntry = answer({ seq: natural(), entry: text, proof: array(bytes(32)) });
export type ProvenEntry = Shaped<typeof provenEntry>;

/** An entry that is in the log. `data` is still JSON: what is signed or hashed is its canonical bytes. */
export interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly data: { readonly [name: string]: Json };
}

/** The entries of one checkpoint, ascending by seq, and what entry 0 says. */
export interface LogView {
  readonly logId: Bytes;
  readonly opened: LogOpened;
  readonly checkpoint: Checkpoint;
  readonly entries: readonly Entry[];
}

const members = { seq: natural(), prev: bytes(32), kind: text, data: table(/^/, any) };

function readEntry(proven: ProvenEntry): Entry {
  const raw = utf8(proven.entry);
  const what = `entry ${proven.seq}`;
  check(raw.length <= MAX_ENTRY, what);
  const document = decode(raw);
  const timed = (document as { time?: Json } | null)?.time !== undefined;
  const entry = object({ ...members, ...(timed && { time: text }) })(document, what);
  check(entry.seq === proven.seq, what);
  return entry;
}

/** An entry that the checkpoint covers. */
export function readProven(proven: ProvenEntry, { size, root }: Checkpoint): Entry {
  const { seq, entry, proof } = proven;
  verifyInclusion(leafHash(utf8(entry)), seq, size, proof, root, `entry ${seq}`);
  return readEntry(proven);
}

export const WRONG_LOG = "wrong-log";

/** The log is the one that the ballot link names. */
export const verifyPrefix = (logId: Bytes, prefix: Bytes): void =>
  check(equal(logId.slice(0, prefix.length), prefix), "log", WRONG_LOG);

/** A checkpoint that the log of this entry 0 signed, and its witnesses as that entry asks. */
export const readCheckpoint = (note: string, { origin, log_key, witnesses, quorum }: LogOpened): Promise<Checkpoint> =>
  verifyCheckpoint(note, { log: { name: origin, key: log_key }, witnesses, quorum });

/**
 * Everything the service shows is in one log: the one that the ballot link pins (its id begins with `prefix`), under a
 * checkpoint that the log signed and the witness policy of entry 0 accepts (A32, A53, A55). DataError otherwise.
 */
export async function verifyLog(note: string, proven: readonly ProvenEntry[], prefix: Bytes, election: string): Promise<LogView> {
  const first = proven.find((entry) => entry.seq === 0);
  check(first, "entry 0");
  const logId = digest(utf8(first.entry));
  verifyPrefix(logId, prefix);
  const { kind, data } = readEntry(first);
  check(kind === "log.opened", "entry 0");
  const opened = logOpened(data as Json, "entry 0");
  check(opened.election === election, "election", WRONG_LOG);
  const checkpoint = await readCheckpoint(note, opened);
  const entries = proven.map((entry) => readProven(entry, checkpoint)).sort((a, b) => a.seq - b.seq);
  return { logId, opened, checkpoint, entries };
}

/** The data of the entries of one kind, checked against a shape, with what must be hashed of them. */
export function entriesOf<T>(view: LogView, kind: string, shape: Shape<T>): { seq: number; data: T; json: Entry["data"] }[] {
  return view.entries
    .filter((entry) => entry.kind === kind)
    .map(({ seq, data }) => ({ seq, data: shape(data as Json, `entry ${seq}`), json: data }));
}

/** `JCS(data without one member)`: what a signature inside the data covers. */
export function without(data: Entry["data"], name: string): Bytes {
  const { [name]: _, ...rest } = data;
  return encode(rest);
}
