// The first screen: what is voted on, until when, and how it works. Opening the link changes nothing; a person presses
// Start (A73).

import * as app from "./app.ts";
import { chooseNext } from "./choosing.ts";
import { countdown, timeOf } from "./countdown.ts";
import { actions, button, type Child, h, link, p, paragraphs } from "./dom.ts";
import { identify } from "./login.ts";
import { attempt } from "./problem.ts";
import { showComplaint } from "./receipt.ts";
import { go, h1, show } from "./screen.ts";
import { say, texts } from "./words.ts";

export const begin = (): Promise<void> =>
  attempt(async () => {
    await app.open();
    go(start);
  });

function start(): void {
  const { about, test } = app.session;
  const { text, lang } = app.electionTexts()!;
  const open = test || pollIn("open");
  const heading = h1(text.title, lang);
  show(
    "start",
    heading,
    heading,
    ...paragraphs(text.intro, lang, "intro"),
    ...(open ? howItWorks() : pollIn("paused") ? notNow("paused", enter("again")) : pollIn("planned") ? notYet() : notNow(about!.polls.length ? "closed" : "noPoll")),
    !open && pollIn("declared") && actions(button("complain", "complaintOffer", () => void identify(showComplaint))),
    h("p", {}, pollIn("declared") ? link(app.page("/results"), say("resultPage")) : link(app.page(""), say("electionPage"))),
    !open && h("p", {}, link(`/check/${app.election}?lang=${texts.language}`, say("checkPage"))),
  );
}

type Poll = NonNullable<typeof app.session.about>["polls"][number];

const pollIn = (state: string): Poll | undefined => app.session.about!.polls.find((poll) => poll.state === state);

const enter = (key: string): HTMLElement => actions(button("start", key, () => void identify(chooseNext), { kind: "primary" }));

const retry = (): HTMLElement => actions(button("retry", "retry", () => void begin()));

const notNow = (why: string, ...rest: Child[]): Child[] => [h("h2", {}, say(`${why}Title`)), p(`${why}Text`), ...rest];

const notYet = (): Child[] => notNow("notYet", when("opensAt", "timeUntil", pollIn("planned")!.opens), retry());

const when = (key: string, left: "timeLeft" | "timeUntil", at: string | null): HTMLElement =>
  h("div", { class: "when" }, h("p", {}, h("strong", {}, say(key)), ` ${timeOf(at)}`), at && countdown(left, at));

function howItWorks(): Child[] {
  const poll = pollIn("open");
  return [
    poll && when("closesAt", "timeLeft", poll.closes),
    h("h2", {}, say("stepsTitle")),
    h("ol", { class: "steps" }, ...["stepChoose", "stepSeal", "stepCast"].map((step) => h("li", {}, say(step)))),
    p("once", "strong"),
    p("interrupted"),
    enter("start"),
  ];
}
