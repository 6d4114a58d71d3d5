// The trustees' tool: one file, no connection, nothing stored. See docs/trustee.md.

import { preferred, Texts } from "../../page/texts.ts";
import { speak } from "./words.ts";
import { drawAgain } from "./screen.ts";
import { start } from "./start.ts";

declare const TRUSTEE_TEXTS: { readonly [language: string]: { readonly [key: string]: string } };

function main(): void {
  const usable = isSecureContext && Boolean(globalThis.crypto?.subtle) && typeof DecompressionStream === "function";
  if (!usable) {
    const text = document.getElementById("unusable")!;
    text.hidden = false;
    document.getElementById("tool")!.replaceChildren(text);
    return;
  }
  const use = (language: string): void => speak(new Texts(language, TRUSTEE_TEXTS[language]!));
  const select = document.getElementById("language") as HTMLSelectElement;
  select.value = preferred(navigator.languages, Object.fromEntries(Object.keys(TRUSTEE_TEXTS).map((language) => [language, ""])));
  use(select.value);
  select.hidden = false;
  select.addEventListener("change", () => {
    use(select.value);
    drawAgain();
  });
  addEventListener("beforeunload", (event) => {
    if (document.body.dataset["screen"] === "save" || document.body.dataset["screen"] === "message") event.preventDefault();
  });
  start();
}

main();
