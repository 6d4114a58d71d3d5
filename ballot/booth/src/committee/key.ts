// The page of one's signing key: makes a key under a passphrase, or shows that an existing file opens. What goes to the
// service is the sealed file alone: passphrases are in fields without a name, which no form sends.

import { systemRandom, type Bytes, fromUtf8 } from "../bytes.ts";
import { BoothError } from "../errors.ts";
import { bar, said, show, tell } from "./dom.ts";
import { newMemberKey, openMemberKey } from "./member.ts";

const LEAST = 12; // letters of a passphrase: the file may be copied and tried at leisure

export function startKey(): void {
  const page = document.getElementById("key-page");
  if (!page) return;
  const works = isSecureContext && Boolean(globalThis.crypto?.subtle);
  page.querySelectorAll<HTMLElement>("[data-script]").forEach((part) => show(part, works));
  page.querySelectorAll<HTMLElement>("[data-without-script]").forEach((part) => show(part, !works));
  if (!works) return;
  const make = document.getElementById("make-key") as HTMLFormElement | null;
  if (make) handle(make, makeKey);
  const use = document.getElementById("use-key") as HTMLFormElement | null;
  if (use) handle(use, useKey);
}

type Work = (field: (name: string) => HTMLInputElement, progress: (done: number) => void) => Promise<Bytes | string>;

/** Does the work when the form is sent, once at a time, and sends the form when there is a file. */
function handle(form: HTMLFormElement, work: Work): void {
  const field = (name: string): HTMLInputElement => form.querySelector(`[data-field="${name}"]`)!;
  const outcome = form.querySelector<HTMLElement>("[data-outcome]")!;
  const progress = bar(form.querySelector("progress")!);
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    tell(outcome, "");
    work(field, progress)
      .then((made) => {
        if (typeof made === "string") return tell(outcome, said(made), true);
        field("key-file").value = fromUtf8(made);
        form.submit();
      })
      .catch((error: unknown) => tell(outcome, said(error instanceof BoothError ? error.code : "failed", { detail: String(error) }), true))
      .finally(() => {
        busy = false;
        progress(1);
      });
  });
}

const makeKey: Work = async (field, progress) => {
  const passphrase = field("passphrase").value;
  if ([...passphrase].length < LEAST) return "short";
  if (passphrase !== field("again").value) return "differs";
  return newMemberKey(field("member").value.trim(), passphrase, systemRandom, undefined, progress);
};

const useKey: Work = async (field, progress) => {
  const chosen = field("file").files?.[0];
  if (!chosen) return "no-file";
  const raw = new Uint8Array(await chosen.arrayBuffer());
  await openMemberKey(raw, field("passphrase").value, progress);
  field("file").value = ""; // the text goes, once
  return raw;
};
