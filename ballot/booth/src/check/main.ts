import { asked, fragment } from "./address.ts"; // first: the code leaves the address bar
import { id } from "../schema.ts";
import { fetchTexts, type Files, preferred } from "../page/texts.ts";
import { Page } from "./page.ts";
import { Published } from "./published.ts";

declare const CHECK_TEXTS: Files;

const root = document.getElementById("check-page")!;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "wordless"): void {
  root.replaceChildren(document.getElementById(name)!);
  document.getElementById(name)!.hidden = false;
}

async function main(): Promise<void> {
  if (!isSecureContext || !globalThis.crypto?.subtle) return only("insecure");
  const texts = await fetchTexts(CHECK_TEXTS, preferred([asked ?? "", ...navigator.languages], CHECK_TEXTS)).catch(() => fetchTexts(CHECK_TEXTS, "en"));

  const page = new Page(root, new Published(id(location.pathname.split("/")[2], "election")), texts);
  page.draw();

  const select = document.getElementById("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", async () => {
    try {
      page.texts = await fetchTexts(CHECK_TEXTS, select.value);
    } catch {
      select.value = page.texts.language; // the page goes on in the language that it has
    }
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
