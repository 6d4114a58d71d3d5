// The first screen: open one's file, or make one.

import { systemRandom } from "../../bytes.ts";
import { check } from "../../errors.ts";
import { lockOf, makeLock } from "../../keyfile.ts";
import { button, h, p } from "./dom.ts";
import { say } from "./words.ts";
import { newTrusteeFile, openTrusteeFile } from "../file.ts";
import { chosen, fileInput, KEY_FILES } from "./files.ts";
import { home } from "./home.ts";
import { save } from "./save.ts";
import { field, form, heading, passwordInput, show, working } from "./screen.ts";

const MIN_PASSPHRASE = 12; // characters; as the command line asks

export function start(): void {
  // the fields stay, with what is in them, while their labels change the language
  const opening = [fileInput(KEY_FILES), passwordInput(false)] as const;
  const making = [h("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true }), passwordInput(true), passwordInput(true)] as const;
  show("start", () => [
    heading("title"),
    p("lead", "lead"),
    p("offline"),
    h("h2", {}, say("openTitle")),
    openForm(...opening),
    h("h2", {}, say("newTitle")),
    newForm(...making),
  ]);
}

function openForm(file: HTMLInputElement, passphrase: HTMLInputElement): HTMLElement {
  const open = async (): Promise<void> => {
    const [raw, words] = [await chosen(file), passphrase.value];
    const work = await during(async () => {
      const lock = await lockOf(raw, "trustee", words, progress("opening"));
      return { file: await openTrusteeFile(raw, lock), lock, saved: raw, log: null, backedUp: false };
    });
    home(work);
  };
  return form(open, ...field("file", "fileLabel", file), ...field("passphrase", "passphrase", passphrase), button("open", "open", null, { kind: "primary" }));
}

function newForm(election: HTMLInputElement, first: HTMLInputElement, second: HTMLInputElement): HTMLElement {
  const make = async (): Promise<void> => {
    check([...first.value].length >= MIN_PASSPHRASE, "passphrase: too short", "short-passphrase");
    check(first.value === second.value, "passphrase: typed in two ways", "two-passphrases");
    check(/^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/.test(election.value.trim()), "election: not an id", "bad-election");
    const file = newTrusteeFile(election.value.trim(), systemRandom);
    const lock = await makeLock(first.value, systemRandom, undefined, progress("sealing"));
    const work = { file, lock, saved: new Uint8Array(0), log: null, backedUp: false };
    await save(work, { file, messages: [] }, () => home(work));
  };
  return form(
    make,
    p("newText"),
    ...field("election", "electionLabel", election, "electionHint"),
    ...field("new-passphrase", "passphrase", first, "passphraseHint"),
    ...field("again", "passphraseAgain", second),
    button("make", "make", null, { kind: "primary" }),
  );
}

/** Shows how far Argon2id has come; the library itself gives the browser time to draw. */
function progress(key: string): (done: number) => void {
  const move = working(key);
  return (done) => void move(done, 1);
}

/** Where an act with a progress screen is refused, the first screen comes back before the refusal is shown. */
async function during<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    start();
    throw error;
  }
}
