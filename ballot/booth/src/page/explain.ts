// What went wrong and what to do, in two sentences for every code.

import { BoothError, DataError, PeerError } from "../errors.ts";
import { h, link, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { page } from "./place.ts";
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
    /^(link-|login-refused)/.test(code) && h("p", {}, link(page("/link"), say(Key.linkAgain))),
  );
}
