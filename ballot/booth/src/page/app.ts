// The pages of the booth, one after the other: start, code, contests, review, work, receipt. Choices live in this object
// only: no storage of the browser is touched, and a reload begins anew from the link.

import { b64 } from "../base64url.ts";
import { shortCode } from "../ballot.ts";
import { BoothError, DataError, PeerError } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Voting } from "../voting.ts";
import { choiceFields, faultOf, nameOf, titleOf } from "./choice.ts";
import { button, download, h } from "./dom.ts";
import { type Key, type Messages, say } from "./messages.ts";

type Children = (Node | string | null)[];

/** Lets the browser paint between two slices of work, so that the screen never freezes. */
const nextFrame = (): Promise<void> => new Promise((done) => setTimeout(done));

export class App {
  private title = "";
  private secondFactor: "none" | "totp" | "email" = "none";
  private readonly votes = new Map<Voting, readonly boolean[]>();

  constructor(
    private readonly root: HTMLElement,
    private readonly messages: Messages,
    private readonly language: string,
    private readonly session: Session,
  ) {
    addEventListener("beforeunload", (event) => {
      if (!this.unsent) return;
      event.preventDefault();
      event.returnValue = ""; // what browsers before 2023 look at
    });
  }

  /** Whether there is an envelope without its receipt that may still be sent: it exists on this page only. */
  get unsent(): boolean {
    const refused = ({ problem }: Voting): boolean => problem instanceof PeerError && !problem.uncertain;
    return this.session.votings.some((voting) => voting.envelope && !refused(voting));
  }

  /** The start page. Opening the link changes nothing; a person presses Start (A73). */
  async begin(): Promise<void> {
    await this.attempt(async () => {
      const about = await this.session.open();
      this.title = about.title;
      this.secondFactor = about.second_factor;
      const start = button("start", this.messages.start, () => void this.start(), true);
      this.show(this.messages.title, h("p", {}, this.say("startText", { title: this.title })), h("p", {}, this.messages.startOnce), start);
    }, () => this.begin());
  }

  private async start(): Promise<void> {
    if (this.secondFactor === "none") return this.enter(null, () => this.firstContest());
    // by e-mail: the signed login without a code is what makes the service send one
    if (this.secondFactor === "email") {
      try {
        await this.session.login(null);
      } catch (error) {
        if (!(error instanceof PeerError) || error.uncertain) return this.failed(error, () => void this.start());
      }
    }
    this.askCode(() => this.firstContest());
  }

  private askCode(then: () => void, problem: string | null = null): void {
    const input = h("input", { id: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: "8", required: true });
    const submit = (event: Event): void => {
      event.preventDefault();
      const code = input.value.replace(/\s/g, "");
      if (/^[0-9]{6}$/.test(code)) void this.enter(code, then);
      else this.askCode(then, this.messages.sixDigits);
    };
    const form = h(
      "form",
      { submit },
      h("p", {}, this.secondFactor === "email" ? this.messages.codeEmail : this.messages.codeTotp),
      h("label", { for: "code" }, this.messages.codeLabel),
      input,
      h("button", { id: "login", class: "primary" }, this.messages.logIn),
    );
    this.show(this.messages.title, this.alert(problem), form);
  }

  /** Logs in, checks everything the service says of this voter, and goes on. */
  private async enter(code: string | null, then: () => void): Promise<void> {
    const bar = this.working(this.messages.loading);
    try {
      await this.session.login(code);
      if (this.session.votings.length === 0) await this.session.load(bar);
      then();
    } catch (error) {
      if (code !== null && error instanceof PeerError && error.code === "login-refused") this.askCode(then, this.explain(error));
      else this.failed(error, () => void this.enter(code, then));
    }
  }

  /** The contests in which something is still to be chosen. */
  private get open(): Voting[] {
    return this.session.votings.filter((voting) => !voting.tracker && !voting.problem);
  }

