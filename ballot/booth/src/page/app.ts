// The booth as a sequence of screens. Choices live in this object only: no storage of the browser is touched, and a reload
// begins anew from the link. A screen is a function that draws what is known now, in the language of now.

import type { AuditedBallot } from "../ballot.ts";
import type { Bytes, Random } from "../bytes.ts";
import type { Pause } from "../encryption.ts";
import { PeerError } from "../errors.ts";
import type { Session } from "../session.ts";
import { shuffled } from "../session.ts";
import type { TestSession } from "../test_session.ts";
import type { Voting } from "../voting.ts";
import { button, type Child, h, link } from "./dom.ts";
import { type Texts, type Values } from "./texts.ts";
import { Clock, dateTime, duration } from "./when.ts";

export type Screen = () => void;
export type Profiles = Awaited<ReturnType<Session["profiles"]>>;

/** A ballot that was opened for the test, and the tracker that was shown before. */
export interface Audited {
  readonly revealed: AuditedBallot;
  readonly tracker: Bytes;
}

export class App {
  readonly votes = new Map<Voting, readonly boolean[]>();
  readonly later = new Set<Voting>();
  readonly audited = new Map<Voting, Audited>();
  readonly profiles = new Map<Voting, Profiles>();
  /** whether the review was seen: from then on every contest leads back to it */
  reviewed = false;
  /** what is wrong on this screen, in the language of now */
  fault: (() => Child) | null = null;
  private clock = new Clock("");
  private screens: Screen[] = [];
  private at = 0;
  /** what covers the present screen: work under way, or a problem */
  private cover: Screen | null = null;
  private busy = false;
  private ticks: (() => void)[] = [];
  private readonly orders = new Map<Voting, readonly number[]>();

  constructor(
    private readonly root: HTMLElement,
    readonly session: Session | TestSession,
    readonly election: string,
    public texts: Texts,
    private readonly random: Random,
  ) {
    addEventListener("popstate", (event) => this.moved(event.state as number | null));
    addEventListener("beforeunload", (event) => {
      if (!session.unsent) return;
      event.preventDefault();
      event.returnValue = ""; // what browsers before 2023 look at
    });
    // a page that the browser kept whole while somebody was elsewhere: nothing of it comes back (A86)
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    setInterval(() => this.ticks.forEach((tick) => tick()), 10_000);
  }

  say(key: string, values?: Values): string {
    return this.texts.say(key, values);
  }

  // Moving between screens -------------------------------------------------------------------------------------------

  /** Goes on to a screen. The browser's Back returns from it; its history holds a number and nothing else. */
  go(screen: Screen): void {
    this.uncover();
    const first = this.screens.length === 0;
    if (!first) this.at++;
    this.screens = [...this.screens.slice(0, this.at), screen];
    history[first ? "replaceState" : "pushState"](this.at, "");
    this.draw();
  }

  /** The present screen again, after work or a problem, or with what is wrong on it. */
  stay(fault: (() => Child) | null = null): void {
    this.uncover();
    this.fault = fault;
    this.draw();
  }

  /** Shows something in front of the present screen. */
  interrupt(screen: Screen, busy = false): void {
    this.cover = screen;
    this.busy = busy;
    this.draw();
  }

  private uncover(): void {
    this.cover = this.fault = null;
    this.busy = false;
  }

  /** From now on there is nothing to go back to (A86). */
  forgetScreens(): void {
    this.screens = [];
    this.at = 0;
    this.later.clear();
    this.votes.clear();
    this.audited.clear();
  }

  /** The link came once more while a ballot waits: its secret leaves the address bar, and nothing else happens. */
  cleanAddress(): void {
    history.replaceState(this.at, "", location.pathname);
  }

  get canGoBack(): boolean {
    return this.at > 0;
  }

  private moved(to: number | null): void {
    if (location.hash) return; // the link once more, see main.ts
    if (this.busy || !this.screens[to ?? 0]) return history.pushState(this.at, "");
    this.at = to ?? 0;
    this.stay();
  }

  // Drawing ----------------------------------------------------------------------------------------------------------

  /** Draws the present screen, as new, or (`kept`) over itself: in another language, with what was typed and opened. */
  draw(kept = false): void {
    this.ticks = [];
    const old = kept ? [...this.root.querySelectorAll<HTMLInputElement & HTMLDetailsElement>("[id]")] : [];
    (this.cover ?? this.screens[this.at]!)();
    for (const { id, value, open } of old) {
      const now = document.getElementById(id) as (HTMLInputElement & HTMLDetailsElement) | null;
      if (now && open) now.open = true;
      if (now?.matches("#code, textarea")) now.value = value;
    }
    if (kept) return;
    scrollTo(0, 0);
    this.root.querySelector("h1")?.focus({ preventScroll: true });
  }

