// Who the trustees of the session are, by fingerprint, and how far each has come.

import { h } from "./dom.ts";
import { say } from "./words.ts";
import type { Ceremony } from "../ceremony.ts";
import { fingerprint } from "./home.ts";

const STEPS = ["hashed", "committed", "shared", "confirmed"] as const;

export function trusteesTable(ceremony: Ceremony): HTMLElement {
  const { session } = ceremony;
  const cell = (done: boolean): HTMLElement => h("td", {}, h("span", { "aria-hidden": "true" }, done ? "✓" : "–"), h("span", { class: "hidden" }, say(done ? "yes" : "no")));
  const rows = session.identities.map((key, index) =>
    h("tr", {}, h("th", { scope: "row" }, `${index + 1}`), h("td", { class: "tracker" }, fingerprint(key)), ...STEPS.map((step) => cell(ceremony[step].has(index + 1)))),
  );
  const heads = ["number", "fingerprint", ...STEPS.map((step) => `step.${step}`)].map((key) => h("th", { scope: "col" }, say(key)));
  return h(
    "details",
    { open: true },
    h("summary", {}, say("session", { attempt: session.attempt, k: session.k, n: session.n })),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("trustees") }, h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows))),
  );
}