  private firstContest(): void {
    if (this.session.votings.length === 0) this.show(this.messages.title, h("p", {}, this.messages.nothingToDo));
    else if (this.open.length === 0) this.receipts();
    else this.contest(0);
  }

  private contest(i: number, problem: string | null = null): void {
    const voting = this.open[i]!;
    const { contest } = voting;
    const last = i === this.open.length - 1;
    const go = (): void => {
      const vote = this.votes.get(voting) ?? contest.options.map(() => false);
      const unanswered = contest.max === 1 && !this.votes.has(voting);
      const fault = unanswered ? this.messages.chooseOne : faultOf(contest, vote, this.messages);
      if (fault !== null) return this.contest(i, fault);
      this.votes.set(voting, vote);
      if (last) this.review();
      else this.contest(i + 1);
    };
    const keep = (vote: boolean[]): void => void this.votes.set(voting, vote);
    this.show(
      this.title,
      h("p", { class: "progress" }, this.say("progress", { i: i + 1, n: this.open.length })),
      voting.checked.issued ? h("p", { class: "resumed" }, this.messages.resumed) : null,
      this.alert(problem),
      h(
        "form",
        { "data-contest": contest.contest, submit: (event) => (event.preventDefault(), go()) },
        choiceFields(contest, this.votes.get(voting), this.language, this.messages, keep),
        h(
          "div",
          { class: "actions" },
          i > 0 ? button("back", this.messages.back, () => this.contest(i - 1)) : null,
          h("button", { id: last ? "review" : "next", class: "primary" }, last ? this.messages.review : this.messages.next),
        ),
      ),
    );
  }

  private review(): void {
    const items = this.open.map((voting, i) => {
      const { contest } = voting;
      const vote = this.votes.get(voting)!;
      const names = contest.options.filter((_, j) => vote[j]).map((option) => nameOf(option, this.language));
      const fewer = names.length < contest.max && !contest.options.some((option, j) => option.blank && vote[j]);
      return h(
        "li",
        {},
        h("h2", {}, titleOf(contest)),
        ...(names.length ? names.map(({ text, lang }) => h("p", { class: "chosen", lang }, text)) : [h("p", {}, this.messages.nothingChosen)]),
        fewer && contest.max > 1 ? h("p", { class: "note" }, this.say("fewer", { count: names.length, max: contest.max })) : null,
        button(`change-${contest.contest}`, this.say("change", { contest: titleOf(contest) }), () => this.contest(i)),
      );
    });
    this.show(
      this.messages.reviewTitle,
      h("p", {}, this.messages.reviewText),
      h("ul", { class: "cards" }, ...items),
      h(
        "div",
        { class: "actions" },
        button("back", this.messages.back, () => this.contest(this.open.length - 1)),
        button("cast", this.messages.cast, () => void this.cast(), true),
      ),
    );
  }

  private async cast(): Promise<void> {
    const bar = this.working(this.messages.encrypting);
    try {
      for (const [voting, vote] of this.votes) await this.session.seal(voting, vote, bar);
      await this.session.castAll();
    } catch (error) {
      return this.failed(error, () => void this.cast());
    }
    for (const voting of this.session.votings) if (voting.receipt) this.votes.delete(voting);
    if (this.session.votings.some((voting) => voting.problem?.code === "login-required")) {
      return this.askCode(() => void this.cast(), this.explain(new PeerError("login-required", "", false)));
    }
    this.receipts();
  }

  /** Every contest with what became of it. */
  private receipts(): void {
    const { votings } = this.session;
    const failed = votings.filter((voting) => voting.problem);
    const retry = failed.some((voting) => this.votes.has(voting) && (voting.problem as PeerError).uncertain);
    this.show(
      failed.length ? this.messages.receiptPartly : this.messages.receiptTitle,
      votings.some((voting) => voting.tracker) ? h("p", {}, this.messages.receiptText) : null,
      h("ul", { id: "receipt", class: "cards" }, ...votings.map((voting) => this.receipt(voting))),
      votings.some((voting) => voting.tracker) ? h("p", {}, this.messages.shared) : null,
      retry ? h("p", {}, this.messages.again) : null,
      retry ? button("retry", this.messages.retry, () => void this.cast(), true) : null,
    );
  }

