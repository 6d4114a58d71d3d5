import { asked, fragment } from "./address.ts"; // first: the seed leaves the address bar before anything else runs
import { Api } from "../api.ts";
import { systemRandom } from "../bytes.ts";
import { electionOf, type Link, parseLink, TEST } from "../link.ts";
import { Session } from "../session.ts";
import { TestSession } from "../test_session.ts";
import * as app from "./app.ts";
import { byId } from "./dom.ts";
import { settle } from "./place.ts";
import { failed } from "./problem.ts";
import { cleanAddress, draw } from "./screen.ts";
import { begin } from "./start.ts";
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
async function change(select: HTMLSelectElement): Promise<void> {
  const wanted = select.value;
  try {
    const found = await fetchTexts(TEXTS, wanted);
    if (select.value === wanted) speak(found); // a later choice goes first, however long its file takes
  } catch {
    select.value = texts.language; // the page goes on in the language that it has
  }
  draw(true);
}

async function main(): Promise<void> {
  if (!isSecureContext) return only("insecure");
  if (top !== self) return only("framed");
  await words(preferred([asked, ...navigator.languages], TEXTS)).catch(() => words("en"));
  const election = electionOf(location.pathname);
  settle(election);
  const api = new Api(election);
  const test = fragment === TEST;
  let problem: unknown;
  let link: Link = { election, seed: new Uint8Array(32), logPrefix: new Uint8Array(16) };
  try {
    if (!test) link = parseLink(election, fragment);
  } catch (error) {
    problem = error; // the only thing that is shown then
  }
  const session = test ? new TestSession(election, api, systemRandom) : new Session(link, `${location.host}/${election}`, api, systemRandom);
  app.use(session);
  if (problem) failed(problem, () => location.reload());
  else void begin();

  const select = byId("language") as HTMLSelectElement;
  select.value = texts.language;
  select.hidden = false;
  select.addEventListener("change", () => void change(select));
  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => {
    if (location.hash === "") return;
    if (session.unsent) cleanAddress();
    else location.reload();
  });
}

main().catch(() => only("wordless"));