  /** One screen: its name for style sheets and tests, its heading, what stands on it. */
  show(name: string, heading: string, ...children: Child[]): void {
    const title = this.electionTitle();
    const test = this.session.test ? "testMode" : this.session.rehearsal ? "rehearsal" : null;
    this.root.dataset["screen"] = name;
    const page = h("div", {}, ...children);
    if (!page.querySelector("h1")) page.prepend(this.heading(heading));
    if (test) page.prepend(h("p", { class: "test" }, this.say(test)));
    this.root.replaceChildren(page);
    document.documentElement.lang = this.texts.language;
    document.title = [test && "TEST", heading, title.text !== heading && title.text].filter(Boolean).join(" – ");
    document.body.classList.toggle("rehearsal", test !== null);
    const brand = document.getElementById("brand")!;
    const named = title.text && name !== "start";
    brand.textContent = named ? title.text : this.say("vote");
    brand.lang = named ? title.lang : this.texts.language;
    document.getElementById("language")!.setAttribute("aria-label", this.say("language"));
    document.getElementById("help")!.replaceChildren(...this.helpLines());
  }

  heading(text: string, lang: string | null = null): HTMLElement {
    return h("h1", { tabindex: "-1", lang }, text);
  }

  /** A screen that only waits; gives what the work calls between two slices of it, so that the page never freezes. */
  working(name: string): (part?: number, parts?: number) => Pause {
    const bar = h("progress", {});
    this.interrupt(() => {
      bar.setAttribute("aria-label", this.say(name));
      this.show("working", this.say(name), h("p", { role: "status" }, this.say(`${name}Text`)), bar);
    }, true);
    return (part = 0, parts = 1) => async (done, of) => {
      bar.max = parts;
      bar.value = part + done / of;
      await new Promise((painted) => setTimeout(painted));
    };
  }

  alert(content: Child): HTMLElement | null {
    return content ? h("div", { role: "alert", class: "alert", id: "problem" }, content) : null;
  }

  /** The address of a page of this election, in the page's language. */
  page(name: string): string {
    return `/elections/${this.election}${name}?lang=${this.texts.language}`;
  }

  private helpLines(): Node[] {
    const contact = this.session.about?.contact;
    const lines = [h("p", {}, link(this.page("/help"), this.say("help"))), h("p", {}, this.say("program"))];
    if (contact) lines.unshift(h("p", {}, this.say("contact"), " ", link(contact.includes("@") ? `mailto:${contact}` : contact, contact)));
    return lines;
  }

  // What is known ----------------------------------------------------------------------------------------------------

  /** Asks the service what the election is; what it says of the time counts from now. */
  async open(): Promise<void> {
    this.clock = new Clock((await this.session.open()).now);
  }

  /** A text by language: in the page's, else in English, else any; `lang` is null where it is the page's. */
  in<T>(texts: { readonly [language: string]: T }): { text: T; lang: string | null; language: string } | null {
    const { language } = this.texts;
    const found = [language, "en", ...Object.keys(texts)].find((tag) => tag in texts);
    return found ? { text: texts[found]!, lang: found === language ? null : found, language: found } : null;
  }

  electionTitle(): { text: string; lang: string } {
    const found = this.in(this.session.about?.texts ?? {});
    return { text: found?.text.title ?? "", lang: found?.language ?? this.texts.language };
  }

  titleOf({ title: { names, block } }: Voting): { text: string; lang: string | null } {
    const { text, lang } = this.in(names)!;
    return { text: block ? `${text} – ${block}` : text, lang };
  }

  /** The options in this voter's order: by chance, made here and told to nobody; blank last. */
  orderOf(voting: Voting): readonly number[] {
    const { options, position } = voting.contest;
    const all = options.map((_, i) => i);
    const order = this.orders.get(voting) ?? (position === null ? all : shuffled(all, this.random));
    this.orders.set(voting, order);
    return [...order.filter((i) => !options[i]!.blank), ...order.filter((i) => options[i]!.blank)];
  }

  /** The contests in which something is still to be chosen; a failure that may pass by itself does not end one. */
  get choosable(): Voting[] {
    const passing = ({ problem }: Voting): boolean => problem instanceof PeerError && (problem.uncertain || problem.code === "login-required");
    return this.session.votings.filter(
      (voting) => !["casting", "cast"].includes(voting.state) && (!voting.problem || passing(voting)) && voting.poll?.state !== "paused",
    );
  }

  /** Those with a choice that is to be cast now. */
  get chosen(): Voting[] {
    return this.choosable.filter((voting) => this.votes.has(voting) && !this.later.has(voting));
  }

  dateTime(at: string | null): string {
    return at ? dateTime(this.texts, at, this.session.about!.zone) : this.say("unknownTime");
  }

  duration(milliseconds: number): string {
    return duration(this.texts, milliseconds);
  }

  /** "Time left: 2 days 3 hours", counting down; no live region, which would talk all the time. */
  countdown(key: "timeLeft" | "timeUntil", at: string | null): HTMLElement | null {
    if (!at) return null;
    const line = h("p", { class: "countdown" });
    const tick = (): void => void (line.textContent = this.say(key, { time: this.duration(this.clock.until(at)) }));
    this.ticks.push(tick);
    tick();
    return line;
  }

  actions(...buttons: (HTMLElement | null)[]): HTMLElement {
    const back = this.canGoBack ? button("back", this.say("back"), () => history.back()) : null;
    return h("div", { class: "actions" }, ...buttons, back);
  }
}
