// The form of a complaint: the results about which complaints are heard, the link where the page was opened without it, the
// text. Fields are made once, so that what was typed outlives a change of language.

import type { ElectionAnswer, PollAnswer } from "../api.ts";
import { systemRandom } from "../bytes.ts";
import { BoothError, PeerError } from "../errors.ts";
import { type Link, parseLink } from "../link.ts";
import { actions, button, byId, type Child, h, link as linkTo, p } from "../page/dom.ts";
import { explain } from "../page/explain.ts";
import { Key } from "../page/keys.ts";
import { page } from "../page/place.ts";
import { dateTime } from "../page/when.ts";
import { inLanguage, say, texts } from "../page/words.ts";
import { type ComplaintApi, MAX_COMPLAINT } from "./complaint.ts";

type Heard = PollAnswer & { readonly complaints: string };

export class Page {
  private about: ElectionAnswer | undefined;
  private view: () => [name: string, heading: Key, ...children: Child[]] = () => ["working", Key.complaintTitle];
  /** what is wrong, in the language of now */
  private fault: (() => Child) | null = null;
  private readonly secret = h("input", { id: "link", type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "link-hint" });
  private readonly poll = h("select", { id: "poll" });
  private readonly text = h("textarea", { id: "complaint", rows: "8", maxlength: `${MAX_COMPLAINT}` });

  constructor(
    private readonly root: HTMLElement,
    private readonly api: ComplaintApi,
    private readonly election: string,
    /** of the address, "" where there was none */
    private fragment: string,
  ) {}

  /** What the service says of the election; then the form, or why there is none. */
  async open(): Promise<void> {
    try {
      this.about = await this.api.about();
      if (this.fragment) await this.api.logId(this.link());
      this.show(this.heard().length ? this.form : this.none);
    } catch (error) {
      this.show(() => this.failed(error));
    }
  }

  private heard(): Heard[] {
    return this.about!.polls.filter((poll): poll is Heard => poll.complaints !== null);
  }

  /** Of the address, or as it was pasted: whole, or what stands behind the #. */
  private link(): Link {
    const given = this.fragment || this.secret.value.trim();
    return parseLink(this.election, given && `#${given.split("#").pop()}`);
  }

  private show(view: typeof this.view, fault: typeof this.fault = null): void {
    [this.view, this.fault] = [view, fault];
    this.draw();
    scrollTo(0, 0);
    this.root.querySelector("h1")!.focus({ preventScroll: true });
  }

  /** The present view in the language of now. */
  draw(): void {
    const [name, heading, ...children] = this.view();
    const title = this.about && inLanguage(this.about.texts);
    const contact = this.about?.contact;
    document.documentElement.lang = texts.language;
    document.title = say(heading);
    byId("brand")!.textContent = title ? title.text.title : say(Key.vote);
    byId("brand")!.lang = title?.lang ?? texts.language;
    byId("help")!.replaceChildren(
      h(
        "div",
        {},
        contact && h("p", {}, say(Key.contact), " ", linkTo(contact.includes("@") ? `mailto:${contact}` : contact, contact)),
        h("p", {}, linkTo(page("/help"), say(Key.help))),
        p(Key.program),
      ),
    );
    this.root.dataset["screen"] = name;
    const test = this.about?.rehearsal;
    document.body.className = test ? "rehearsal" : "";
    const wrong = this.fault && h("div", { role: "alert", class: "alert", id: "problem" }, this.fault());
    this.root.replaceChildren(
      h("div", {}, p(test! && Key.rehearsal, "test"), h("h1", { tabindex: "-1" }, say(heading)), wrong, ...children),
    );
  }

  private until({ poll, complaints }: Heard): string {
    return say(Key.complaintUntil, { poll, when: dateTime(texts, complaints, this.about!.zone) });
  }

  private readonly form = (): ReturnType<typeof this.view> => {
    const polls = this.heard();
    const chosen = this.poll.value;
    this.poll.replaceChildren(...polls.map((poll) => h("option", { value: `${poll.poll}` }, this.until(poll))));
    if (chosen) this.poll.value = chosen;
    this.text.setAttribute("aria-describedby", this.fault ? "problem" : "complaint-hint");
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.send();
    };
    return [
      "complaint",
      Key.complaintTitle,
      h("p", { id: "complaint-hint" }, say(Key.complaintText)),
      h(
        "form",
        { submit },
        ...(polls.length > 1
          ? [h("label", { for: "poll" }, say(Key.complaintPoll)), this.poll]
          : polls.map((poll) => h("p", { class: "lead" }, this.until(poll)))),
        ...(this.fragment
          ? []
          : [h("label", { for: "link" }, say(Key.complaintLink)), h("p", { id: "link-hint", class: "hint" }, say(Key.complaintLinkText)), this.secret]),
        h("label", { for: "complaint" }, say(Key.complaintLabel)),
        this.text,
        actions(button("send", Key.complaintSend, null), this.back()),
      ),
    ];
  };

  private readonly none = (): ReturnType<typeof this.view> => ["none", Key.complaintNone, this.result(), actions(this.back())];

  /** Sends it; where that fails, the form shows why, with what was written. */
  private async send(): Promise<void> {
    if (!this.text.value.trim()) return this.show(this.form, () => say(Key.complaintEmpty));
    try {
      const link = this.link();
      this.show(() => ["working", Key.complaintSending, h("div", { role: "status" }, p(Key.complaintSendingText))]);
      const entry = await this.api.complain(link, Number(this.poll.value), this.text.value, systemRandom);
      this.show(() => ["complained", Key.complaintDone, p(Key.complaintEntry, "lead", { entry }), this.result(), actions(this.back())]);
    } catch (error) {
      this.show(this.form, () => explain(error));
    }
  }

  private failed(error: unknown): ReturnType<typeof this.view> {
    const calm = error instanceof PeerError || (error instanceof BoothError && error.code.startsWith("link-"));
    const again = error instanceof PeerError && button("retry", Key.retry, () => void this.open(), { kind: "primary" });
    return ["problem", calm ? Key.problemTitle : Key.alarmTitle, h("div", { role: "alert", class: "alert", id: "problem" }, explain(error)), again];
  }

  private result(): Child {
    return h("p", {}, linkTo(page("/results"), say(Key.resultPage)));
  }

  /** To the booth with the same link; none where the page was opened without it. */
  private back(): Child {
    const address = `/vote/${this.election}?lang=${texts.language}`;
    return this.fragment !== "" && button("back", Key.complaintBack, () => location.replace(address + this.fragment));
  }
}
