// The elements that the pages have for the script (templates/committee). Nothing is ever parsed as markup (A81).

import { must } from "../errors.ts";

/** The element of this id, which the page has. */
export function the<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  must(found, id);
  return found as T;
}

export const show = (element: HTMLElement, shown = true): void => {
  element.hidden = !shown;
};

/** What the page says by this name, with values in the places of {name}. */
export function said(name: string, values: { readonly [name: string]: string | number } = {}): string {
  const text = document.querySelector(`[data-say="${name}"]`)?.textContent ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** Says something where the page has room for it, and moves there who cannot see it. */
export function tell(place: HTMLElement, text: string, bad = false): void {
  place.textContent = text;
  place.classList.toggle("bad", bad);
  show(place, text !== "");
  if (bad) place.focus();
}

/** The steps of a derivation, as a bar; the page stays alive meanwhile. */
export const bar = (progress: HTMLProgressElement) => (done: number) => {
  progress.hidden = done >= 1;
  progress.value = done;
};
