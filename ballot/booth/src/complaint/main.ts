import { asked, fragment } from "../page/address.ts"; // first: the seed leaves the address bar before anything else runs
import { electionOf } from "../link.ts";
import { byId } from "../page/dom.ts";
import { settle } from "../page/place.ts";
import { fetchTexts, preferred, Texts } from "../page/texts.ts";
import { speak, texts } from "../page/words.ts";
import { ComplaintApi } from "./complaint.ts";
import { Page } from "./page.ts";

declare const TEXTS: string;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "framed" | "wordless"): void {
  const text = byId(name)!;
  text.hidden = false;
  byId("complaint-page")!.replaceChildren(text);
}

async function main(): Promise<void> {
  if (!isSecureContext) return only("insecure");
  if (top !== self) return only("framed");
  const all = await fetchTexts(TEXTS);
  const words = (language: string): void => speak(new Texts(language, all[language]!));
  words(preferred([asked, ...navigator.languages], all));
  const election = electionOf(location.pathname.replace(/\/complaint$/, ""));
  settle(election);
  const page = new Page(byId("complaint-page")!, new ComplaintApi(election), election, fragment);

  const select = byId("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => {
    words(select.value);
    page.draw();
  });
  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => location.hash && location.reload());
  // A page that the browser kept whole while somebody was elsewhere: nothing of it comes back (A86).
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  await page.open();
}

main().catch(() => only("wordless"));
