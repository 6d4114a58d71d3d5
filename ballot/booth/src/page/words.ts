// The texts in the reader's language, for every screen.

import type { Key } from "./keys.ts";
import type { Texts, Values } from "./texts.ts";

export let texts: Texts;

/** From now on the page speaks this language. */
export function speak(next: Texts): void {
  texts = next;
}

/** The name of a sentence; those about problems hold the service's code. */
export type Sentence = Key | `problem.${string}`;

/** The sentence of a key; nothing for no key. */
export const say = (key: Sentence, values?: Values): string => texts.say(key, values);

/** A text with its language, where that is not the page's: `lang` is null where it is. */
export interface Worded<T> {
  readonly text: T;
  readonly lang: string | null;
}

/** A text by language: in the page's, else in English, else in any; undefined where there is none. */
export function inLanguage<T>(by: { readonly [language: string]: T }): Worded<T> | undefined {
  const found = [texts.language, "en", ...Object.keys(by)].find((tag) => tag in by);
  return found === undefined ? found : { text: by[found]!, lang: found === texts.language ? null : found };
}
