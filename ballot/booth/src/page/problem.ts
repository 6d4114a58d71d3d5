// A step that failed: what it says, what can be kept of it, and how to try again.

import { type Encodable, encode } from "../canonical.ts";
import { DataError, PeerError } from "../errors.ts";
import * as app from "./app.ts";
import { button, download } from "./dom.ts";
import { explain } from "./explain.ts";
import { Key } from "./keys.ts";
import { alert, interrupt, show } from "./screen.ts";
import { say } from "./words.ts";

/** What a voter hands to the committee when something was wrong. */
export const evidenceButton = (name: string, evidence: Encodable): HTMLElement =>
  button(`evidence-${name}`, Key.evidence, () => download(`evidence-${name}.json`, encode(evidence)));

/** Runs a step; where it fails, the voter sees why and can try it again. */
export async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    failed(error, () => void attempt(act));
  }
}

/** A step that failed as a whole, with a way to try again. Choices and sealed ballots are where they were. */
export function failed(error: unknown, again: () => void): void {
  const { disputed, votings } = app.session;
  const temporary = error instanceof PeerError;
  const calm = temporary || votings.some(({ state }) => /cast/.test(state)) || (error instanceof DataError && error.code.startsWith("link-"));
  interrupt(() =>
    show(
      "problem",
      say(calm ? Key.problemTitle : Key.alarmTitle),
      alert(explain(error)),
      temporary && button("retry", Key.retry, again, { kind: "primary" }),
      !temporary && !!disputed && evidenceButton("log", disputed),
    ),
  );
}
