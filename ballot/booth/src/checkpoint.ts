// Checkpoints (protocol §9): C2SP signed notes (signed-note, tlog-checkpoint) with witnesses' cosignatures
// (tlog-cosignature). Signatures by unknown keys are ignored, wrong ones by known keys are refused (A62).

import { unbase64 } from "./base64url.ts";
import { type Bytes, concat, equal, toNumber, utf8 } from "./bytes.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { check } from "./errors.ts";
import { digest } from "./transcript.ts";

const LOG_SIGNATURE = 0x01; // Ed25519 note signature
const COSIGNATURE = 0x04; // timestamped cosignature/v1
/** Origin, size, root, up to 16 extensions; an empty line; up to 100 signatures. */
const NOTE = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n([^\n]+\n){0,16}\n(([^\n]+\n){1,100})$/;
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

const WHAT = "checkpoint";

/** First 4 bytes of SHA-256(name ‖ newline ‖ type ‖ key). */
const keyId = (owner: NoteKey, type: number): Bytes =>
  digest(concat(utf8(`${owner.name}\n`), Uint8Array.of(type), owner.key)).slice(0, 4);

/** Reads a note and checks its signatures against the policy; DataError. */
export async function verifyCheckpoint(note: string, policy: WitnessPolicy): Promise<Checkpoint> {
  const [, origin, size, root, , last] = NOTE.exec(note) ?? [];
  check(last && !/[\0-\x09\x0b-\x1f]/.test(note), WHAT);
  const body = utf8(note.slice(0, -last.length - 1));
  const lines = last.slice(0, -1).split("\n").map(signatureLine);
  check(origin === policy.log.name, WHAT);
  check(Number.isSafeInteger(Number(size)), WHAT);
  const hash = unbase64(root!, WHAT);
  check(hash.length === 32, WHAT);
  check(await signedBy(policy.log, LOG_SIGNATURE, lines, body), WHAT);
  const cosigned = await Promise.all(policy.witnesses.map((witness) => signedBy(witness, COSIGNATURE, lines, body)));
  const count = cosigned.filter(Boolean).length;
  check(count >= policy.quorum, "cosignatures");
  return { size: Number(size), root: hash };
}

function signatureLine(line: string): Line {
  const match = /^\u2014 ([^\s+]+) ([^\s]+)$/.exec(line);
  check(match, WHAT);
  const raw = unbase64(match[2]!, WHAT);
  check(raw.length >= 5, WHAT);
  return { name: match[1]!, keyId: raw.slice(0, 4), signature: raw.slice(4) };
}

/** Whether the key signed; a signature by this very key that is wrong or doubled is refused, not ignored. */
async function signedBy(owner: NoteKey, type: number, lines: readonly Line[], body: Bytes): Promise<boolean> {
  const wanted = keyId(owner, type);
  const own = lines.filter((line) => line.name === owner.name && equal(line.keyId, wanted));
  check(own.length <= 1, WHAT);
  for (const { signature } of own) {
    const timed = type === COSIGNATURE;
    check(!timed || signature.length === COSIGNATURE_SIZE, WHAT);
    const stamp = timed ? toNumber(signature.slice(0, 8)) : 0n;
    const message = timed ? concat(utf8(`cosignature/v1\ntime ${stamp}\n`), body) : body;
    await verifyEd25519(owner.key, message, timed ? signature.slice(8) : signature, WHAT);
  }
  return own.length === 1;
}
