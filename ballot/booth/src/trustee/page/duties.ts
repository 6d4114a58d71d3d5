// What a trustee owes now, read from the checked log; what is not due yet is said with the reason.

import { BoothError } from "../../errors.ts";
import { identityOf, type TrusteeFile } from "../file.ts";
import type { PollState } from "../log/state.ts";
import type { CheckedLog } from "../log/verify.ts";
import { checkDecryptable } from "../work.ts";

export interface Duty {
  /** "advance", "canary-1", "decrypt-1": the button's id */
  readonly id: string;
  readonly what: "hashed" | "committed" | "shared" | "confirmed" | "canary" | "decrypt" | "wait" | "void" | "stranger";
  readonly poll: number;
  readonly ready: boolean;
  readonly hint: string | null;
  readonly values: { readonly [name: string]: string | number };
}

/** `now`: POSIX seconds. */
export function duties(file: TrusteeFile, log: CheckedLog, now: number): Duty[] {
  const ceremony = duringCeremony(file, log);
  if (ceremony) return [ceremony];
  return log.polls.flatMap((poll) => ofPoll(file, log, poll, now));
}

const duty = (what: Duty["what"], rest: Partial<Duty> = {}): Duty => ({ id: "advance", what, poll: 0, ready: false, hint: null, values: {}, ...rest });

function duringCeremony(file: TrusteeFile, { ceremony }: CheckedLog): Duty | null {
  if (!ceremony) return duty("wait", { hint: "wait.session" });
  const { session, stage } = ceremony;
  if (stage === "done") return null;
  let number: number;
  try {
    number = session.numberOf(identityOf(file));
  } catch (error) {
    if (error instanceof BoothError) return duty("stranger");
    throw error;
  }
  if (stage === "void") return duty("void");
  const missing = session.identities.map((_, index) => index + 1).filter((i) => !ceremony[stage].has(i));
  if (ceremony[stage].has(number)) return duty("wait", { hint: `wait.${stage}`, values: { missing: missing.join(", ") } });
  return duty(stage, { ready: true });
}

function ofPoll(file: TrusteeFile, log: CheckedLog, poll: PollState, now: number): Duty[] {
  const own = file.current?.i ?? 0;
  const at = { poll: poll.number, values: { poll: poll.number } };
  if (poll.state === "planned") {
    const shown = poll.canaries.has(own);
    return [shown ? duty("wait", { ...at, id: `canary-${poll.number}`, hint: "wait.opening" }) : duty("canary", { ...at, id: `canary-${poll.number}`, ready: true })];
  }
  if (poll.state !== "closed") return [];
  const owed = poll.opened.filter(({ stage, ballots, decryptions }) => stage === "summed" && ballots > 0 && !decryptions.has(own));
  try {
    checkDecryptable(poll, log.reviewWindow, now);
  } catch (error) {
    if (!(error instanceof BoothError)) throw error;
    const ends = new Date((poll.closed! + log.reviewWindow) * 1000).toISOString().slice(0, 16).replace("T", " ");
    return [duty("wait", { ...at, id: `decrypt-${poll.number}`, hint: `wait.${error.code}`, values: { poll: poll.number, ends } })];
  }
  const values = { poll: poll.number, count: owed.length };
  return owed.length ? [duty("decrypt", { ...at, id: `decrypt-${poll.number}`, ready: true, values })] : [];
}
