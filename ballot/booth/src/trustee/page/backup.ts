// A backup is proved by opening it, with the passphrase typed once more: a copy that does not open is none.

import { check } from "../../errors.ts";
import { lockOf } from "../../keyfile.ts";
import { button, h, p } from "./dom.ts";
import { openTrusteeFile, sameFile } from "../file.ts";
import { chosen, fileInput, KEY_FILES } from "./files.ts";
import { home } from "./home.ts";
import { field, form, heading, passwordInput, show, working } from "./screen.ts";
import type { Work } from "./state.ts";

export function askForBackup(work: Work): void {
  const [file, passphrase] = [fileInput(KEY_FILES), passwordInput(false)];
  show("backup", () => [heading("backupTitle"), p("backupText"), backupForm(work, file, passphrase), button("home", "back", () => home(work), { kind: "plain" })]);
}

function backupForm(work: Work, file: HTMLInputElement, passphrase: HTMLInputElement): HTMLElement {
  const prove = async (): Promise<void> => {
    const [raw, words] = [await chosen(file), passphrase.value];
    const move = working("opening");
    try {
      const copy = await openTrusteeFile(raw, await lockOf(raw, "trustee", words, (done) => void move(done, 1)));
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
