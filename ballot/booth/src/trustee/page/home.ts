// What the file is and remembers, and what can be done with it.

import { b64 } from "../../base64url.ts";
import { shortCode } from "../../ballot.ts";
import { actions, button, type Child, h, p } from "./dom.ts";
import { say } from "./words.ts";
import { H } from "../../transcript.ts";
import { identityOf } from "../file.ts";
import { askForBackup } from "./backup.ts";
import { chooseLog } from "./log.ts";
import { heading, show } from "./screen.ts";
import type { Work } from "./state.ts";

/** How a key is shown to people who compare it by voice or on paper. */
export const fingerprint = (key: Uint8Array): string => shortCode(H("es1/fingerprint", key));

export function home(work: Work): void {
  show("home", () => [heading("homeTitle", { election: work.file.election }), ...facts(work), ...next(work)]);
}

function facts({ file, backedUp }: Work): Child[] {
  const { current, log, decrypted } = file;
  const key = identityOf(file);
  const row = (label: string, ...value: Child[]): Child[] => [h("dt", {}, say(label)), h("dd", {}, ...value)];
  return [
    h(
      "dl",
      { class: "facts" },
      ...row("fingerprint", h("span", { id: "fingerprint", class: "tracker" }, fingerprint(key))),
      ...row("identity", h("code", { id: "identity", class: "full", translate: "no" }, b64(key))),
      ...row("rememberedSession", current ? say(current.confirmed ? "sessionConfirmed" : "sessionStarted", { attempt: current.attempt, number: current.i }) : say("sessionNone")),
      ...row("rememberedLog", log ? say("logSeen", { size: log.size }) : say("logUnseen")),
      ...row("rememberedDecrypted", say("decryptedCount", { count: decrypted.length })),
    ),
    current?.confirmed ? p(backedUp ? "backupDone" : "backupDue", backedUp ? "note" : "notice") : p("identityText"),
  ];
}

const next = (work: Work): Child[] => [
  p("homeNext"),
  actions(button("to-log", "toLog", () => chooseLog(work), { kind: "primary" }), button("to-backup", "toBackup", () => askForBackup(work))),
];
