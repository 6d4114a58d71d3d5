// A complaint about a declared result: signed by the voter's credential, public in the log (protocol §9).

import * as app from "./app.ts";
import { actions, button, h, p } from "./dom.ts";
import { attempt } from "./problem.ts";
import { back, faultHere, go, interrupt, show, stay, working } from "./screen.ts";
import { say } from "./words.ts";

const MOST = 2000; // characters

/** A way to the form for each of the voter's polls whose result is declared. */
export const complaintButtons = (): HTMLElement[] =>
  (app.session.test ? [] : app.voter().declared).map((poll) =>
    actions(button(`complain-${poll}`, "complaintOffer", () => go(() => form(poll)), { about: say("complaintPoll", { poll }) })),
  );

function form(poll: number): void {
  const fault = faultHere();
  const area = h("textarea", { id: "complaint", rows: "8", maxlength: `${MOST}`, "aria-describedby": fault ? "problem" : null });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (area.value.trim()) void send(poll, area.value);
    else stay(() => say("complaintEmpty"));
  };
  show(
    "complaint",
    say("complaintTitle"),
    fault,
    p("complaintPoll", "lead", { poll }),
    p("complaintText"),
    h(
      "form",
      { submit },
      h("label", { for: "complaint" }, say("complaintLabel")),
      area,
      actions(button("send", "complaintSend", null, { kind: "primary" }), back()),
    ),
  );
}

const send = (poll: number, text: string): Promise<void> =>
  attempt(async () => {
    working("complaintSending");
    const entry = await app.voter().complain(poll, text);
    interrupt(() => show("complained", say("complaintDone"), p("complaintEntry", "lead", { entry })));
  });
