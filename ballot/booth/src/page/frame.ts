// The frame of a page that a voter opens: its language, and what it says where nothing else can be shown.

import { asked } from "./address.ts";
import { byId } from "./dom.ts";
import { fetchTexts, type Files, preferred } from "./texts.ts";
import { speak, texts } from "./words.ts";

declare const TEXTS: Files;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "framed" | "wordless"): void {
  const text = byId(name)!;
  text.hidden = false;
  byId("booth")!.replaceChildren(text);
}

const words = async (language: string): Promise<void> => speak(await fetchTexts(TEXTS, language));

/** Another language, on the same screen, with everything that was chosen, typed and opened. */
async function change(select: HTMLSelectElement, redraw: () => void): Promise<void> {
  const wanted = select.value;
  try {
    const found = await fetchTexts(TEXTS, wanted);
    if (select.value === wanted) speak(found); // a later choice goes first, however long its file takes
  } catch {
    select.value = texts.language; // the page goes on in the language that it has
  }
  redraw();
}

/** Runs `open` where a page may run, with its words; then offers the languages, of which each is shown by `redraw`. */
async function run(open: () => unknown, redraw: () => void): Promise<void> {
  if (!isSecureContext) return only("insecure");
  if (top !== self) return only("framed");
  await words(preferred([asked, ...navigator.languages], TEXTS)).catch(() => words("en"));
  const opened = open();
  const select = byId("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => void change(select, redraw));
  await opened;
}

export const runPage = (open: () => unknown, redraw: () => void): Promise<void> => run(open, redraw).catch(() => only("wordless"));