  private receipt(voting: Voting): HTMLElement {
    const { contest, tracker, receipt, problem, evidence } = voting;
    const name = titleOf(contest);
    const parts: Children = [h("h2", {}, name)];
    if (problem) parts.push(this.alert(this.explain(problem)));
    if (tracker && !receipt) parts.push(h("p", {}, this.messages.wasCast));
    if (tracker) {
      parts.push(h("p", {}, this.messages.tracker, ": ", h("code", { class: "tracker" }, shortCode(tracker))));
      parts.push(h("details", {}, h("summary", {}, this.messages.fullTracker), h("code", { class: "full" }, b64(tracker))));
    }
    if (receipt) {
      const label = this.say("download", { contest: name });
      parts.push(button(`download-${contest.contest}`, label, () => download(`receipt-${contest.contest}.json`, receipt)));
    }
    if (evidence) parts.push(this.evidenceButton(contest.contest, evidence));
    return h("li", { "data-receipt": contest.contest, class: problem ? "bad" : "" }, ...parts);
  }

  private evidenceButton(name: string, evidence: unknown): HTMLElement {
    return button(`evidence-${name}`, this.messages.evidence, () => download(`evidence-${name}.json`, JSON.stringify(evidence)));
  }

  /** Runs a step; a failure is shown with a way to try again. */
  private async attempt(act: () => Promise<void>, again: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.failed(error, () => void again());
    }
  }

  private failed(error: unknown, again: () => void): void {
    const temporary = error instanceof PeerError;
    const { disputed, votings } = this.session;
    const sent = votings.some((voting) => voting.envelope || voting.receipt);
    this.show(
      temporary || sent ? this.messages.problemTitle : this.messages.alarmTitle,
      this.alert(this.explain(error)),
      temporary ? button("retry", this.messages.retry, again, true) : null,
      !temporary && disputed ? this.evidenceButton("log", disputed) : null,
    );
  }

  /** A sentence for the code; what has none of its own says the code and the technical reason. */
  private explain(error: unknown): string {
    const code = error instanceof BoothError ? error.code : "internal";
    const detail = error instanceof Error ? error.message : String(error);
    const { problems } = this.messages;
    if (Object.keys(problems).includes(code)) return problems[code]!;
    return this.say(error instanceof PeerError ? "other" : error instanceof DataError ? "unproven" : "failed", { code, detail });
  }

  private say(key: Key, values: { readonly [name: string]: string | number }): string {
    return say(this.messages, key, values);
  }

  private alert(text: string | null): HTMLElement | null {
    return text === null ? null : h("p", { role: "alert", class: "alert" }, text);
  }

  /** A page that only waits; gives what the work calls between two slices. */
  private working(label: string): (done: number, of: number) => Promise<void> {
    const bar = h("progress", { "aria-label": label });
    this.show(label, bar);
    return async (done, of) => {
      bar.max = of;
      bar.value = done;
      await nextFrame();
    };
  }

  /** One page: its heading gets the focus, so that screen readers begin there. */
  private show(heading: string, ...children: Children): void {
    const title = h("h1", { tabindex: "-1" }, heading);
    const rehearsal = this.session.rehearsal ? h("p", { class: "rehearsal" }, this.messages.rehearsal) : null;
    this.root.replaceChildren(title, ...[rehearsal, ...children].filter((child): child is Node | string => child !== null));
    document.title = this.title && heading !== this.title ? `${heading} – ${this.title}` : heading;
    scrollTo(0, 0);
    title.focus({ preventScroll: true });
  }
}
