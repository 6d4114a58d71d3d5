// One contest as a form: radio buttons where one may be chosen, checkboxes where more; the blank vote is its own option.

import type { Contest, Option } from "../contest.ts";
import { weigh } from "../contest.ts";
import { h } from "./dom.ts";
import { type Messages, say } from "./messages.ts";

/** The name of an option in the reader's language, else English, else the first there is. */
export function nameOf(option: Option, language: string): { text: string; lang: string } {
  const lang = [language, language.split("-")[0]!, "en", ...Object.keys(option.name)].find((tag) => tag in option.name)!;
  return { text: option.name[lang]!, lang };
}

/** Contest documents carry no title, so the page shows their id, readably. */
export const titleOf = (contest: Contest): string => {
  const words = contest.contest.replace(/[-.]/g, " ");
  return words[0]!.toUpperCase() + words.slice(1); // ids are ASCII
};

/** How many may be chosen, in words. */
export function ruleOf(contest: Contest, language: string, messages: Messages): string {
  const { min, max, options } = contest;
  const blank = options.find((option) => option.blank);
  const key = max === 1 ? "chooseOne" : min === max ? "chooseExactly" : min <= 1 ? "chooseUpTo" : "chooseBetween";
  return say(messages, key, { min, max }) + (blank ? ` ${say(messages, "orBlank", { blank: nameOf(blank, language).text })}` : "");
}

/** Why this choice cannot be cast, or null. */
export function faultOf(contest: Contest, vote: readonly boolean[], messages: Messages): string | null {
  const { min, max } = contest;
  const count = vote.filter(Boolean).length;
  const sum = weigh(contest, vote);
  if (sum > max) return say(messages, "tooMany", { count, max });
  return sum < min ? say(messages, "tooFew", { count, min }) : null;
}

/** The fields of a contest; `changed` gets the whole choice after every change. */
export function choiceFields(
  contest: Contest,
  chosen: readonly boolean[] | undefined,
  language: string,
  messages: Messages,
  changed: (vote: boolean[]) => void,
): HTMLElement {
  const single = contest.max === 1;
  const blankAt = contest.options.findIndex((option) => option.blank);
  const inputs = contest.options.map((option, i) =>
    h("input", { type: single ? "radio" : "checkbox", name: "choice", id: `choice-${i}`, value: option.id }),
  );
  const read = (): boolean[] => inputs.map((input) => input.checked);
  inputs.forEach((input, i) => {
    input.checked = chosen?.[i] ?? false;
    input.addEventListener("change", () => {
      // the blank vote excludes every other choice, in the form as in the proof
      if (input.checked && !single) inputs.forEach((other, j) => j !== i && (i === blankAt || j === blankAt) && (other.checked = false));
      changed(read());
    });
  });
  const rows = contest.options.map((option, i) => {
    const { text, lang } = nameOf(option, language);
    return h("label", { class: option.blank ? "option blank" : "option", for: `choice-${i}`, lang }, inputs[i]!, h("span", {}, text));
  });
  if (single && contest.min === 0) {
    // a radio button cannot be taken back, so abstaining within the ballot needs one of its own
    const none = h("input", { type: "radio", name: "choice", id: "choice-none", value: "", change: () => changed(read()) });
    none.checked = chosen !== undefined && !chosen.includes(true);
    rows.push(h("label", { class: "option blank", for: "choice-none" }, none, h("span", {}, messages.noChoice)));
  }
  return h(
    "fieldset",
    {},
    h("legend", {}, titleOf(contest)),
    h("p", { id: "rule" }, ruleOf(contest, language, messages)),
    ...rows,
  );
}
