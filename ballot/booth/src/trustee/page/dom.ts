// The tool's paragraphs and buttons; elements are made as on the voters' pages.

import { h } from "../../page/dom.ts";
import type { Values } from "../../page/texts.ts";
import { say } from "./words.ts";

export { actions, type Child, download, h } from "../../page/dom.ts";

/** A paragraph with the sentence of a key. */
export const p = (key: string, kind: string | null = null, values?: Values): HTMLElement => h("p", { class: kind }, say(key, values));

interface Look {
  readonly kind?: "primary" | "plain";
  readonly values?: Values;
}

/** A button with an id by which help texts and tests name it. `press` null: it sends its form, and is the primary one. */
export const button = (id: string, key: string, press: (() => void) | null, { kind, values }: Look = {}): HTMLElement =>
  h("button", { id, type: press ? "button" : "submit", class: kind ?? (press ? null : "primary"), click: press }, say(key, values));
