// Signing of acts, one or many: what is signed are exactly the bytes that the page shows, bound to the log that this
// browser remembers. The service can show and propose; the signature is made here, by a key that it does not have.

import { shortCode } from "../ballot.ts";
import { b64, unb64 } from "../base64url.ts";
import { type Bytes, equal, fromUtf8, systemRandom, utf8 } from "../bytes.ts";
import { decode, encode, type Json } from "../canonical.ts";
import { BoothError, check } from "../errors.ts";
import { bar, said, show, tell, the } from "./dom.ts";
import { approvalMessage, makeApproval, type MemberKey, openMemberKey, readMember } from "./member.ts";
import { pinLog, pinnedLog } from "./pinned_log.ts";
import { type Answer, send } from "./sending.ts";

const ACT_SIZE = 16;

/** An act on the page. `act` was proposed by somebody; a new one gets its number here, once, so that nothing is sent twice. */
interface Item {
  readonly article: HTMLElement;
  readonly kind: string;
  readonly unsigned: Bytes;
  readonly act: string;
  readonly isNew: boolean;
  readonly notBefore: string | null;
}

export function startSigning(): void {
  const section = document.getElementById("signing");
  if (!section || !isSecureContext || !globalThis.crypto?.subtle) return;
  show(the("without-script"), false);
  const problem = the("sign-problem");
  try {
    const desk = new Desk(section.dataset);
    show(section);
    desk.start();
  } catch (error) {
    show(section);
    tell(problem, said(error instanceof BoothError ? error.code : "failed", { detail: String(error) }), true);
    show(the("sign-form"), false);
  }
}

class Desk {
  private readonly election: string;
  private readonly log: Bytes;
  private readonly members: { [id: string]: Json };
  private readonly stored: Bytes | null;
  private readonly items: Item[];
  private busy = false;

  constructor(data: DOMStringMap) {
    this.election = data["election"]!;
    this.log = unb64(data["log"]!, 32, "log");
    this.members = decode(utf8(data["members"]!)) as { [id: string]: Json };
    this.stored = data["keyFile"] ? utf8(data["keyFile"]) : null;
    this.items = [...document.querySelectorAll<HTMLElement>("article.act[data-kind]")].map((article) => this.read(article));
  }

