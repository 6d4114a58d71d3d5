import { fragment } from "./address.ts"; // first: the seed leaves the address bar before anything else runs
import { Api } from "../api.ts";
import { systemRandom } from "../bytes.ts";
import { electionOf, type Link, parseLink, TEST } from "../link.ts";
import { Session } from "../session.ts";
import { TestSession } from "../test_session.ts";
import * as app from "./app.ts";
import { runPage } from "./frame.ts";
import { settle } from "./place.ts";
import { failed } from "./problem.ts";
import { cleanAddress, draw } from "./screen.ts";
import { begin } from "./start.ts";

function open(): void {
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

  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => {
    if (location.hash === "") return;
    if (session.unsent) cleanAddress();
    else location.reload();
  });
}

void runPage(open, () => draw(true));
