// A copy of the log is chosen and checked whole.

import { b64, unb64 } from "../../base64url.ts";
import { type Bytes, systemRandom } from "../../bytes.ts";
import { check } from "../../errors.ts";
import { button, h, p } from "./dom.ts";
import { Archive } from "../archive.ts";
import { checkLog, receiptOf } from "../work.ts";
import { showLog } from "./acts.ts";
import { allChosen, chosen, fileInput } from "./files.ts";
import { home } from "./home.ts";
import { field, form, heading, show, working } from "./screen.ts";
import type { Work } from "./state.ts";

export function chooseLog(work: Work): void {
  const id = h("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const inputs = [fileInput(".zip,application/zip"), id, fileInput(".json,application/json", true)] as const;
  show("log", () => [heading("logTitle"), p("logText"), logForm(work, ...inputs), button("home", "back", () => home(work), { kind: "plain" })]);
}

function logForm(work: Work, archive: HTMLInputElement, id: HTMLInputElement, receipts: HTMLInputElement): HTMLElement {
  const asked = work.file.log === null; // from then on the file knows which log it is
  const run = async (): Promise<void> => {
    const [raw, given, pinned] = [await chosen(archive), await allChosen(receipts), asked ? logId(id.value) : null];
    const move = working("checking");
    try {
      const { file, log } = await checkLog(work.file, new Archive(raw), pinned, given.map(receiptOf), systemRandom, move);
      work.log = log;
      showLog(work, file);
    } catch (error) {
      chooseLog(work);
      throw error;
    }
  };
  return form(
    run,
    ...field("archive", "archiveLabel", archive, "archiveHint"),
    ...(asked ? field("log-id", "logIdLabel", id, "logIdHint") : []),
    ...field("receipts", "receiptsLabel", receipts, "receiptsHint"),
    h("div", { class: "actions" }, button("check", "check", null, { kind: "primary" })),
  );
}

/** The log id as the committee announced it: 43 letters of base64url. */
function logId(text: string): Bytes {
  const written = text.trim();
  check(/^[A-Za-z0-9_-]{43}$/.test(written), "log id: 43 letters", "bad-log-id");
  const raw = unb64(written, 32, "log id");
  check(b64(raw) === written, "log id", "bad-log-id");
  return raw;
}
