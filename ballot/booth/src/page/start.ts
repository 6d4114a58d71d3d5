// The first screen: what is voted on, until when, and how it works. Opening the link changes nothing; a person presses
// Start (A73).

import type { App } from "./app.ts";
import { chooseNext } from "./choosing.ts";
import { button, h, link, p } from "./dom.ts";
import { identify } from "./login.ts";
import { failed } from "./problem.ts";
import { receipts } from "./receipt.ts";

export async function begin(app: App): Promise<void> {
  try {
    await app.open();
  } catch (error) {
    return failed(app, error, () => void begin(app));
  }
  app.go(() => start(app));
}

function start(app: App): void {
  const say = (key: string): string => app.say(key);
  const { polls, texts } = app.session.about!;
  const among = (...states: string[]): (typeof polls)[number] | undefined => polls.find(({ state }) => states.includes(state));
  const intro = app.in(texts)!;
  const title = app.electionTitle();
  const paused = among("paused");
  const open = app.session.test ? polls[0] : among("open");
  const planned = among("planned");
  const declared = among("declared");
  const go = (label: string): HTMLElement => button("start", say(label), () => void identify(app, () => chooseNext(app)), "primary");
  const line = (label: string, key: "timeLeft" | "timeUntil", at: string | null): HTMLElement =>
    h("div", { class: "when" }, h("p", {}, h("strong", {}, say(label)), " ", app.dateTime(at)), app.countdown(key, at));
  const state = open
    ? [
        line("closesAt", "timeLeft", open.closes),
        h("h2", {}, say("stepsTitle")),
        h("ol", { class: "steps" }, ...["stepChoose", "stepSeal", "stepCast"].map((step) => h("li", {}, say(step)))),
        p(say("once"), "strong"),
        p(say("interrupted")),
        app.actions(go("start")),
      ]
    : paused
      ? [h("h2", {}, say("pausedTitle")), p(say("pausedText")), app.actions(go("again"))]
      : planned
        ? [h("h2", {}, say("notYetTitle")), line("opensAt", "timeUntil", planned.opens), p(say("notYetText")), retry(app)]
        : polls.length
          ? [h("h2", {}, say("closedTitle")), p(say("closedText")), declared ? complain(app) : retry(app)]
          : [h("h2", {}, say("noPollTitle")), p(say("noPollText")), retry(app)];
  app.show(
    "start",
    title.text,
    app.heading(title.text, app.in(texts)!.lang),
    ...intro.text.intro.split("\n").map((text) => text && h("p", { class: "intro", lang: intro.lang }, text)).filter(Boolean),
    ...state,
    h("ul", { class: "links" }, h("li", {}, link(app.page(""), say("electionPage"))), !open && h("li", {}, link(`/check/${app.election}?lang=${app.texts.language}`, say("checkPage")))),
  );
}

const retry = (app: App): HTMLElement => button("retry", app.say("retry"), () => void begin(app));

const complain = (app: App): HTMLElement => button("complain", app.say("complaintOffer"), () => void identify(app, () => app.go(() => receipts(app))));
