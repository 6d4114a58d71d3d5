// Sealed ballots with their tracking codes, before anything is cast: the moment at which a voter may open one to see
// whether the booth is honest (protocol §8). Neither booth nor service can know before which ballots will be opened (A49).

import { b64 } from "../base64url.ts";
import { concat } from "../bytes.ts";
import { encode } from "../canonical.ts";
import type { Voting } from "../voting.ts";
import * as app from "./app.ts";
import { actions, button, byId, download, h, link, p, qrPicture } from "./dom.ts";
import { explain } from "./explain.ts";
import { Key } from "./keys.ts";
import { card, cast, fullCode, shortCodeLine } from "./receipt.ts";
import { seal } from "./review.ts";
import { alert, back, draw, show } from "./screen.ts";
import { say } from "./words.ts";

export function sealed(): void {
  const session = app.session;
  const shown = session.votings.filter((voting) => app.votes.has(voting) && !app.later.has(voting));
  const opened = shown.filter(isOpened).length;
  const ready = shown.filter(({ state }) => state === "sealed").length;
  const count = ready + opened;
  show(
    "sealed",
    say(count ? Key.sealedTitle : Key.notSealedTitle, { count }),
    p(count > 0 && Key.sealedText, "lead", { count }),
    h("ul", { class: "cards" }, ...shown.map(sealedCard)),
    p(opened ? Key.sealAgainText : session.test ? Key.testEnd : ready > 0 && Key.castNote, "strong"),
    actions(
      opened > 0
        ? button("seal", Key.sealAgain, () => void seal(true), { kind: "primary" })
        : ready > 0 && !session.test && button("cast", Key.cast, () => void cast(), { kind: "primary", values: { count } }),
      back(),
    ),
    count > 0 &&
      h(
        "details",
        { id: "audit", open: session.test || opened > 0 },
        h("summary", {}, say(Key.auditTitle)),
        ...[Key.auditText, Key.auditHide, Key.auditNote].map((key) => p(key)),
        h("ul", { class: "cards" }, ...shown.map((voting) => (isOpened(voting) ? openedCard(voting) : voting.envelope && testCard(voting, voting.envelope.tracker)))),
      ),
  );
}

const isOpened = (voting: Voting): boolean => app.audited.has(voting) && !voting.envelope;

function sealedCard(voting: Voting): HTMLElement {
  const { envelope, problem } = voting;
  const item = card(
    voting,
    problem && "bad",
    alert(problem && explain(problem)),
    envelope && shortCodeLine(envelope.tracker),
    p(isOpened(voting) && Key.auditedTitle, "chosen none"),
  );
  item.dataset["sealed"] = voting.contest.contest;
  return item;
}

const testPage = (): string => `${location.origin}/audit/${app.election}`;

/** Before: the tracker for the second device, and the button that opens. */
function testCard(voting: Voting, tracker: Uint8Array): HTMLElement {
  const { contest } = voting.contest;
  const values = { contest: app.titleOf(voting).text };
  const open = (): void => {
    app.audited.set(voting, { revealed: app.session.audit(voting), tracker: tracker as app.Audited["tracker"] });
    draw(true);
    byId(`audited-${contest}`)!.focus();
  };
  return card(
    voting,
    null,
    qrPicture(`${testPage()}#t=${b64(tracker)}`, say(Key.auditQr, values)),
    fullCode(tracker),
    button(`audit-${contest}`, Key.audit, open, { values }),
  );
}

/** After: what was inside, for the second device. */
function openedCard(voting: Voting): HTMLElement {
  const { contest } = voting.contest;
  const { revealed, tracker } = app.audited.get(voting)!;
  const { context, owner, seed, vote } = revealed;
  const values = { contest: app.titleOf(voting).text };
  // context ‖ owner ‖ seed ‖ tracker ‖ the vote as bits, the most significant first: what fits into a QR code
  const bits = new Uint8Array(Math.ceil(vote.length / 8));
  vote.forEach((chosen, i) => (bits[i >> 3]! |= chosen << (7 - (i % 8))));
  const address = `${testPage()}#${b64(concat(context, owner, seed, tracker, bits))}`;
  return card(
    voting,
    null,
    p(Key.auditedTitle, "strong"),
    p(Key.auditedText),
    shortCodeLine(tracker),
    qrPicture(address, say(Key.auditedQr, values)),
    h("p", {}, link(address, say(Key.auditPage))),
    button(`audited-${contest}`, Key.auditFile, () => download(`audited-${contest}.json`, encode({ context, owner, seed, vote })), { values }),
    p(Key.auditWrong, "note"),
  );
}
