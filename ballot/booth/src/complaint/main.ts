import { fragment } from "../page/address.ts"; // first: the seed leaves the address bar before anything else runs
import { electionOf } from "../link.ts";
import { byId } from "../page/dom.ts";
import { runPage } from "../page/frame.ts";
import { settle } from "../page/place.ts";
import { ComplaintApi } from "./complaint.ts";
import { Page } from "./page.ts";

let drawn: Page | undefined;

async function open(): Promise<void> {
  const election = electionOf(location.pathname.replace(/\/complaint$/, ""));
  settle(election);
  drawn = new Page(byId("booth")!, new ComplaintApi(election), election, fragment);

  // The link opened once more in this tab: browsers only change the fragment then, and load nothing.
  addEventListener("hashchange", () => location.hash && location.reload());
  // A page that the browser kept whole while somebody was elsewhere: nothing of it comes back (A86).
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  await drawn.open();
}

void runPage(open, () => drawn?.draw());
