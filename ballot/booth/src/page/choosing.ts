// The contests one after the other, each on a screen of its own; every one can be left for later.

import type { Voting } from "../voting.ts";
import * as app from "./app.ts";
import { choiceFields, faultOf, ruleOf } from "./choice.ts";
import { actions, button, h, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { showReceipts } from "./receipt.ts";
import { review } from "./review.ts";
import { back, faultHere, go, h1, show, stay } from "./screen.ts";

/** The first contest, or what became of all of them. */
export function chooseNext(): void {
  const [first] = app.choosable();
  if (first) choose(first);
  else showReceipts();
}

export function choose(voting: Voting): void {
  app.later.delete(voting);
  go(() => contest(voting));
}

function contest(voting: Voting): void {
  const { contest, begun } = voting;
  const list = app.choosable();
  const i = list.indexOf(voting);
  const following = !app.reviewed && list[i + 1];
  const next = (): void => (following ? choose(following) : go(review));
  const submit = (event: Event): void => {
    event.preventDefault();
    if (faultOf(voting)) stay(() => faultOf(voting));
    else next();
  };
  const later = (): void => {
    app.later.add(voting);
    next();
  };
  const { text, lang } = app.titleOf(voting);
  const fault = faultHere();
  const heading = h1(text, lang);
  show(
    "contest",
    heading,
    p(Key.progress, "progress", { i: i + 1, n: list.length }),
    h(
      "form",
      { "data-contest": contest.contest, submit },
      h(
        "fieldset",
        { "aria-describedby": fault ? "rule problem" : "rule" },
        h("legend", { id: "contest" }, heading),
        h("p", { id: "rule" }, ruleOf(voting)),
        begun && p(Key.resumed, "note"),
        fault,
        choiceFields(voting),
      ),
      contest.position !== null && p(Key.randomOrder, "hint"),
      actions(following ? button("next", Key.next, null) : button("review", Key.review, null), back()),
      button(`later-${contest.contest}`, Key.later, later, { kind: "plain" }),
    ),
  );
}
