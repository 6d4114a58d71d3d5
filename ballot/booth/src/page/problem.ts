// What went wrong and what to do, in two sentences for every code.

import { encode, type Json } from "../canonical.ts";
import { BoothError, DataError, PeerError } from "../errors.ts";
import type { App } from "./app.ts";
import { button, download, h, link, p } from "./dom.ts";

const codeOf = (error: unknown): string => (error instanceof BoothError ? error.code : "internal");

/** The sentences for an error; what has none of its own says the code and the technical reason. */
export function explain(app: App, error: unknown): HTMLElement {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  const family = error instanceof PeerError ? "other" : error instanceof DataError ? "unproven" : "failed";
  const key = `problem.${app.texts.has(`problem.${code}`) ? code : family}`;
  const wait = error instanceof PeerError && error.retryAfter;
  return h(
    "div",
    { "data-problem": code },
    p(app.say(key), "what"),
    p(app.say(`${key}.do`, { code, detail })),
    wait ? p(app.say("tryIn", { time: app.duration(wait * 1000 + 59_999) })) : null,
    code.startsWith("link-") && h("p", {}, link(app.page("/link"), app.say("linkAgain"))),
  );
}

export const evidenceButton = (app: App, name: string, evidence: Json): HTMLElement =>
  button(`evidence-${name}`, app.say("evidence"), () => download(`evidence-${name}.json`, encode(evidence)));

/** A step that failed as a whole, with a way to try again. Choices and sealed ballots are where they were. */
export function failed(app: App, error: unknown, again: () => void): void {
  const { disputed, votings } = app.session;
  const temporary = error instanceof PeerError;
  const sent = votings.some(({ state }) => state === "casting" || state === "cast");
  app.interrupt(() =>
    app.show(
      "problem",
      app.say(temporary || sent || codeOf(error).startsWith("link-") ? "problemTitle" : "alarmTitle"),
      app.alert(explain(app, error)),
      temporary ? button("retry", app.say("retry"), again, "primary") : null,
      !temporary && disputed !== null ? evidenceButton(app, "log", disputed) : null,
    ),
  );
}
