// What the tool says, by the names of its sentences; they lie in the page itself.

import type { Texts, Values } from "../../page/texts.ts";

export let texts: Texts;

/** From now on the tool speaks this language. */
export function speak(next: Texts): void {
  texts = next;
}

/** The sentence of a key. */
export const say = (key: string, values?: Values): string => texts.say(key, values);
