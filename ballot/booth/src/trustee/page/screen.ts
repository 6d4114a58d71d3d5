// Screens: one heading, some paragraphs, a few buttons. A screen can be drawn again in another language.

import { BoothError } from "../../errors.ts";
import { actions, type Child, h, p } from "./dom.ts";
import { say, texts } from "./words.ts";

const root = (): HTMLElement => document.getElementById("tool")!;
let redraw: () => void = () => undefined;

/** Shows a screen; `make` is called again when the language changes, unless something is being computed then. */
export function show(name: string, make: () => Child[]): void {
  redraw = () => draw(name, make());
  redraw();
  root().querySelector("h1")?.focus();
}

export const drawAgain = (): void => redraw();

function draw(name: string, children: Child[]): void {
  document.documentElement.lang = texts.language;
  document.title = say("title");
  document.getElementById("brand")!.textContent = say("title");
  document.body.dataset["screen"] = name;
  root().replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

export const heading = (key: string, values: { readonly [name: string]: string | number } = {}): HTMLElement => h("h1", { tabindex: "-1" }, say(key, values));

/** A labelled field; `id` names it for tests and help. */
export function field(id: string, key: string, input: HTMLElement, hint: string | null = null): Child[] {
  input.id = id;
  if (hint) input.setAttribute("aria-describedby", `${id}-hint`);
  return [h("label", { for: id }, say(key)), input, hint ? h("p", { id: `${id}-hint`, class: "hint" }, say(hint)) : null];
}

export const passwordInput = (fresh: boolean): HTMLInputElement =>
  h("input", { type: "password", autocomplete: fresh ? "new-password" : "current-password", required: true });

/** A form that hands over to `act`; what `act` refuses is shown in it, and nothing is lost. */
export function form(act: () => Promise<void>, ...children: Child[]): HTMLFormElement {
  const problem = h("div", { role: "alert" });
  const submit = (event: Event): void => {
    event.preventDefault();
    void attempt(problem, act);
  };
  return h("form", { submit, novalidate: true }, ...children, problem);
}

/** Buttons and the place where their refusals are shown. */
export function buttons(...made: ((problem: HTMLElement) => Child)[]): HTMLElement {
  const problem = h("div", { role: "alert" });
  return h("div", {}, actions(...made.map((make) => make(problem))), problem);
}

/** Runs an act; a refusal is shown in `problem`, in words where there are some, and with what exactly was seen. */
export async function attempt(problem: HTMLElement, act: () => Promise<void>): Promise<void> {
  problem.replaceChildren();
  try {
    await act();
  } catch (error) {
    problem.replaceChildren(...described(error));
    if (!problem.isConnected) root().prepend(problem);
  }
}

function described(error: unknown): HTMLElement[] {
  const code = error instanceof BoothError ? error.code : "failed";
  const key = texts.has(`problem.${code}`) ? `problem.${code}` : error instanceof BoothError ? "problem.bad-log" : "problem.failed";
  const detail = error instanceof Error ? error.message : String(error);
  const box = h("div", { class: "notice alert", "data-code": code }, p(key, "what"), h("details", {}, h("summary", {}, say("detail")), h("p", { class: "full" }, detail)));
  return [box];
}

/** A screen with a bar while something is computed; gives the function that moves it. */
export function working(key: string): (done: number, of: number, values?: { readonly [name: string]: string | number }) => Promise<void> {
  const bar = h("progress", { max: "1", "aria-label": say(key) });
  const text = h("p", { class: "when", role: "status" }, say(key));
  draw("working", [h("h1", { tabindex: "-1" }, say(key)), bar, text]);
  let drawn = 0;
  return async (done, of) => {
    if (performance.now() - drawn > 40) {
      bar.value = of > 0 ? done / of : 0;
      text.textContent = of > 1 ? say("doneOf", { done, of }) : "";
      drawn = performance.now();
    }
    await new Promise((go) => setTimeout(go)); // the browser draws and listens
  };
}
