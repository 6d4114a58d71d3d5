// A backup is proved by opening it, with the passphrase typed once more: a copy that does not open is none.

import { check } from "../../errors.ts";
import { button, h, p } from "../../page/dom.ts";
import { openTrusteeFile, sameFile } from "../file.ts";
import { chosen, fileInput } from "./files.ts";
import { home } from "./home.ts";
import { field, form, heading, passwordInput, show, working } from "./screen.ts";
import type { Work } from "./state.ts";

export function askForBackup(work: Work): void {
  show("backup", () => [heading("backupTitle"), p("backupText"), backupForm(work), button("home", "back", () => home(work), { kind: "plain" })]);
}

function backupForm(work: Work): HTMLElement {
  const [file, passphrase] = [fileInput(".key,.json,application/json"), passwordInput(false)];
  const prove = async (): Promise<void> => {
    const [raw, words] = [await chosen(file), passphrase.value];
    const move = working("opening");
    try {
      const copy = await openTrusteeFile(raw, words, (done) => void move(done, 1));
      check(sameFile(copy, work.file), "the copy opens, and holds an older or another state", "older-backup");
    } catch (error) {
      askForBackup(work);
      throw error;
    }
    work.backedUp = true;
    show("backed-up", () => [heading("backupProved"), p("backupProvedText"), button("home", "goOn", () => home(work), { kind: "primary" })]);
  };
  return form(prove, ...field("backup", "backupLabel", file), ...field("passphrase", "passphrase", passphrase), h("div", { class: "actions" }, button("prove-backup", "proveBackup", null, { kind: "primary" })));
}
