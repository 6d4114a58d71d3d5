// Elements without markup: text goes into textContent only, so that no name or title can become code (A81).

import type { Key } from "./keys.ts";
import { qr } from "./qr.ts";
import type { Values } from "./texts.ts";
import { say, type Sentence } from "./words.ts";

export type Child = Node | string | null | undefined | false;
type Attributes = { readonly [name: string]: string | boolean | null | ((event: Event) => void) };

/** An element; attributes that are functions become listeners, true an empty attribute, false and null none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const name in attributes) {
    const value = attributes[name]!;
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** A paragraph with the sentence of a key, where there is something to say. */
export const p = (key: Sentence | false, kind: string | null = null, values?: Values): HTMLElement | null =>
  key ? h("p", { class: kind }, say(key, values)) : null;

/** A line break in the text of a person makes a paragraph. */
export const paragraphs = (text: string, lang: string | null, kind: string | null = null): HTMLElement[] =>
  text.split("\n").filter(Boolean).map((line) => h("p", { class: kind, lang }, line));

/** What of this page has the id. */
export const byId = (id: string): HTMLElement | null => document.getElementById(id);

export const actions = (...buttons: Child[]): HTMLElement => h("div", { class: "actions" }, ...buttons);

interface Look {
  readonly kind?: "primary" | "plain";
  readonly values?: Values;
  /** what it is about, where several buttons say the same: for ears only */
  readonly about?: string;
}

/** A button; every one has a stable id, by which help texts and tests name it. `press` null: it sends its form, and is the primary one. */
export const button = (id: string, key: Key, press: (() => void) | null, { kind, values, about }: Look = {}): HTMLElement =>
  h(
    "button",
    { id, type: press ? "button" : "submit", class: kind ?? (press ? null : "primary"), click: press },
    say(key, values),
    about !== undefined && h("span", { class: "hidden" }, `: ${about}`),
  );

/** A link that leaves this page as it is: the choices on it exist nowhere else. */
export const link = (href: string, ...label: Child[]): HTMLAnchorElement =>
  h("a", { href, target: "_blank", rel: "noopener" }, ...label);

/** Offers bytes as a file; nothing leaves the device. */
export function download(name: string, content: BlobPart): void {
  const href = URL.createObjectURL(new Blob([content], { type: "application/json" })); // gone with the page
  h("a", { href, download: name }).click();
}

/** A QR code of a text, as a picture with a name; nothing where the text is too long. */
export function qrPicture(text: string, alt: string): HTMLElement | null {
  const rows = qr(text);
  if (!rows) return null;
  const side = rows.length + 8; // with the quiet zone
  const dark = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}"><path fill="white" d="M0 0h99v99H0z"/><path d="${dark}"/></svg>`;
  return h("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, alt, class: "qr" });
}
