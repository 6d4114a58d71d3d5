// The first screen: what is voted on, until when, and how it works. Opening the link changes nothing; a person presses
// Start (A73).

import { fragment } from "./address.ts";
import * as app from "./app.ts";
import { chooseNext } from "./choosing.ts";
import { countdown, timeOf } from "./countdown.ts";
import { actions, button, type Child, h, link, p, paragraphs } from "./dom.ts";
import { Key } from "./keys.ts";
import { identify } from "./login.ts";
import { attempt } from "./problem.ts";
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
    ...(open ? howItWorks() : pollIn("paused") ? notNow(Key.pausedTitle, Key.pausedText, enter(Key.again)) : pollIn("planned") ? notYet() : about!.polls.length ? notNow(Key.closedTitle, Key.closedText) : notNow(Key.noPollTitle, Key.noPollText)),
    ...complaints(),
    h("p", {}, pollIn("declared") ? link(app.page("/results"), say(Key.resultPage)) : link(app.page(""), say(Key.electionPage))),
    !open && h("p", {}, link(`/check/${app.election}?lang=${texts.language}`, say(Key.checkPage))),
  );
}

type Poll = NonNullable<typeof app.session.about>["polls"][number];

const pollIn = (state: string): Poll | undefined => app.session.about!.polls.find((poll) => poll.state === state);

const enter = (key: Key): HTMLElement => actions(button("start", key, () => void identify(chooseNext), { kind: "primary" }));

const retry = (): HTMLElement => actions(button("retry", Key.retry, () => void begin()));

const notNow = (title: Key, text: Key, ...rest: Child[]): Child[] => [h("h2", {}, say(title)), p(text), ...rest];

const notYet = (): Child[] => notNow(Key.notYetTitle, Key.notYetText, when(Key.opensAt, Key.timeUntil, pollIn("planned")!.opens), retry());

const when = (key: Key, left: Key, at: string | null): HTMLElement =>
  h("div", { class: "when" }, h("p", {}, h("strong", {}, say(key)), ` ${timeOf(at)}`), at && countdown(left, at));

/** Until when complaints are heard, and the way to them: a page with a program of its own, which gets the link. */
function complaints(): Child[] {
  const heard = app.session.test ? [] : app.session.about!.polls.filter((poll) => poll.complaints);
  const address = `/vote/${app.election}/complaint?lang=${texts.language}${fragment}`;
  return [
    ...heard.map(({ poll, complaints }) => p(Key.complaintUntil, "note", { poll, when: timeOf(complaints) })),
    heard[0] && actions(button("complain", Key.complaintOffer, () => location.replace(address))),
  ];
}

function howItWorks(): Child[] {
  const poll = pollIn("open");
  return [
    poll && when(Key.closesAt, Key.timeLeft, poll.closes),
    h("h2", {}, say(Key.stepsTitle)),
    h("ol", { class: "steps" }, ...[Key.stepChoose, Key.stepSeal, Key.stepCast].map((step) => h("li", {}, say(step)))),
    p(Key.once, "strong"),
    p(Key.interrupted),
    enter(Key.start),
  ];
}
