// Acts of the committee carry members' signatures (protocol §9): the service can propose, never approve.

import type { Bytes } from "./bytes.ts";
import { utf8 } from "./bytes.ts";
import { DataError } from "./errors.ts";
import { entriesOf, type Entry, type LogView, membersShape, without } from "./log.ts";
import { verify } from "./schnorr.ts";
import { array, bytes, id, object, type Shaped } from "./schema.ts";
import { H } from "./transcript.ts";

/** Members of every approved data. */
export const approvedShape = { act: bytes(16), approvals: array(object({ member: id, signature: bytes(64) })) };

type Approvals = Shaped<typeof approvedShape.approvals>;

/** The committee in force at `seq`: entry 0's, or that of the last approved `members` entry before. */
function committeeAt(view: LogView, seq: number): { keys: Map<string, Bytes>; threshold: number } {
  const changes = entriesOf(view, "members", object({ ...membersShape, ...approvedShape })).filter((entry) => entry.seq < seq);
  for (const { seq: at, data, json } of changes) verifyApprovals(view, at, "members", data.approvals, json);
  const last = changes[changes.length - 1]?.data ?? view.opened;
  return { keys: new Map(last.members.map((member) => [member.id, member.key])), threshold: last.threshold };
}

/** Throws DataError ("approval-refused") unless enough distinct members signed this data. */
export function verifyApprovals(view: LogView, seq: number, kind: string, approvals: Approvals, json: Entry["data"]): void {
  const { keys, threshold } = committeeAt(view, seq);
  const names = approvals.map((approval) => approval.member);
  const message = H("es1/approve", view.logId, utf8(kind), without(json, "approvals"));
  for (const [i, { member, signature }] of approvals.entries()) {
    const key = keys.get(member);
    if (!key || names.indexOf(member) !== i) throw new DataError(`${kind}: approval by ${member}: no member, or twice`, "approval-refused");
    verify(key, message, signature, `${kind}: approval by ${member}`);
  }
  if (names.length < threshold) {
    throw new DataError(`${kind}: expected ${threshold} approvals, got ${names.length}`, "approval-refused");
  }
}
