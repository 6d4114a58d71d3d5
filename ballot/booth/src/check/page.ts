// The page "check my ballot": one form, one answer in plain words. What was found stays on the page while the language
// changes; nothing is stored.

import { b64 } from "../base64url.ts";
import type { Bytes } from "../bytes.ts";
import { shortCode } from "../ballot.ts";
import { DataError, PeerError } from "../errors.ts";
import { type Child, h } from "../page/dom.ts";
import type { Texts } from "../page/texts.ts";
import { dateTime } from "../page/when.ts";
import type { Title } from "../titles.ts";
import { checkBallot, type Outcome } from "./check.ts";
import { fileName, type Given, readCode, readFile } from "./given.ts";
import type { Published } from "./published.ts";

export class Page {
  private given: Given | null = null;
  private outcome: Outcome | null = null;
  private problem: unknown = null;
  private readonly code = h("input", { id: "tracker", type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", "aria-describedby": "code-hint" });
  private readonly file = h("input", { id: "file", type: "file", accept: ".json,.tlog-proof,application/json", change: () => void this.readChosen() });
  private readonly result = h("div", { id: "result", "aria-live": "polite" });

  constructor(
    private readonly root: HTMLElement,
    private readonly published: Published,
    public texts: Texts,
  ) {}

  private say(key: string, values: { readonly [name: string]: string | number } = {}): string {
    return this.texts.say(key, values);
  }

  /** The whole page in the present language. */
  draw(): void {
    document.documentElement.lang = this.texts.language;
    document.title = this.say("title");
    document.getElementById("brand")!.textContent = this.title() || this.say("title");
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.take(() => readCode(this.code.value));
    };
    const form = h(
      "form",
      { id: "form", submit, novalidate: true },
      h("label", { for: "tracker" }, this.say("codeLabel")),
      this.code,
      h("p", { id: "code-hint", class: "hint" }, this.say("codeHint")),
      h("div", { class: "actions" }, h("button", { id: "check", class: "primary" }, this.say("check"))),
      h("label", { for: "file" }, this.say("fileLabel")),
      this.file,
      h("p", { class: "note" }, this.say("privacy")),
    );
    const done = this.outcome?.kind === "recorded" || this.outcome?.kind === "waiting";
    document.getElementById("program")!.textContent = this.say("program");
    this.root.replaceChildren(
      h("h1", {}, this.say("title")),
      this.outcome ? "" : h("p", {}, this.say("lead")),
      this.result,
      done ? h("details", { id: "another" }, h("summary", {}, this.say("another")), form) : form,
    );
    this.answer();
  }

  /** What stands behind the # of the receipt's QR code. */
  async open(fragment: string): Promise<void> {
    this.code.value = fragment.replace(/^#/, "");
    await this.take(() => readCode(this.code.value));
  }

  private async readChosen(): Promise<void> {
    const chosen = this.file.files?.[0];
    if (!chosen) return;
    const raw = new Uint8Array(await chosen.arrayBuffer()) as Bytes;
    this.file.value = ""; // the same file may be chosen again
    await this.take(() => readFile(raw));
  }

  private async take(read: () => Given): Promise<void> {
    [this.outcome, this.problem] = [null, null];
    try {
      this.given = read();
      this.code.value = this.given.short;
      this.progress(0, 0);
      this.outcome = await checkBallot(this.published, this.given, async (done, of) => {
        this.progress(done, of);
        await new Promise((go) => setTimeout(go));
      });
    } catch (error) {
      this.problem = error;
    }
    this.draw();
    this.result.querySelector("h2")?.focus();
  }

  private progress(done: number, of: number): void {
    const text = of > 0 ? this.say("scanning", { done, of }) : this.say("looking");
    this.result.replaceChildren(h("p", { role: "status", class: "when" }, text));
  }

  private title(): string {
    const texts = this.outcome?.about.texts;
    return texts ? (texts[this.texts.language] ?? texts["en"])?.title ?? "" : "";
  }

  private answer(): void {
    if (this.problem) this.result.replaceChildren(this.problemPanel(this.problem));
    else if (this.outcome) this.result.replaceChildren(this.panel(this.outcome));
    else this.result.replaceChildren();
  }

  private panel(outcome: Outcome): HTMLElement {
    switch (outcome.kind) {
      case "recorded":
        return this.recorded(outcome);
      case "waiting": {
        const closes = outcome.closes ? dateTime(this.texts, outcome.closes, outcome.about.zone) : this.say("close");
        return this.box("waiting", "when", this.say(outcome.receipt ? "waitingSigned" : "waitingCode"), this.say("checkAgain", { closes }));
      }
      case "missing":
        return this.alarm(outcome, "missing", outcome.evidence, { size: outcome.size });
      case "forged":
        return this.alarm(outcome, "forged", outcome.evidence);
      case "foreign":
        return this.box("foreign", "alert", this.say("foreignText"), this.say("logId", { log: b64(outcome.logId) }));
      case "unknown":
        return this.box("unknown", "alert", this.say("unknownText"), ...this.contact(outcome.about.contact));
    }
  }

  private recorded({ found, title, receipt, logId }: Extract<Outcome, { kind: "recorded" }>): HTMLElement {
    const log = `${location.origin}/log/${this.published.election}/`;
    return h(
      "ul",
      { class: "cards", "data-outcome": "recorded" },
      h(
        "li",
        { class: "done" },
        h("h2", { tabindex: "-1" }, this.say("recordedTitle")),
        h("p", {}, this.say("recordedText", { seq: found.seq, size: found.size })),
        receipt && h("p", {}, this.say("receiptGood")),
        h("p", {}, this.named(title)),
        h("p", {}, h("span", { class: "tracker", translate: "no" }, shortCode(found.tracker))),
        h("p", {}, this.say("secret")),
        h("p", { class: "hint" }, this.say("proofText")),
        this.button("proof", () => save(fileName(this.given!, ".tlog-proof"), found.proof, "text/plain")),
        h(
          "details",
          {},
          h("summary", {}, this.say("more")),
          h("p", {}, this.say("logId", { log: b64(logId) })),
          h("p", {}, `${this.say("fullTracker")}: `, h("code", { class: "full", translate: "no" }, b64(found.tracker))),
          h("p", {}, this.say("command")),
          h("p", {}, h("code", { class: "full", translate: "no" }, `election-audit receipt ${fileName(this.given!, ".tlog-proof")} ${log}`)),
        ),
      ),
    );
  }

  /** The position's name in the reader's language, else English, else any, and the block. */
  private named({ names, block }: Title): HTMLElement {
    const lang = [this.texts.language, "en", ...Object.keys(names)].find((tag) => names[tag] !== undefined) ?? "en";
    return h("strong", {}, h("span", { lang }, names[lang] ?? ""), block && ` · ${block}`);
  }

  private alarm(outcome: Outcome, kind: string, evidence: Bytes, values: { readonly [name: string]: string | number } = {}): HTMLElement {
    const keep = this.button("evidence", () => save(fileName(this.given!, ".evidence.json"), evidence, "application/json"));
    return this.box(kind, "alert", this.say(`${kind}Text`, values), ...this.contact(outcome.about.contact), this.say("logId", { log: b64(outcome.logId) }), keep);
  }

  private button(id: "proof" | "evidence", press: () => void): HTMLElement {
    return h("button", { id, type: "button", click: press }, this.say(id));
  }

  private contact(contact: string): Child[] {
    if (!contact) return [h("a", { href: `/elections/${this.published.election}/help?lang=${this.texts.language}` }, this.say("help"))];
    const href = contact.startsWith("https:") ? contact : `mailto:${contact}`;
    return [h("p", {}, `${this.say("contact")} `, h("a", { href, rel: "noreferrer" }, contact.replace(/^https:\/\//, "")))];
  }

  private box(kind: string, look: "when" | "alert", ...parts: Child[]): HTMLElement {
    const body = parts.map((part) => (typeof part === "string" ? h("p", {}, part) : part));
    const role = look === "alert" ? "alert" : "status";
    return h("div", { class: look, role, "data-outcome": kind }, h("h2", { tabindex: "-1" }, this.say(`${kind}Title`)), ...body);
  }

  private problemPanel(error: unknown): HTMLElement {
    if (error instanceof DataError && error.code === "not-given") return this.box("bad", "alert", this.say("badText"));
    if (error instanceof PeerError) {
      const kind = error.code === "unknown-election" ? "nowhere" : "network";
      return this.box(kind, "alert", this.say(`${kind}Text`));
    }
    if (error instanceof DataError) return this.box("lying", "alert", this.say("lyingText", { detail: error.message }));
    return this.box("failed", "alert", this.say("failedText", { detail: String(error) }));
  }
}

/** Offers bytes as a file; nothing leaves the device. */
function save(name: string, content: Bytes, type: string): void {
  const href = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
