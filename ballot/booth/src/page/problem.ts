// What went wrong and what to do, in two sentences for every code.

import { type Encodable, encode } from "../canonical.ts";
import { BoothError, DataError, PeerError } from "../errors.ts";
import * as app from "./app.ts";
import { button, download, h, link, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { alert, interrupt, show } from "./screen.ts";
import { duration } from "./when.ts";
import { say, type Sentence, texts } from "./words.ts";

/** The sentences for an error; what has none of its own says the code and the technical reason. */
export function explain(error: unknown): HTMLElement {
  const { code, message: detail } = error instanceof BoothError ? error : { code: "internal", message: String(error) };
  const family = error instanceof PeerError ? "other" : error instanceof DataError ? "unproven" : "failed";
  const key: Sentence = `problem.${texts.has(`problem.${code}`) ? code : family}`;
  const wait = error instanceof PeerError && error.retryAfter;
  return h(
    "div",
    {},
    p(key, "what"),
    p(`${key}.do`, null, { code, detail }),
    !!wait && p(Key.tryIn, null, { time: duration(texts, wait * 1000 + 59_999) }),
    /^(link-|login-refused)/.test(code) && h("p", {}, link(app.page("/link"), say(Key.linkAgain))),
  );
}

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
