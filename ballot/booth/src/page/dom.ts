// Elements without markup: text goes into textContent only, so that no name or title can become code (A81).

import { qr } from "./qr.ts";

export type Child = Node | string | null | false;
type Attributes = { readonly [name: string]: string | boolean | null | ((event: Event) => void) };

/** An element; attributes that are functions become listeners, true an empty attribute, false and null none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return element;
}

/** A paragraph, where there is something to say. */
export const p = (text: string, kind: string | null = null): HTMLElement | null => (text ? h("p", { class: kind }, text) : null);

/** A button; every one has a stable id, by which help texts and tests name it. */
export const button = (id: string, label: Child, press: () => void, kind: "primary" | "plain" | null = null): HTMLButtonElement =>
  h("button", { id, type: "button", class: kind, click: press }, label);

/** A link that leaves this page as it is: the choices on it exist nowhere else. */
export const link = (href: string, ...label: Child[]): HTMLAnchorElement =>
  h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);

/** Offers bytes as a file; nothing leaves the device. */
export function download(name: string, content: BlobPart): void {
  const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const anchor = h("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A QR code of a text, as a picture with a name. */
export function qrPicture(text: string, label: string): SVGSVGElement {
  const rows = qr(text);
  const side = rows.length + 8;
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("")).join("");
  const make = <K extends keyof SVGElementTagNameMap>(tag: K, attributes: { [name: string]: string }): SVGElementTagNameMap[K] => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const svg = make("svg", { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, class: "qr" });
  svg.append(make("rect", { width: `${side}`, height: `${side}`, fill: "#fff" }), make("path", { d: path }));
  return svg;
}
