// trustees: the ceremony up to the joint key, and the canaries before each poll (audit/checks/trustees.py; A20-A25, A29).

import { Ceremony } from "../ceremony.ts";
import type { Step, StepKind } from "../messages.ts";
import { Session } from "../session.ts";
import { verifyCanary } from "../tool.ts";
import { type Entry, is } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

const STEPS = new Set<string>(["hashed", "committed", "shared", "confirmed", "complained"].map((step) => `trustee.${step}`));

export async function verifyTrustees(log: LogState, entry: Entry): Promise<void> {
  if (is(entry, "trustee.opened")) openSession(log, entry);
  else if (STEPS.has(entry.kind)) await addStep(log, { kind: entry.kind as StepKind, data: entry.json });
  else if (is(entry, "trustee.canary")) addCanary(log, entry);
  else if (is(entry, "poll.opened")) {
    const [k, shown] = [log.jointKey!.session.k, log.poll!.canaries.size];
    refuse(shown >= k, `poll.opened: canaries of ${shown} trustees, expected ${k}`);
  }
}

/** A stalled or void session ends by the next attempt; attempts are counted, so that none is hidden. */
function openSession(log: LogState, { data }: Entry<"trustee.opened">): void {
  const expected = (log.ceremony?.session.attempt ?? 0) + 1;
  refuse(data.attempt === expected, `trustee.opened: attempt ${data.attempt}, expected ${expected}`);
  log.ceremony = new Ceremony(new Session(log.logId, data.attempt, data.k, data.trustees));
}

async function addStep(log: LogState, step: Step): Promise<void> {
  const { ceremony } = log;
  refuse(ceremony, `${step.kind}: no session is open`);
  ceremony.add(step);
  if (ceremony.stage === "done") log.jointKey = ceremony.jointKey;
  if (ceremony.stage === "void") log.notes.push(`attempt ${ceremony.session.attempt}: trustee ${await ceremony.guilty()} is at fault`);
}

function addCanary(log: LogState, { data }: Entry<"trustee.canary">): void {
  verifyCanary(log.logId, log.jointKey!, data);
  const { canaries } = log.poll!;
  refuse(!canaries.has(data.i), `trustee.canary: a second one of trustee ${data.i}`);
  canaries.add(data.i);
}
