// Acts of the committee carry members' signatures (protocol §9): the service can propose, never approve.

import { areDistinct, utf8 } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import type { Pause } from "./encryption.ts";
import { check } from "./errors.ts";
import { type LogView, membersShape, without } from "./log.ts";
import { verify } from "./schnorr.ts";
import { array, bytes, id, object } from "./schema.ts";
import { H } from "./transcript.ts";

/** Members of every approved data. */
export const approvedShape = { act: bytes(16), approvals: array(object({ member: id, signature: bytes(64) })) };

const approvals = approvedShape.approvals;
const changed = object({ ...membersShape, ...approvedShape });

/**
 * Throws DataError ("approval-refused") unless each entry with approvals has enough of them, by distinct members of the
 * committee in force: entry 0's, or that of the last `members` entry before. That an entry has the member at all is asked
 * by its shape, where it is read.
 */
export async function verifyActs(view: LogView, pause: Pause): Promise<void> {
  let { members, threshold } = view.opened;
  for (const [i, { kind, data, seq }] of view.entries.entries()) {
    if (!("approvals" in data)) continue;
    const signed = approvals(data["approvals"], kind);
    const message = H("es1/approve", view.logId, utf8(kind), without(data, "approvals"));
    check(signed.length >= threshold && areDistinct(signed.map(({ member }) => member)), kind, "approval-refused");
    for (const { member, signature } of signed) {
      const signer = members.find((candidate) => candidate.id === member);
      check(signer, kind, "approval-refused");
      verify(signer.key, message, signature, kind);
    }
    if (kind === "members") ({ members, threshold } = changed(data as Json, `entry ${seq}`));
    await pause(i, view.entries.length);
  }
}
