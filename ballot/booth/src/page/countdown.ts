// When voting closes or opens, on every screen that says so.

import * as app from "./app.ts";
import { h } from "./dom.ts";
import { Key } from "./keys.ts";
import { often } from "./screen.ts";
import { dateTime, duration } from "./when.ts";
import { say, texts } from "./words.ts";

/** A time of this election, in its zone. */
export const timeOf = (at: string | null): string => (at ? dateTime(texts, at, app.session.about!.zone) : say(Key.unknownTime));

/** "Time left: 2 days 3 hours", counting down; no live region, which would talk all the time. */
export function countdown(key: Key, at: string): HTMLElement {
  const line = h("p", { class: "countdown" });
  often(() => void (line.textContent = say(key, { time: duration(texts, app.clock.until(at)) })));
  return line;
}
