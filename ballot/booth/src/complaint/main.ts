import { asked, fragment } from "../page/address.ts"; // first: the seed leaves the address bar before anything else runs
import { electionOf } from "../link.ts";
import { byId } from "../page/dom.ts";
import { settle } from "../page/place.ts";
import { fetchTexts, type Files, preferred } from "../page/texts.ts";
import { speak, texts } from "../page/words.ts";
import { ComplaintApi } from "./complaint.ts";
import { Page } from "./page.ts";

declare const TEXTS: Files;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "framed" | "wordless"): void {
  const text = byId(name)!;
  text.hidden = false;
  byId("complaint-page")!.replaceChildren(text);
}

let drawn: Page | undefined;

const words = async (language: string): Promise<void> => speak(await fetchTexts(TEXTS, language));

/** Another language, on the same screen, with everything that was chosen, typed and opened. */
async function change(select: HTMLSelectElement): Promise<void> {
  const wanted = select.value;
  try {
    const found = await fetchTexts(TEXTS, wanted);
    if (select.value === wanted) speak(found); // a later choice goes first, however long its file takes
  } catch {
    select.value = texts.language; // the page goes on in the language that it has
  }
  drawn?.draw();
}

async function main(): Promise<void> {
  if (!isSecureContext) return only("insecure");
  if (top !== self) return only("framed");
  await words(preferred([asked, ...navigator.languages], TEXTS)).catch(() => words("en"));
  const election = electionOf(location.pathname.replace(/\/complaint$/, ""));
  settle(election);
  drawn = new Page(byId("complaint-page")!, new ComplaintApi(election), election, fragment);

  const select = byId("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => void change(select));
  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => location.hash && location.reload());
  // A page that the browser kept whole while somebody was elsewhere: nothing of it comes back (A86).
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  await drawn.open();
}

main().catch(() => only("wordless"));
