// Casting, and what became of every contest: tracking code, QR code, file. Nothing here says how anybody voted.

import { b64 } from "../base64url.ts";
import type { Voting } from "../voting.ts";
import { PeerError } from "../errors.ts";
import type { App } from "./app.ts";
import { choose } from "./choosing.ts";
import { complaintButtons } from "./complaint.ts";
import { button, download, h, link, p, qrPicture } from "./dom.ts";
import { load } from "./login.ts";
import { evidenceButton, explain, failed } from "./problem.ts";
import { code } from "./sealed.ts";

/** Casts everything that is sealed. From here on the choices exist nowhere any more (A71, A86). */
export async function cast(app: App): Promise<void> {
  const { session } = app;
  if (session.test) return;
  app.working("casting");
  app.forgetScreens();
  try {
    await session.castAll();
  } catch (error) {
    return failed(app, error, () => void cast(app));
  }
  app.go(() => receipts(app));
}

/** Every contest with what became of it. */
export function receipts(app: App): void {
  const { session } = app;
  const { votings } = session;
  const cast_ = votings.filter(({ state }) => state === "cast");
  const now = cast_.filter(({ receipt }) => receipt);
  const failures = votings.filter(({ problem }) => problem);
  const uncertain = failures.filter(({ problem }) => problem instanceof PeerError && problem.uncertain);
  const kept = uncertain.some(({ state }) => state === "casting");
  const heading = failures.length
    ? "receiptPartly"
    : now.length
      ? "receiptTitle"
      : cast_.length
        ? "receiptBefore"
        : votings.length
          ? "receiptLater"
          : "noPollTitle";
  const again = (): void => void (kept ? cast(app) : load(app, () => app.go(() => receipts(app))));
  app.show(
    "receipt",
    app.say(heading, { count: now.length }),
    votings.length ? null : p(app.say("noPollText")),
    now.length && !failures.length ? p(app.say("thanks"), "lead") : null,
    cast_.length ? p(app.say("receiptText")) : null,
    kept ? p(app.say("kept"), "strong") : null,
    uncertain.length ? h("div", { class: "actions" }, button("retry", app.say("retry"), again, "primary")) : null,
    h("ul", { id: "receipt", class: "cards" }, ...votings.map((voting) => receiptCard(app, voting))),
    ...complaintButtons(app),
    session.unsent ? null : h("div", { class: "end" }, p(app.say("finishText")), h("div", { class: "actions" },
      button("finish", app.say("finish"), () => finish(app), "primary"),
      cast_.length > 0 && button("print", app.say("print"), () => print()),
    )),
  );
}

/** Leaves for a public page and keeps nothing: what the browser's Back brings is a page without its link. */
function finish(app: App): void {
  app.forgetScreens();
  if (!app.session.test) app.session.forget();
  location.replace(app.page(""));
}

/** One contest: its receipt, its failure, or until when it can still be voted in. */
export function receiptCard(app: App, voting: Voting): HTMLElement {
  const { contest, tracker, receipt, problem, evidence, closes, poll } = voting;
  const { text, lang } = app.titleOf(voting);
  const open = app.choosable.includes(voting);
  const paused = poll?.state === "paused";
  const address = tracker && `${location.origin}/check/${app.election}#${b64(tracker)}`;
  const file = receipt && ((): void => download(`receipt-${contest.contest}.json`, receipt));
  return h(
    "li",
    { "data-receipt": contest.contest, class: problem ? "bad" : tracker ? "done" : "later" },
    h("h2", { lang }, text),
    app.alert(problem && explain(app, problem)),
    tracker && !receipt && p(app.say("wasCast"), "chosen"),
    tracker && !receipt && p(app.say("notYours"), "note"),
    tracker && code(app, tracker),
    address && qrPicture(address, app.say("qr", { contest: text })),
    address && h("p", {}, link(address, app.say("check", { contest: text }))),
    tracker && h("details", { id: `full-${contest.contest}` }, h("summary", {}, app.say("fullTracker")), h("code", { class: "full", translate: "no" }, b64(tracker))),
    file && button(`download-${contest.contest}`, h("span", {}, app.say("download"), h("span", { class: "hidden" }, `: ${text}`)), file),
    !tracker && paused && p(app.say("pausedText"), "note"),
    !tracker && !paused && open && p(app.say("leftForLater"), "chosen none"),
    !tracker && !paused && open && p(app.say("laterUntil", { when: app.dateTime(closes) }), "note"),
    !tracker && open && !problem && button(`now-${contest.contest}`, h("span", {}, app.say("voteNow"), h("span", { class: "hidden" }, `: ${text}`)), () => choose(app, voting)),
    evidence !== null && evidenceButton(app, contest.contest, evidence),
  );
}
