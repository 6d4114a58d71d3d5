// What a checked log says, and what this trustee may do now: the ceremony's next message, a canary, shares of the sums.

import { b64 } from "../../base64url.ts";
import { systemRandom } from "../../bytes.ts";
import { button, type Child, download, h, p } from "./dom.ts";
import { say } from "./words.ts";
import { type TrusteeFile, sameFile } from "../file.ts";
import { advance, checkDecryptable, decrypt, type Done, type MessageFile, messageBytes, prove } from "../work.ts";
import { duties, type Duty } from "./duties.ts";
import { askForBackup } from "./backup.ts";
import { home } from "./home.ts";
import { chooseLog } from "./log.ts";
import { save } from "./save.ts";
import { attempt, heading, show } from "./screen.ts";
import type { Work } from "./state.ts";
import { trusteesTable } from "./trustees_table.ts";

/** `file`: that of `work`, with this log remembered. */
export function showLog(work: Work, file: TrusteeFile): void {
  const due = duties(file, work.log!, Date.now() / 1000);
  show("checked", () => [
    heading("checkedTitle"),
    ...summary(work),
    ...(due.length ? due.map((duty) => dutyCard(work, file, duty)) : [p("nothingDue", "notice")]),
    remember(work, file),
    button("home", "back", () => home(work), { kind: "plain" }),
  ]);
}

function summary({ log }: Work): Child[] {
  const { size, logId, opened, notes, ceremony } = log!;
  return [
    p("checkedText", null, { size }),
    opened.rehearsal && p("rehearsal", "notice"),
    h("p", {}, `${say("logId")} `, h("code", { id: "checked-log", class: "full", translate: "no" }, b64(logId))),
    p("notChecked", "note"),
    notes.length > 0 && h("details", {}, h("summary", {}, say("notes", { count: notes.length })), h("ul", {}, ...notes.map((note) => h("li", { lang: "en" }, note)))),
    ceremony && trusteesTable(ceremony),
  ];
}

function dutyCard(work: Work, file: TrusteeFile, duty: Duty): HTMLElement {
  const problem = h("div", { role: "alert" });
  const press = (): void => void attempt(problem, async () => perform(work, await make(work, file, duty)));
  const act = duty.ready && button(duty.id, `do.${duty.what}`, press, { kind: "primary", values: duty.values });
  return h("section", { class: "card", "data-duty": duty.id }, p(`due.${duty.what}`, "what", duty.values), duty.hint && p(duty.hint, "note", duty.values), act, problem);
}

async function make({ log }: Work, file: TrusteeFile, { what, poll }: Duty): Promise<Done> {
  if (what === "canary") return prove(file, log!, poll, systemRandom);
  if (what === "decrypt") {
    checkDecryptable(log!.polls[poll - 1]!, log!.reviewWindow, Date.now() / 1000);
    return decrypt(file, log!, poll, Math.floor(Date.now() / 1000), systemRandom);
  }
  return advance(file, log!, systemRandom);
}

/** The file first, and what follows from it only when that is saved. */
async function perform(work: Work, done: Done): Promise<void> {
  await save(work, done, () => (done.messages.length ? handOver(work, done.messages) : home(work)));
}

/** What the tool has seen is worth saving even where nothing is due: a later copy must go on from it. */
function remember(work: Work, file: TrusteeFile): Child {
  if (sameFile(file, work.file)) return null;
  const problem = h("div", { role: "alert" });
  const press = (): void => void attempt(problem, async () => perform(work, await withNews(work, file)));
  return h("details", {}, h("summary", {}, say("rememberTitle")), p("rememberText"), button("remember", "remember", press), problem);
}

/** A finished ceremony is noted as well: from then on no other session is started. */
async function withNews({ log }: Work, file: TrusteeFile): Promise<Done> {
  const isDone = log!.ceremony?.stage === "done" && file.current?.confirmed;
  return isDone ? advance(file, log!, systemRandom) : { file, messages: [] };
}

/** One message to a line: each line is what the service takes. */
function handOver(work: Work, messages: readonly MessageFile[]): void {
  const content = messages.map((message) => new TextDecoder().decode(messageBytes(message))).join("\n");
  const name = `${messages[0]!.kind.replace(".", "-")}-${work.file.current!.i}.json`;
  const confirmed = messages[0]!.kind === "trustee.confirmed";
  show("message", () => [
    heading("messageTitle"),
    p(`made.${messages[0]!.kind}`),
    p("messageText"),
    button("message", "saveMessage", () => download(name, content), { kind: "primary" }),
    p("messageNext"),
    confirmed && p("backupDue", "notice"),
    confirmed && button("to-backup", "toBackup", () => askForBackup(work)),
    button("to-log", "toLogAgain", () => chooseLog(work)),
    button("home", "back", () => home(work), { kind: "plain" }),
  ]);
}
