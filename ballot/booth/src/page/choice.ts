// One contest as a form: radio buttons where one may be chosen, checkboxes where more; the blank vote is its own option.

import { weigh } from "../contest.ts";
import type { Voting } from "../voting.ts";
import type { App } from "./app.ts";
import { type Child, h, p } from "./dom.ts";

/** How many may be chosen, in words. */
export function ruleOf(app: App, { contest }: Voting): string {
  const { min, max, options } = contest;
  const blank = options.find((option) => option.blank);
  const key = max === 1 ? "chooseOne" : min === max ? "chooseExactly" : min <= 1 ? "chooseUpTo" : "chooseBetween";
  return [app.say(key, { min, max, count: max }), blank && app.say("orBlank", { blank: app.in(blank.name)!.text })].filter(Boolean).join(" ");
}

/** Why this choice cannot be cast, or null. */
export function faultOf(app: App, { contest }: Voting, vote: readonly boolean[] | undefined): string | null {
  const { min, max } = contest;
  if (!vote) return app.say("needChoice");
  const count = vote.filter(Boolean).length;
  const sum = weigh(contest, vote);
  if (sum > max) return app.say("tooMany", { count, max });
  return sum < min ? app.say("tooFew", { count, min }) : null;
}

/** The fields of a contest; every change is kept at once. */
export function choiceFields(app: App, voting: Voting): HTMLElement {
  const { contest } = voting;
  const { options, max, min } = contest;
  const chosen = app.votes.get(voting);
  const single = max === 1;
  const count = h("p", { class: "count", "aria-live": "polite" });
  const inputs = options.map((option, i) => {
    const input = h("input", { type: single ? "radio" : "checkbox", name: "choice", id: `choice-${i}`, value: option.id, "aria-labelledby": `name-${i} contest` });
    input.checked = chosen?.[i] ?? false;
    return input;
  });
  // an empty ballot is a choice, too, and has to be made: a program that only presses buttons casts none (A73)
  const none = h("input", { type: single ? "radio" : "checkbox", name: "choice", id: "choice-none", value: "", "aria-labelledby": "name-none contest" });
  none.checked = chosen !== undefined && !chosen.includes(true);
  const changed = (): void => {
    const vote = inputs.map(({ checked }) => checked);
    if (none.checked || vote.includes(true)) app.votes.set(voting, vote);
    else app.votes.delete(voting);
    if (!single) count.textContent = app.say("chosenOf", { count: vote.filter(Boolean).length, max });
    count.classList.toggle("over", weigh(contest, vote) > max);
    document.getElementById("problem")?.remove();
  };
  const alone = (input: HTMLInputElement): boolean => input === none || options[inputs.indexOf(input)]!.blank;
  for (const input of [...inputs, none]) {
    input.addEventListener("change", () => {
      // the blank vote excludes every other choice, in the form as in the proof
      if (input.checked && !single) for (const other of [...inputs, none]) if (other !== input && (alone(input) || alone(other))) other.checked = false;
      changed();
    });
  }
  if (chosen && !single) changed();
  const rows: Child[] = app.orderOf(voting).map((i) => optionRow(app, voting, i, inputs[i]!));
  if (min === 0) {
    rows.push(h("div", { class: "card blank" }, h("label", { class: "option", for: "choice-none" }, none, h("span", { id: "name-none" }, app.say("noChoice")))));
  }
  return h("div", { class: "options" }, ...rows, count);
}

/** An option with photo and statement. All photos of a contest are loaded with it, whatever is chosen (A66). */
function optionRow(app: App, voting: Voting, i: number, input: HTMLInputElement): HTMLElement {
  const option = voting.contest.options[i]!;
  const { text, lang } = app.in(option.name)!;
  const profiles = app.profiles.get(voting) ?? {};
  const { photo, statements } = profiles[option.id] ?? { photo: null, statements: {} };
  const about = app.in(statements);
  const withPhotos = Object.values(profiles).some((profile) => profile.photo) && !option.blank;
  const face = photo && h("img", { src: photo, alt: app.say("photoOf", { name: text }), width: "64", height: "64", class: "photo" });
  return h(
    "div",
    { class: option.blank ? "card blank" : "card" },
    h("label", { class: "option", for: `choice-${i}` }, input, withPhotos && (face || h("span", { class: "photo" })), h("span", { id: `name-${i}`, lang }, text)),
    about &&
      h(
        "details",
        { id: `about-${i}` },
        h("summary", {}, app.say("about", { name: text })),
        ...about.text.split("\n").map((line) => line && h("p", { lang: about.lang }, line)).map((line) => line || null),
      ),
  );
}

/** Choices in words: names, or what an empty or blank ballot means, and how many more there may be. */
export function choiceInWords(app: App, voting: Voting): HTMLElement[] {
  const { contest } = voting;
  const vote = app.votes.get(voting) ?? [];
  const chosen = app.orderOf(voting).filter((i) => vote[i]).map((i) => contest.options[i]!);
  const names = chosen.map(({ name }) => {
    const { text, lang } = app.in(name)!;
    return h("p", { class: "chosen", lang }, text);
  });
  const count = chosen.length;
  const note = chosen.some((option) => option.blank)
    ? "blankNote"
    : !count
      ? "nothingNote"
      : count < contest.max
        ? "fewer"
        : null;
  return [...names, !count && p(app.say("nothingChosen"), "chosen none"), note && p(app.say(note, { count, max: contest.max }), count ? "note" : "note strong")].filter(
    (line): line is HTMLElement => Boolean(line),
  );
}
