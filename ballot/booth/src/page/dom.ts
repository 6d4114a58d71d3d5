// Elements without markup: text goes into textContent only, so that no name or title can become code (A81).

type Child = Node | string | null;
type Attributes = { readonly [name: string]: string | boolean | ((event: Event) => void) };

/** An element; attributes that are functions become listeners, true an empty attribute, false none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/** A button; every one has a stable id, by which help texts and tests name it. */
export const button = (id: string, label: string, press: () => void, primary = false): HTMLButtonElement =>
  h("button", { id, type: "button", class: primary ? "primary" : "", click: press }, label);

/** Offers bytes as a file; nothing leaves the device. */
export function download(name: string, content: BlobPart): void {
  const address = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const anchor = h("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
