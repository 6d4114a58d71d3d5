// Everything chosen on one screen, before anything is sealed.

import type { Voting } from "../voting.ts";
import * as app from "./app.ts";
import { choiceInWords } from "./choice.ts";
import { choose } from "./choosing.ts";
import { actions, button, h, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { identify } from "./login.ts";
import { failed } from "./problem.ts";
import { card, leftForLater, receiptCard } from "./receipt.ts";
import { back, go, show, stay, working } from "./screen.ts";
import { sealed } from "./sealed.ts";
import { say } from "./words.ts";

export function review(): void {
  app.review();
  const open = app.choosable();
  const count = app.chosen().length;
  const others = app.session.votings.filter((voting) => !open.includes(voting));
  show(
    "review",
    say(Key.reviewTitle),
    p(count ? Key.reviewText : Key.allLater, "lead"),
    h("ul", { class: "cards" }, ...open.map(choiceCard), ...others.map(receiptCard)),
    p(count > 0 && Key.sealNote, "hint"),
    actions(count > 0 && button("seal", Key.seal, () => void seal(), { kind: "primary", values: { count } }), back()),
  );
}

function choiceCard(voting: Voting): HTMLElement {
  const later = app.later.has(voting) || !app.votes.has(voting);
  const about = app.titleOf(voting).text;
  return card(
    voting,
    later && "later",
    ...(later ? leftForLater(voting) : choiceInWords(voting)),
    button(`change-${voting.contest.contest}`, later ? Key.voteNow : Key.change, () => choose(voting), { about }),
  );
}

/** Seals every contest that has a choice. What was sealed stays so when another one fails. */
export async function seal(again = false): Promise<void> {
  const list = app.chosen();
  const pause = working(Key.sealing, Key.sealingText);
  for (const [i, voting] of list.entries()) {
    await app.session.seal(voting, app.votes.get(voting)!, pause(i, list.length));
    const { problem } = voting;
    if (problem && problem.code === "login-required") return identify(() => void seal(again), problem);
    if (app.isPassing(problem)) return failed(problem, () => void seal(again));
    if (voting.envelope) app.audited.delete(voting);
  }
  if (again) stay();
  else go(sealed);
}
