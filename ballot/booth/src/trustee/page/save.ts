// A changed file is saved, and its owner shows that it is saved by choosing it again, before anything that follows from it
// leaves the page: a message whose secrets were lost would bind its trustee to nothing.

import { equal, systemRandom, type Bytes } from "../../bytes.ts";
import { check } from "../../errors.ts";
import { button, download, h, p } from "./dom.ts";
import { say } from "./words.ts";
import { openTrusteeFile, sameFile, sealTrusteeFile } from "../file.ts";
import type { Done } from "../work.ts";
import { chosen, fileInput, KEY_FILES } from "./files.ts";
import { field, form, heading, show } from "./screen.ts";
import type { Work } from "./state.ts";

export const nameOf = ({ file }: Pick<Work, "file">): string => `trustee-${file.election}${file.current ? `-${file.current.i}` : ""}.key`;

/** Seals the next file, has it saved and proved; only then does `work` hold it, and `then` goes on. */
export async function save(work: Work, { file }: Done, then: () => void): Promise<void> {
  const raw = await sealTrusteeFile(file, work.lock, systemRandom);
  const proof = fileInput(KEY_FILES);
  show("save", () => [heading("saveTitle"), p("saveText"), ...steps(work, raw, file, proof, then)]);
}

function steps(work: Work, raw: Bytes, file: Work["file"], proof: HTMLInputElement, then: () => void): HTMLElement[] {
  const prove = async (): Promise<void> => {
    const given = await chosen(proof);
    check(equal(given, raw), "the chosen file is not the one that was just made", "not-saved");
    const opened = await openTrusteeFile(given, work.lock);
    check(sameFile(opened, file), "the chosen file holds something else", "not-saved");
    [work.file, work.saved, work.backedUp] = [file, raw, false];
    then();
  };
  return [
    h("h2", {}, say("saveFirst")),
    button("save", "save", () => download(nameOf({ file }), raw), { kind: "primary" }),
    h("h2", {}, say("saveSecond")),
    form(prove, ...field("proof", "proofLabel", proof, "proofHint"), button("prove", "prove", null)),
  ];
}
