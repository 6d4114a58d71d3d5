// Screens one after the other, with the browser's own Back. A screen is a function that draws what is known now, in the
// language of now; history entries hold a number and nothing else.

import { sleep } from "../api.ts";
import type { Pause } from "../encryption.ts";
import * as app from "./app.ts";
import { button, byId, type Child, h, link, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { say, texts } from "./words.ts";

export type Screen = () => void;

const PAUSE = 10_000; // milliseconds between two looks at the clock

const root = byId("booth")!;

let screens: Screen[] = [];
let at = 0;
/** what covers the present screen: work under way, or a problem */
let cover: Screen | null = null;
let busy = false;
let ticks: (() => void)[] = [];
/** what is wrong on this screen, in the language of now */
let fault: (() => Child) | null = null;

addEventListener("popstate", ({ state }) => {
  if (location.hash) return; // the link once more, see main.ts
  const to = state as number;
  // Back leads out of a page that has no screen yet, as the one without its link
  if (busy || !screens[to]) return void ((busy || screens[0]) && history.pushState(at, ""));
  at = to;
  stay();
});
// a page that the browser kept whole while somebody was elsewhere: nothing of it comes back (A86)
addEventListener("pageshow", (event) => event.persisted && location.reload());
addEventListener("beforeunload", (event) => {
  if (!app.session.unsent) return;
  event.preventDefault();
  event.returnValue = ""; // what browsers before 2023 look at
});
setInterval(() => ticks.forEach((tick) => tick()), PAUSE);

/** Goes on to a screen. */
export function go(screen: Screen): void {
  if (screens.length) at++;
  screens = [...screens.slice(0, at), screen];
  history[at ? "pushState" : "replaceState"](at, "");
  stay();
}

/** The present screen again, after work or a problem, or with what is wrong on it. */
export function stay(wrong: (() => Child) | null = null): void {
  cover = null;
  busy = false;
  fault = wrong;
  draw();
}

/** Shows something in front of the present screen. */
export function interrupt(screen: Screen, isBusy = false): void {
  [cover, busy, fault] = [screen, isBusy, null];
  draw();
}

/** From now on there is nothing to go back to (A86). */
export function forgetScreens(): void {
  [screens, at] = [[], 0];
}

/** The link came once more while a ballot waits: its secret leaves the address bar, and nothing else happens. */
export const cleanAddress = (): void => history.replaceState(at, "", location.pathname);

/** Draws the present screen, as new, or (`kept`) over itself: in another language, with what was typed and opened. */
export function draw(kept = false): void {
  ticks = [];
  const old = kept ? [...root.querySelectorAll<HTMLInputElement & HTMLDetailsElement>("#code, textarea, details")] : [];
  (cover ?? screens[at]!)();
  for (const { id, value, open } of old) {
    const now = byId(id);
    if (now) Object.assign(now, open === undefined ? { value } : { open });
  }
  if (kept) return;
  scrollTo(0, 0);
  root.querySelector("h1")!.focus({ preventScroll: true });
}

/** One screen: its name for style sheets and tests, its heading (an element: it stands among the children), the rest. */
export function show(name: string, heading: string | HTMLElement, ...children: Child[]): void {
  const session = app.session;
  const test = session.test ? Key.testMode : session.rehearsal && Key.rehearsal;
  const own = typeof heading !== "string";
  root.dataset["screen"] = name;
  root.replaceChildren(h("div", {}, p(test, "test"), !own && h1(heading), ...children));
  // the frame: what the page is called, and in which language; whom to ask
  const title = app.electionTexts();
  const brand = byId("brand")!;
  brand.textContent = title ? title.text.title : say(Key.vote);
  brand.lang = (title && title.lang) ?? texts.language;
  document.documentElement.lang = texts.language;
  document.title = (test ? "TEST – " : "") + (own ? heading.textContent : heading);
  document.body.className = test ? "rehearsal" : "";
  const contact = session.about && session.about.contact;
  byId("help")!.replaceChildren(
    h(
      "div",
      {},
      contact && h("p", {}, say(Key.contact), " ", link(contact.includes("@") ? `mailto:${contact}` : contact, contact)),
      h("p", {}, link(app.page("/help"), say(Key.help))),
      p(Key.program),
    ),
  );
}

export const h1 = (text: string, lang: string | null = null): HTMLElement => h("h1", { tabindex: "-1", lang }, text);

/** What is wrong, said at once by screen readers. */
export const alert = (content: Child): Child => content && h("div", { role: "alert", class: "alert", id: "problem" }, content);

/** What is wrong on this screen. */
export const faultHere = (): Child => alert(fault && fault());

/** The button that leads to the screen before, where there is one. */
export const back = (): Child => at > 0 && button("back", Key.back, () => history.back());

/** A screen that only waits; gives what the work calls between two slices of it, so that the page never freezes. */
export function working(title: Key, text: Key): (part?: number, parts?: number) => Pause {
  const bar = h("progress");
  interrupt(() => {
    bar.setAttribute("aria-label", say(title));
    show("working", say(title), h("div", { role: "status" }, p(text)), bar);
  }, true);
  return (part = 0, parts = 1) => async (done, of) => {
    bar.value = (part + done / of) / parts;
    await sleep(0); // the browser paints
  };
}

/** Calls now, and again and again while this screen is shown. */
export function often(tick: () => void): void {
  ticks.push(tick);
  tick();
}
