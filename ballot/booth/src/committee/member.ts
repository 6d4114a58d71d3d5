// A member of the committee: the key, and approvals (protocol §9; election_service/committee.py, audit/approvals.py).

import { b64 } from "../base64url.ts";
import { type Bytes, equal, type Random, utf8 } from "../bytes.ts";
import { freshKey } from "../derive.ts";
import { check } from "../errors.ts";
import { type Cost, type Lock, lockOf, makeLock, openUnder, type Progress, readKeyFile, sealUnder } from "../keyfile.ts";
import { bytes, id, object } from "../schema.ts";
import { publicKey, sign, verify } from "../schnorr.ts";
import { H } from "../transcript.ts";

/** What a member's file shows without the passphrase. */
const shownShape = object({ member: id, key: bytes(32) });

export interface MemberKey {
  readonly member: string;
  readonly secret: Bytes;
  /** x-only, 32 bytes: stands in entry 0, or in a `members` entry */
  readonly key: Bytes;
}

/** Id and public key in a member's file, without the passphrase. */
export function readMember(raw: Uint8Array): { member: string; key: Bytes } {
  return shownShape(readKeyFile(raw, "member").public, "key file.public");
}

/** A new key under a passphrase; the file was opened again before it is returned. */
export async function newMemberKey(member: string, passphrase: string, random: Random, cost?: Cost, progress?: Progress): Promise<Bytes> {
  const { secret, key } = freshKey(random);
  const shown = { member: id(member, "member"), key: b64(key) };
  const lock = await makeLock(passphrase, random, cost, progress);
  const raw = await sealUnder(lock, "member", shown, secret, random);
  await openUnderLock(raw, lock);
  return raw;
}

/** Opens a member's file; the secret in it is the one of the key that it shows. */
export const openMemberKey = async (raw: Uint8Array, passphrase: string, progress?: Progress): Promise<MemberKey> =>
  openUnderLock(raw, await lockOf(raw, "member", passphrase, progress));

async function openUnderLock(raw: Uint8Array, lock: Lock): Promise<MemberKey> {
  const { member, key } = readMember(raw);
  const secret = await openUnder(lock, raw, "member");
  check(equal(publicKey(secret), key), "key file.public.key", "wrong-key");
  return { member, secret, key };
}

/** What a member signs: `H("es1/approve", log id, kind, JCS(data without approvals))`. */
export const approvalMessage = (logId: Uint8Array, kind: string, unsigned: Uint8Array): Bytes =>
  H("es1/approve", logId, utf8(kind), unsigned);

/** A member's approval of an act, as it goes to the service. */
export function makeApproval(logId: Uint8Array, kind: string, unsigned: Uint8Array, { member, secret, key }: MemberKey, random: Random): { member: string; signature: string } {
  const message = approvalMessage(logId, kind, unsigned);
  const signature = sign(secret, message, random(32));
  verify(key, message, signature, "approval"); // a fault of this device leaves no signature
  return { member, signature: b64(signature) };
}
