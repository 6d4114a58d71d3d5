import { fragment } from "./address.ts"; // first: the seed leaves the address bar before anything else runs
import { Api } from "../api.ts";
import { systemRandom } from "../bytes.ts";
import { parseLink } from "../link.ts";
import { Session } from "../session.ts";
import { App } from "./app.ts";
import { h } from "./dom.ts";
import { en } from "./messages.ts";

const root = document.getElementById("booth")!;

let app: App | null = null;

// The link opened once more in this tab: browsers only change the fragment then, and load nothing.
addEventListener("hashchange", () => {
  if (location.hash === "") return;
  if (app?.unsent) history.replaceState(null, "", location.pathname);
  else location.reload();
});

const stop = (text: string): void => root.replaceChildren(h("h1", {}, en.problemTitle), h("p", { role: "alert", class: "alert" }, text));

if (!isSecureContext || !globalThis.crypto?.subtle) {
  stop(en.secure);
} else {
  try {
    const link = parseLink(location.pathname, fragment);
    const session = new Session(link, `${location.host}/${link.election}`, new Api(link.election), systemRandom);
    app = new App(root, en, navigator.language, session);
    void app.begin();
  } catch {
    stop(en.problems["link-invalid"]!);
  }
}
