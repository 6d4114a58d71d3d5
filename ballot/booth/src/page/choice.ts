// One contest as a form: radio buttons where one may be chosen, checkboxes where more; the blank vote is its own option.

import { weigh } from "../contest.ts";
import type { Voting } from "../voting.ts";
import * as app from "./app.ts";
import { byId, type Child, h, p, paragraphs } from "./dom.ts";
import { Key } from "./keys.ts";
import { inLanguage, say } from "./words.ts";

/** How many may be chosen, in words. */
export function ruleOf({ contest: { min, max, options } }: Voting): string {
  const blank = options.find((option) => option.blank);
  const key = max < 2 ? Key.chooseOne : min === max ? Key.chooseExactly : min < 2 ? Key.chooseUpTo : Key.chooseBetween;
  return say(key, { min, max, count: max }) + (blank ? ` ${say(Key.orBlank, { blank: inLanguage(blank.name)!.text })}` : "");
}

/** Why the choice cannot be cast, or null. */
export function faultOf(voting: Voting): string | null {
  const { min, max } = voting.contest;
  const vote = app.votes.get(voting);
  if (!vote) return say(Key.needChoice);
  const count = countOf(vote);
  const sum = weigh(voting.contest, vote);
  return sum > max ? say(Key.tooMany, { count, max }) : sum < min ? say(Key.tooFew, { count, min }) : null;
}

const countOf = (vote: readonly boolean[]): number => vote.filter(Boolean).length;

/** The fields of a contest; every change is kept at once. */
export function choiceFields(voting: Voting): HTMLElement {
  const { options, max, min } = voting.contest;
  const chosen = app.votes.get(voting);
  const type = max > 1 ? "checkbox" : "radio";
  const count = h("p", { class: "count", "aria-live": "polite" });
  const field = (i: number, checked = false): HTMLInputElement => {
    const input = h("input", { type, name: "choice", id: `choice-${i}`, "aria-labelledby": `name-${i} contest`, change: () => changed(input) });
    input.checked = checked;
    return input;
  };
  const inputs = options.map((_, i) => field(i, chosen && chosen[i]));
  // an empty ballot is a choice, too, and has to be made: a program that only presses buttons casts none (A73)
  const none = field(options.length, chosen && !countOf(chosen));
  const all = [...inputs, none];
  const changed = (by?: HTMLInputElement): void => {
    // the blank vote excludes every other choice, in the form as in the proof
    const isAlone = (input: HTMLInputElement): boolean => input === none || options[inputs.indexOf(input)]!.blank;
    if (by && by.checked) for (const other of all) if (other !== by && (isAlone(by) || isAlone(other))) other.checked = false;
    const vote = inputs.map(({ checked }) => checked);
    if (all.some(({ checked }) => checked)) app.votes.set(voting, vote);
    else app.votes.delete(voting);
    if (max > 1) count.textContent = say(Key.chosenOf, { count: countOf(vote), max });
    count.className = weigh(voting.contest, vote) > max ? "count over" : "count";
    const problem = byId("problem");
    if (by && problem) problem.remove();
  };
  changed();
  return h(
    "div",
    {},
    ...app.orderOf(voting).map((i) => optionRow(voting, i, inputs[i]!)),
    !min && row(options.length, none, say(Key.noChoice), true),
    count,
  );
}

/** An option with photo and statement. All photos of a contest are loaded with it, whatever is chosen (A66). */
function optionRow(voting: Voting, i: number, input: HTMLInputElement): HTMLElement {
  const { id, blank, name } = voting.contest.options[i]!;
  const { text, lang } = inLanguage(name)!;
  const profiles = app.profiles.get(voting) ?? {};
  const own = profiles[id];
  const about = own && inLanguage(own.statements);
  const face = own && own.photo
    ? h("img", { src: own.photo, alt: say(Key.photoOf, { name: text }), class: "photo" })
    : h("span", { "data-initial": [...text][0]!, class: "photo" });
  return row(
    i,
    input,
    text,
    blank,
    lang,
    Object.values(profiles).some(({ photo }) => photo) && !blank && face,
    about && h("details", { id: `about-${i}` }, h("summary", {}, say(Key.about, { name: text })), ...paragraphs(about.text, about.lang)),
  );
}

const row = (i: number, input: Child, name: string, blank: boolean, lang: string | null = null, face: Child = null, about: Child = null): HTMLElement =>
  h("div", { class: blank ? "card blank" : "card" }, h("label", { class: "option" }, input, face, h("span", { id: `name-${i}`, lang }, name)), about);

/** Choices in words: names, or what an empty or blank ballot means, and how many more there may be. */
export function choiceInWords(voting: Voting): Child[] {
  const { options, max } = voting.contest;
  const vote = app.votes.get(voting)!;
  const chosen = app.orderOf(voting).filter((i) => vote[i]).map((i) => options[i]!);
  const count = chosen.length;
  const note = !count ? Key.nothingNote : chosen[0]!.blank ? Key.blankNote : count < max && Key.fewer;
  return [
    ...chosen.map(({ name }) => {
      const { text, lang } = inLanguage(name)!;
      return h("p", { class: "chosen", lang }, text);
    }),
    !count && p(Key.nothingChosen, "chosen none"),
    p(note, "note", { count, max }),
  ];
}