  start(): void {
    if (this.stored) this.askForLog(readMember(this.stored).key);
    const file = the<HTMLInputElement>("sign-file");
    file.addEventListener("change", () => void this.keyFile().then((raw) => raw && this.askForLog(readMember(raw).key)).catch(() => undefined));
    the("sign-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.sign();
    });
  }

  /** The act as the page shows it; what it will sign stands in it, and the code to compare. */
  private read(article: HTMLElement): Item {
    const { kind, act, notBefore } = article.dataset;
    const pre = article.querySelector("pre.bytes")!;
    const code = article.querySelector(".code")!;
    const data = decode(utf8(pre.textContent!)) as { [name: string]: Json };
    if (act) check(data["act"] === act, "act", "other-act");
    const number = act ?? b64(systemRandom(ACT_SIZE));
    const unsigned = encode({ ...data, act: number });
    const made = shortCode(approvalMessage(this.log, kind!, unsigned));
    if (act) check(code.textContent === made, "code", "other-act");
    pre.textContent = fromUtf8(unsigned);
    code.textContent = made;
    article.querySelectorAll<HTMLElement>("[data-without-script]").forEach((part) => show(part, false));
    return { article, kind: kind!, unsigned, act: number, isNew: !act, notBefore: notBefore ?? null };
  }

  /** Asks the member to compare the log, the first time; an alarm where it is another one than before. */
  private askForLog(key: Bytes): void {
    const held = pinnedLog(key, this.election);
    const other = held !== null && held !== b64(this.log);
    show(the("first-log"), held === null);
    show(the("other-log"), other);
    show(the("sign-form"), !other);
    if (other) the("remembered-log").textContent = held;
  }

  private async keyFile(): Promise<Bytes | null> {
    const chosen = the<HTMLInputElement>("sign-file").files?.[0];
    return chosen ? new Uint8Array(await chosen.arrayBuffer()) : this.stored;
  }

  private async sign(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const button = the<HTMLButtonElement>("sign");
    const problem = the("sign-problem");
    button.disabled = true;
    tell(problem, "");
    try {
      await this.submitAll(await this.open());
      show(the("sign-after"));
      if (!this.chosen().length) show(the("sign-form"), false); // nothing is left to sign on this page
    } catch (error) {
      tell(problem, said(error instanceof BoothError ? error.code : "failed", { detail: String(error) }), true);
    } finally {
      this.busy = false;
      button.disabled = false;
      bar(the<HTMLProgressElement>("sign-progress"))(1);
    }
  }

  /** Opens the member's key; it is one of the committee's, and this is the log that it signs for. */
  private async open(): Promise<MemberKey> {
    const raw = await this.keyFile();
    check(raw, "key file", "no-file");
    const { member, key } = readMember(raw);
    const known = Object.getOwnPropertyDescriptor(this.members, member)?.value as Json | undefined;
    check(known === b64(key), "key file", "no-member");
    const held = pinnedLog(key, this.election);
    check(held === null || held === b64(this.log), "log", "other-log");
    check(held !== null || the<HTMLInputElement>("same-log").checked, "log", "log-not-compared");
    const passphrase = the<HTMLInputElement>("passphrase");
    const opened = await openMemberKey(raw, passphrase.value, bar(the<HTMLProgressElement>("sign-progress")));
    check(equal(opened.key, key), "key file", "no-member");
    passphrase.value = "";
    pinLog(key, this.election, b64(this.log));
    return opened;
  }

  /** The acts that are to be signed: all of the page, but for those unticked and those that are signed. */
  private chosen(): Item[] {
    return this.items.filter(({ article }) => {
      const tick = article.querySelector<HTMLInputElement>("input.chosen");
      return article.dataset["signed"] === undefined && (!tick || tick.checked);
    });
  }

  /** One after the other, in the order of the page, and says how far it is. Each act has an answer of its own; where none
   * comes it stops: what is signed stays signed, and the next try, or the page loaded anew, begins with the rest. */
  private async submitAll(key: MemberKey): Promise<void> {
    const chosen = this.chosen();
    const place = the("sign-count");
    const all = chosen.length;
    let [done, refused] = [0, 0];
    const count = (name: string): void => tell(place, all > 1 ? said(name, { done, all, refused }) : "");
    for (const item of chosen) {
      count("count");
      const answer = await this.submit(item, key);
      report(item.article, answer, item.kind);
      if (!("code" in answer)) done++;
      else if (answer.code === "lost") return count("count-lost");
      else refused++;
    }
    count(refused ? "count-refused" : "count");
  }

  private async submit({ kind, unsigned, act, isNew, notBefore }: Item, key: MemberKey): Promise<Answer> {
    const approval = makeApproval(this.log, kind, unsigned, key, systemRandom);
    const base = `/api/elections/${this.election}/acts`;
    const data = decode(unsigned);
    return isNew
      ? send(base, { kind, data, not_before: notBefore, approval })
      : send(`${base}/${act}/approvals`, approval);
  }
}

/** What became of it, under the act; only what was taken counts as signed. */
function report(article: HTMLElement, answer: Answer, kind: string): void {
  const place = article.querySelector<HTMLElement>("[data-outcome]")!;
  if ("code" in answer) return tell(place, said(answer.code === "lost" ? "lost" : "refused", { detail: answer.detail }), true);
  article.dataset["signed"] = "";
  tell(place, said(answer.state === "done" && answer.seq === null ? "done-here" : answer.state, { seq: answer.seq ?? "", approvals: answer.approvals, kind }));
}
