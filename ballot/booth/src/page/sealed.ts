// Sealed ballots with their tracking codes, before anything is cast: the moment at which a voter may open one to see
// whether the booth is honest (protocol §8). Neither booth nor service can know before which ballots will be opened (A49).

import { shortCode } from "../ballot.ts";
import { b64, unb64 } from "../base64url.ts";
import { concat } from "../bytes.ts";
import { encode } from "../canonical.ts";
import type { Voting } from "../voting.ts";
import type { App, Audited } from "./app.ts";
import { button, download, h, link, p, qrPicture } from "./dom.ts";
import { explain } from "./problem.ts";
import { cast } from "./receipt.ts";
import { seal } from "./review.ts";

export function sealed(app: App): void {
  const { session } = app;
  const shown = session.votings.filter((voting) => app.votes.has(voting) && !app.later.has(voting));
  const ready = shown.filter(({ state }) => state === "sealed");
  const opened = shown.filter((voting) => app.audited.has(voting) && !voting.envelope);
  const count = ready.length;
  const buttons = opened.length
    ? button("seal", app.say("sealAgain"), () => void seal(app, true), "primary")
    : count && !session.test
      ? button("cast", app.say("cast", { count }), () => void cast(app), "primary")
      : null;
  app.show(
    "sealed",
    app.say(count + opened.length ? "sealedTitle" : "notSealedTitle", { count: count + opened.length }),
    count ? p(app.say("sealedText"), "lead") : null,
    h("ul", { class: "cards" }, ...shown.map((voting) => card(app, voting))),
    p(app.say(opened.length ? "sealAgainText" : session.test ? "testEnd" : count ? "castNote" : ""), "strong"),
    app.actions(buttons),
    count + opened.length > 0 &&
      h(
        "details",
        { id: "audit", open: session.test || opened.length > 0 },
        h("summary", {}, app.say("auditTitle")),
        p(app.say("auditText")),
        p(app.say("auditHide")),
        p(app.say("auditNote")),
        h("ul", { class: "cards" }, ...shown.map((voting) => test(app, voting))),
      ),
  );
}

function card(app: App, voting: Voting): HTMLElement {
  const { envelope, problem } = voting;
  const { text, lang } = app.titleOf(voting);
  return h(
    "li",
    { "data-sealed": voting.contest.contest, class: problem ? "bad" : null },
    h("h2", { lang }, text),
    app.alert(problem && explain(app, problem)),
    envelope && code(app, envelope.tracker),
    app.audited.has(voting) && !envelope ? p(app.say("auditedTitle"), "chosen none") : null,
  );
}

/** The short tracking code, as it is shown everywhere. */
export const code = (app: App, tracker: Uint8Array): HTMLElement =>
  h("p", {}, h("span", { class: "label" }, app.say("tracker")), " ", h("code", { class: "tracker", translate: "no" }, shortCode(tracker)));

/** One ballot in the test: first the tracker for the second device, then, if asked for, what is inside. */
function test(app: App, voting: Voting): HTMLElement | null {
  const { envelope, contest } = voting;
  const { text, lang } = app.titleOf(voting);
  const audited = app.audited.get(voting);
  const address = `${location.origin}/audit/${app.election}`;
  if (audited) {
    const file = encode({ ...audited.revealed, vote: [...audited.revealed.vote] });
    const opened = `${address}#${b64(compact(audited))}`;
    return h(
      "li",
      { "data-audited": contest.contest },
      h("h3", { lang }, text),
      p(app.say("auditedTitle"), "strong"),
      p(app.say("auditedText")),
      code(app, audited.tracker),
      qrPicture(opened, app.say("auditedQr", { contest: text })),
      h("p", {}, link(opened, app.say("auditPage"))),
      button(`audited-${contest.contest}`, app.say("auditFile", { contest: text }), () => download(`audited-${contest.contest}.json`, file)),
      p(app.say("auditWrong"), "note"),
    );
  }
  if (!envelope) return null;
  const open = (): void => {
    const { tracker } = envelope;
    app.audited.set(voting, { revealed: app.session.audit(voting), tracker });
    app.draw(true);
    document.querySelector<HTMLElement>(`[data-audited="${contest.contest}"] button`)?.focus();
  };
  return h(
    "li",
    {},
    h("h3", { lang }, text),
    qrPicture(`${address}#t=${b64(envelope.tracker)}`, app.say("auditQr", { contest: text })),
    h("p", {}, h("span", { class: "label" }, app.say("fullTracker")), " ", h("code", { class: "full", translate: "no" }, b64(envelope.tracker))),
    button(`audit-${contest.contest}`, app.say("audit", { contest: text }), open),
  );
}

/** context ‖ owner ‖ seed ‖ tracker ‖ the vote as bits from the most significant on: what fits into a QR code. */
function compact({ revealed, tracker }: Audited): Uint8Array {
  const { context, owner, seed, vote } = revealed;
  const bits = new Uint8Array(Math.ceil(vote.length / 8));
  vote.forEach((chosen, i) => (bits[i >> 3]! |= chosen << (7 - (i % 8))));
  return concat(...[context, owner, seed].map((part) => unb64(part, 32, "audited ballot")), tracker, bits);
}
