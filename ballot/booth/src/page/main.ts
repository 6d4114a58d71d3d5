import { fragment } from "./address.ts"; // first: the seed leaves the address bar before anything else runs
import { Api } from "../api.ts";
import { systemRandom } from "../bytes.ts";
import { DataError } from "../errors.ts";
import { electionOf, type Link, parseLink, TEST } from "../link.ts";
import { Session } from "../session.ts";
import { TestSession } from "../test_session.ts";
import { App } from "./app.ts";
import { failed } from "./problem.ts";
import { begin } from "./start.ts";
import { fetchTexts, type Hashes, preferred } from "./texts.ts";

declare const TEXTS: Hashes;

const root = document.getElementById("booth")!;

/** One of the texts in four languages that the page brings along, for when nothing else can be shown. */
function only(name: "insecure" | "framed" | "wordless"): void {
  root.replaceChildren(document.getElementById(name)!);
  document.getElementById(name)!.hidden = false;
}

/** Another language, on the same screen, with everything that was chosen, typed and opened. */
async function speak(app: App, select: HTMLSelectElement): Promise<void> {
  try {
    app.texts = await fetchTexts("texts", TEXTS, select.value);
  } catch {
    select.value = app.texts.language; // the page goes on in the language that it has
  }
  app.draw(true);
}

async function main(): Promise<void> {
  if (!isSecureContext || !globalThis.crypto?.subtle) return only("insecure");
  if (top !== self) return only("framed");
  const texts = await fetchTexts("texts", TEXTS, preferred(navigator.languages, TEXTS)).catch(() => fetchTexts("texts", TEXTS, "en"));
  const election = electionOf(location.pathname);
  const api = new Api(election);
  let problem: unknown = null;
  let session: Session | TestSession;
  if (fragment === TEST) session = new TestSession(election, api, systemRandom);
  else {
    let link: Link = { election, seed: new Uint8Array(32), logPrefix: new Uint8Array(16) };
    try {
      if (!fragment) throw new DataError("link: without its secret part", "link-missing");
      link = parseLink(location.pathname, fragment);
    } catch (error) {
      problem = error; // all that is shown
    }
    session = new Session(link, `${location.host}/${election}`, api, systemRandom);
  }
  const app = new App(root, session, election, texts, systemRandom);
  if (problem) failed(app, problem, () => location.reload());
  else void begin(app);

  const select = document.getElementById("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => void speak(app, select));

  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => {
    if (location.hash === "") return;
    if (session.unsent) app.cleanAddress();
    else location.reload();
  });
}

main().catch(() => only("wordless"));
