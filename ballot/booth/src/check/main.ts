import { asked, fragment } from "./address.ts"; // first: the code leaves the address bar
import { id } from "../schema.ts";
import { fetchTexts, preferred, Texts } from "../page/texts.ts";
import { Page } from "./page.ts";
import { Published } from "./published.ts";

declare const CHECK_TEXTS: string;

const root = document.getElementById("check-page")!;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "wordless"): void {
  root.replaceChildren(document.getElementById(name)!);
  document.getElementById(name)!.hidden = false;
}

async function main(): Promise<void> {
  if (!isSecureContext || !globalThis.crypto?.subtle) return only("insecure");
  const all = await fetchTexts(CHECK_TEXTS);
  const words = (language: string): Texts => new Texts(language, all[language]!);
  const texts = words(preferred([asked ?? "", ...navigator.languages], all));
  const page = new Page(root, new Published(id(location.pathname.split("/")[2], "election")), texts);
  page.draw();

  const select = document.getElementById("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => {
    page.texts = words(select.value);
    page.draw();
  });
  addEventListener("hashchange", () => {
    const again = location.hash;
    history.replaceState(null, "", location.pathname);
    if (again.length > 1) void page.open(again);
  });
  if (fragment.length > 1) await page.open(fragment);
}

main().catch(() => only("wordless"));
