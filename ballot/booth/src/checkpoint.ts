// Checkpoints (protocol §9): C2SP signed notes (signed-note, tlog-checkpoint) with witnesses' cosignatures
// (tlog-cosignature). Signatures by unknown keys are ignored, wrong ones by known keys are refused (A62).

import { unbase64 } from "./base64url.ts";
import { type Bytes, concat, equal, toNumber, utf8 } from "./bytes.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { DataError } from "./errors.ts";
import { digest } from "./transcript.ts";

const LOG_SIGNATURE = 0x01; // Ed25519 note signature
const COSIGNATURE = 0x04; // timestamped cosignature/v1
const MAX_LINES = 100;
const MAX_EXTENSIONS = 16;
const COSIGNATURE_SIZE = 8 + 64;

export interface NoteKey {
  readonly name: string;
  readonly key: Bytes;
}

/** Who must have signed: the log, and `quorum` of the witnesses. Both come from entry 0, which the link pins. */
export interface WitnessPolicy {
  readonly log: NoteKey;
  readonly witnesses: readonly NoteKey[];
  readonly quorum: number;
}

export interface Checkpoint {
  readonly size: number;
  readonly root: Bytes;
}

interface Line {
  readonly name: string;
  readonly keyId: Bytes;
  readonly signature: Bytes;
}

const refuse = (reason: string): never => {
  throw new DataError(`checkpoint: ${reason}`);
};

/** First 4 bytes of SHA-256(name ‖ newline ‖ type ‖ key). */
const keyId = (owner: NoteKey, type: number): Bytes =>
  digest(concat(utf8(`${owner.name}\n`), Uint8Array.of(type), owner.key)).slice(0, 4);

/** Reads a note and checks its signatures against the policy; DataError. */
export async function verifyCheckpoint(note: string, policy: WitnessPolicy): Promise<Checkpoint> {
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n") || /[\0-\x09\x0b-\x1f]/.test(note)) refuse("not a signed note");
  const body = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n").map(signatureLine);
  if (lines.length > MAX_LINES) refuse("too many signatures");
  const [origin, size, root, ...extensions] = body.slice(0, -1).split("\n");
  if (origin !== policy.log.name) refuse(`of the log ${origin}, expected ${policy.log.name}`);
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size ?? "") || !Number.isSafeInteger(Number(size))) refuse("the size is not a number");
  if (extensions.includes("") || extensions.length > MAX_EXTENSIONS) refuse("an empty line, or too many, in the text");
  const hash = unbase64(root ?? "", "checkpoint: root");
  if (hash.length !== 32) refuse("the root is not 32 bytes");
  if (!(await signedBy(policy.log, LOG_SIGNATURE, lines, utf8(body)))) refuse("not signed by the log");
  const cosigned = await Promise.all(policy.witnesses.map((witness) => signedBy(witness, COSIGNATURE, lines, utf8(body))));
  const count = cosigned.filter(Boolean).length;
  if (count < policy.quorum) refuse(`${count} cosignatures, expected ${policy.quorum}`);
  return { size: Number(size), root: hash };
}

function signatureLine(line: string): Line {
  const match = /^\u2014 ([^\s+]+) ([^\s]+)$/.exec(line);
  if (!match) return refuse("a signature line in another form");
  const raw = unbase64(match[2]!, "checkpoint: signature");
  if (raw.length < 5) refuse("a signature that is too short");
  return { name: match[1]!, keyId: raw.slice(0, 4), signature: raw.slice(4) };
}

/** Whether the key signed; a signature by this very key that is wrong or doubled is refused, not ignored. */
async function signedBy(owner: NoteKey, type: number, lines: readonly Line[], body: Bytes): Promise<boolean> {
  const wanted = keyId(owner, type);
  const own = lines.filter((line) => line.name === owner.name && equal(line.keyId, wanted));
  if (own.length > 1) refuse(`two signatures by ${owner.name}`);
  for (const { signature } of own) {
    const timed = type === COSIGNATURE;
    if (timed && signature.length !== COSIGNATURE_SIZE) refuse(`a cosignature by ${owner.name} of another length`);
    const stamp = timed ? toNumber(signature.slice(0, 8)) : 0n;
    const message = timed ? concat(utf8(`cosignature/v1\ntime ${stamp}\n`), body) : body;
    await verifyEd25519(owner.key, message, timed ? signature.slice(8) : signature, `checkpoint: ${owner.name}`);
  }
  return own.length === 1;
}
