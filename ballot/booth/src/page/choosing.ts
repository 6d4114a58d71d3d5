// The contests one after the other, each on a screen of its own; every one can be left for later.

import type { Voting } from "../voting.ts";
import type { App } from "./app.ts";
import { choiceFields, faultOf, ruleOf } from "./choice.ts";
import { button, h, p } from "./dom.ts";
import { receipts } from "./receipt.ts";
import { review } from "./review.ts";

/** The first contest, or what became of all of them. */
export function chooseNext(app: App): void {
  const [first] = app.choosable;
  if (first) choose(app, first);
  else app.go(() => receipts(app));
}

export function choose(app: App, voting: Voting): void {
  app.later.delete(voting);
  app.go(() => contest(app, voting));
}

function next(app: App, voting: Voting): void {
  const list = app.choosable;
  const following = list[list.indexOf(voting) + 1];
  if (following && !app.reviewed) choose(app, following);
  else app.go(() => review(app));
}

function contest(app: App, voting: Voting): void {
  const { contest, state } = voting;
  const list = app.choosable;
  const last = app.reviewed || voting === list[list.length - 1];
  const { text, lang } = app.titleOf(voting);
  const submit = (event: Event): void => {
    event.preventDefault();
    const vote = app.votes.get(voting);
    if (faultOf(app, voting, vote)) return app.stay(() => faultOf(app, voting, vote));
    next(app, voting);
  };
  const later = (): void => {
    app.later.add(voting);
    next(app, voting);
  };
  app.show(
    "contest",
    text,
    h("p", { class: "progress" }, app.say("progress", { i: list.indexOf(voting) + 1, n: list.length })),
    h(
      "form",
      { "data-contest": contest.contest, submit },
      h(
        "fieldset",
        { "aria-describedby": app.fault ? "rule problem" : "rule" },
        h("legend", { id: "contest" }, app.heading(text, lang)),
        h("p", { id: "rule" }, ruleOf(app, voting)),
        state === "issued" ? p(app.say("resumed"), "note") : null,
        app.alert(app.fault?.() ?? null),
        choiceFields(app, voting),
      ),
      contest.position !== null && contest.options.length > 2 ? p(app.say("randomOrder"), "hint") : null,
      app.actions(h("button", { id: last ? "review" : "next", class: "primary" }, app.say(last ? "review" : "next"))),
      button(`later-${contest.contest}`, app.say("later"), later, "plain"),
    ),
  );
}
