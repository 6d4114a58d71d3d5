// Casting, and what became of every contest: tracking code, QR code, file. Nothing here says how anybody voted.

import { shortCode } from "../ballot.ts";
import { b64 } from "../base64url.ts";
import type { Voting } from "../voting.ts";
import * as app from "./app.ts";
import { choose } from "./choosing.ts";
import { timeOf } from "./countdown.ts";
import { actions, button, type Child, download, h, link, p, qrPicture } from "./dom.ts";
import { explain } from "./explain.ts";
import { Key } from "./keys.ts";
import { load } from "./login.ts";
import { attempt, evidenceButton } from "./problem.ts";
import { alert, forgetScreens, go, show, working } from "./screen.ts";
import { say } from "./words.ts";

/** Casts everything that is sealed. From here on there is no way back. */
export const cast = (): Promise<void> =>
  attempt(async () => {
    working(Key.casting, Key.castingText);
    forgetScreens();
    app.forgetChoices();
    await app.voter().castAll();
    showReceipts();
  });

export const showReceipts = (): void => go(receipts);

/** Every contest with what became of it. */
function receipts(): void {
  const { votings, unsent } = app.session;
  const done = votings.filter(({ tracker }) => tracker).length;
  const count = votings.filter(({ receipt }) => receipt).length;
  const failures = votings.filter(({ problem }) => problem);
  const kept = failures.some(({ state, problem }) => state === "casting" && app.isPassing(problem));
  const retry = (): void => void (kept ? cast() : load(showReceipts));
  // uncertain: one that was sent, or that an earlier visit may have cast without its being in the log yet
  const uncertain = votings.some(({ begun, problem }) => begun || (problem && problem.code !== "poll-not-open"));
  const heading = done
    ? failures.length ? Key.receiptPartly : count ? Key.receiptTitle : Key.receiptBefore
    : uncertain ? (failures.length ? Key.problemTitle : Key.pausedTitle) : votings.length ? Key.receiptLater : Key.noPollTitle;
  show(
    "receipt",
    say(heading, { count }),
    p(!votings.length && Key.noPollText),
    p(heading === Key.receiptTitle && Key.thanks, "lead"),
    p(done > 0 && (count ? Key.receiptText : Key.receiptFound)),
    p(kept && Key.kept, "strong"),
    failures.some(({ problem }) => app.isPassing(problem)) && actions(button("retry", Key.retry, retry, { kind: "primary" })),
    h("ul", { id: "receipt", class: "cards" }, ...votings.map(receiptCard)),
    !unsent &&
      h(
        "div",
        { class: "end" },
        p(Key.finishText),
        actions(button("finish", Key.finish, finish, { kind: "primary" }), done > 0 && button("print", Key.print, () => print())),
      ),
  );
}

/** Leaves for a public page and keeps nothing: what the browser's Back brings is a page without its link. */
function finish(): void {
  forgetScreens();
  app.forgetChoices();
  if (!app.session.test) app.voter().forget();
  location.replace(app.page(""));
}

/** A contest in a list. */
export function card(voting: Voting, kind: string | false | null | undefined, ...children: Child[]): HTMLElement {
  const { text, lang } = app.titleOf(voting);
  return h("li", { class: kind || null }, h("h2", { lang }, text), ...children);
}

/** The short tracking code, as it is shown everywhere. */
export const shortCodeLine = (tracker: Uint8Array): HTMLElement =>
  h("p", {}, h("span", { class: "label" }, say(Key.tracker)), " ", h("code", { class: "tracker" }, shortCode(tracker)));

export const fullCode = (tracker: Uint8Array): HTMLElement =>
  h("p", {}, h("span", { class: "label" }, say(Key.fullTracker)), " ", h("code", { class: "full" }, b64(tracker)));

/** Until when a contest can still be voted in. */
export const leftForLater = ({ begun, closes }: Voting): Child[] => [
  p(Key.leftForLater, "chosen none"),
  p(begun ? Key.resumed : Key.laterUntil, "note", { when: timeOf(closes) }),
];

/** One contest: its receipt, its failure, or until when it can still be voted in. */
export function receiptCard(voting: Voting): HTMLElement {
  const { contest: { contest }, tracker, receipt, problem, evidence } = voting;
  const about = app.titleOf(voting).text;
  const parts: Child[] = [alert(problem && explain(problem))];
  if (tracker) {
    const address = `${location.origin}/check/${app.election}#${b64(tracker)}`;
    parts.push(
      p(!receipt && Key.wasCast, "chosen"),
      p(!receipt && Key.notYours, "note"),
      shortCodeLine(tracker),
      qrPicture(address, say(Key.qr, { contest: about })),
      h("p", {}, link(address, say(Key.check, { contest: about }))),
      h("details", { id: `full-${contest}` }, h("summary", {}, say(Key.fullTracker)), h("code", { class: "full" }, b64(tracker))),
      receipt && button(`download-${contest}`, Key.download, () => download(`receipt-${contest}.json`, receipt), { about }),
    );
  } else if (!problem) {
    if (app.choosable().includes(voting)) parts.push(...leftForLater(voting), button(`now-${contest}`, Key.voteNow, () => choose(voting), { about }));
    else parts.push(p(Key.pausedText, "note"));
  }
  const item = card(voting, problem ? "bad" : tracker ? "done" : "later", ...parts, !!evidence && evidenceButton(contest, evidence));
  item.dataset["receipt"] = contest;
  return item;
}
