// Everything chosen on one screen, before anything is sealed.

import { PeerError } from "../errors.ts";
import type { Voting } from "../voting.ts";
import type { App } from "./app.ts";
import { choiceInWords } from "./choice.ts";
import { choose } from "./choosing.ts";
import { button, h, p } from "./dom.ts";
import { identify } from "./login.ts";
import { failed } from "./problem.ts";
import { receiptCard } from "./receipt.ts";
import { sealed } from "./sealed.ts";

export function review(app: App): void {
  app.reviewed = true;
  const chosen = app.chosen;
  const others = app.session.votings.filter((voting) => !app.choosable.includes(voting));
  app.show(
    "review",
    app.say("reviewTitle"),
    p(app.say(chosen.length ? "reviewText" : "allLater"), "lead"),
    h("ul", { class: "cards" }, ...app.choosable.map((voting) => card(app, voting)), ...others.map((voting) => receiptCard(app, voting))),
    chosen.length ? p(app.say("sealNote"), "hint") : null,
    app.actions(chosen.length ? button("seal", app.say("seal", { count: chosen.length }), () => void seal(app), "primary") : null),
  );
}

function card(app: App, voting: Voting): HTMLElement {
  const { contest } = voting;
  const { text, lang } = app.titleOf(voting);
  const later = app.later.has(voting);
  const label = h("span", {}, app.say(later ? "voteNow" : "change"), h("span", { class: "hidden" }, ": ", text));
  return h(
    "li",
    { class: later ? "later" : null },
    h("h2", { lang }, text),
    ...(later ? [p(app.say("leftForLater"), "chosen none"), p(app.say("laterUntil", { when: app.dateTime(voting.closes) }), "note")] : choiceInWords(app, voting)),
    button(`change-${contest.contest}`, label, () => choose(app, voting)),
  );
}

/** Seals every contest that has a choice. What was sealed stays so when another one fails. */
export async function seal(app: App, again = false): Promise<void> {
  const { session, chosen } = app;
  const pause = app.working("sealing");
  for (const [i, voting] of chosen.entries()) {
    await session.seal(voting, app.votes.get(voting)!, pause(i, chosen.length));
    const { problem } = voting;
    if (problem?.code === "login-required") return identify(app, () => void seal(app, again), problem);
    if (problem instanceof PeerError && problem.uncertain) return failed(app, problem, () => void seal(app, again));
    if (voting.envelope) app.audited.delete(voting);
  }
  if (again) app.stay();
  else app.go(() => sealed(app));
}
