// A complaint about a declared result: signed by the voter's credential, public in the log (protocol §9).

import * as app from "./app.ts";
import { actions, button, h, p } from "./dom.ts";
import { Key } from "./keys.ts";
import { attempt, explain } from "./problem.ts";
import { back, faultHere, go, interrupt, type Screen, show, stay, working } from "./screen.ts";
import { say } from "./words.ts";

const MOST = 2000; // characters

/** A way to the form for each of the voter's polls whose result is declared. */
export const complaintButtons = (): HTMLElement[] =>
  (app.session.test ? [] : app.voter().declared).map((poll) =>
    actions(button(`complain-${poll}`, Key.complaintOffer, () => go(form(poll)), { about: say(Key.complaintPoll, { poll }) })),
  );

/** The form where there is one result to complain about, or else the list of them. */
export function complain(list: Screen): void {
  const [poll, other] = app.voter().declared;
  go(poll && !other ? form(poll) : list);
}

function form(poll: number): Screen {
  let text = "";
  return () => {
    const fault = faultHere();
    const area = h("textarea", { id: "complaint", rows: "8", maxlength: `${MOST}`, "aria-describedby": fault ? "problem" : null });
    area.value = text;
    const submit = (event: Event): void => {
      event.preventDefault();
      text = area.value;
      if (text.trim()) void send(poll, text);
      else stay(() => say(Key.complaintEmpty));
    };
    show(
      "complaint",
      say(Key.complaintTitle),
      fault,
      p(Key.complaintPoll, "lead", { poll }),
      p(Key.complaintText),
      h(
        "form",
        { submit },
        h("label", { for: "complaint" }, say(Key.complaintLabel)),
        area,
        actions(button("send", Key.complaintSend, null), back()),
      ),
    );
  };
}

/** Sends it; where it is refused for good, the form shows why, with what was written. */
const send = (poll: number, text: string): Promise<void> =>
  attempt(async () => {
    working(Key.complaintSending, Key.complaintSendingText);
    try {
      const entry = await app.voter().complain(poll, text);
      interrupt(() => show("complained", say(Key.complaintDone), p(Key.complaintEntry, "lead", { entry })));
    } catch (error) {
      if (app.isPassing(error)) throw error;
      stay(() => explain(error));
    }
  });
