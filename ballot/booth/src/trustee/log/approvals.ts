// approvals: the committee's acts are signed by enough of its members, and no approval serves twice (A100).

import { compare, hex, utf8 } from "../../bytes.ts";
import { check } from "../../errors.ts";
import { type LogOpened, type Member, without } from "../../log.ts";
import { array, bytes, id, object } from "../../schema.ts";
import { verify } from "../../schnorr.ts";
import { checkEd25519Key } from "../../ed25519.ts";
import { H } from "../../transcript.ts";
import { checkKey } from "../session.ts";
import { type Entry, is } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

const ORIGIN = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?\/([a-z0-9.-]+)$/;
const approvalsShape = array(object({ member: id, signature: bytes(64) }));

/** Entry 0 is well formed, and its hash is the log id that was asked for (A12, A55). */
export function verifyOpening(log: LogState, { data, digest }: Entry<"log.opened">, pinned: Uint8Array | null): void {
  check(!pinned || hex(digest).startsWith(hex(pinned)), "log: another log than the one asked for", "wrong-log");
  refuse(ORIGIN.exec(data.origin)?.[3] === data.election, "entry 0: origin");
  checkEd25519Key(data.log_key, "entry 0: log_key");
  checkKey(data.receipt_key, "entry 0: receipt_key");
  checkKey(data.registrar.key, "entry 0: registrar");
  verifyWitnesses(data);
  log.committee = committeeOf(data.members, data.threshold);
  [log.opened, log.logId] = [data, digest];
}

function verifyWitnesses({ witnesses, quorum }: LogOpened): void {
  const count = witnesses.length;
  for (const { name, key } of witnesses) {
    refuse(name !== "" && !/[\s\0-\x1f+]/u.test(name), "entry 0: a witness's name");
    checkEd25519Key(key, "entry 0: witness");
  }
  const distinct = new Set(witnesses.map(({ name }) => name)).size === count && new Set(witnesses.map(({ key }) => hex(key))).size === count;
  refuse(distinct && quorum <= count, "entry 0: witnesses");
}

/** Distinct members with distinct keys, and no more approvals asked for than there are members. */
function committeeOf(members: readonly Member[], threshold: number): LogState["committee"] {
  for (const { id: name, key } of members) checkKey(key, `member ${name}`);
  const distinct = new Set(members.map((member) => member.id)).size === members.length && new Set(members.map(({ key }) => hex(key))).size === members.length;
  refuse(distinct && threshold <= members.length, "members: not distinct, or fewer than the threshold");
  return { members, threshold };
}

/** An act carries a fresh number and enough signatures; a new committee is approved by the one before it. */
export function verifyAct(log: LogState, entry: Entry): void {
  const { kind, json, seq, time } = entry;
  if (!("approvals" in json)) return;
  const what = `entry ${seq}: ${kind}`;
  const { members, threshold } = log.committee;
  if (is(entry, "members")) log.committee = committeeOf(entry.data.members, entry.data.threshold);
  refuse(!log.acts.has(json["act"] as string), `${what}: the act of another entry`);
  log.acts.add(json["act"] as string);
  const approvals = approvalsShape(json["approvals"], what);
  if (kind === "poll.closed" && approvals.length === 0) {
    // at its closing time a poll closes without new approvals: they were given with the time
    return refuse(time! >= log.poll!.closes, `${what}: before the closing time, without approvals`);
  }
  refuse(approvals.every(({ member }, i) => i === 0 || compare(utf8(approvals[i - 1]!.member), utf8(member)) < 0), `${what}: approvals not distinct and ascending`);
  const message = H("es1/approve", log.logId, utf8(kind), without(json, "approvals"));
  for (const { member, signature } of approvals) {
    const signer = members.find((candidate) => candidate.id === member);
    refuse(signer, `${what}: ${member} is no member of the committee`);
    verify(signer.key, message, signature, `${what}: ${member}`);
  }
  refuse(approvals.length >= threshold, `${what}: ${approvals.length} approvals, expected ${threshold}`);
}
