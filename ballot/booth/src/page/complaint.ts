// A complaint about a declared result: signed by the voter's credential, public in the log (protocol §9).

import { DataError } from "../errors.ts";
import type { App } from "./app.ts";
import { button, h, p } from "./dom.ts";
import { explain, failed } from "./problem.ts";

const MOST = 2000; // characters

/** A way to the form for each of the voter's polls whose result is declared. */
export const complaintButtons = (app: App): HTMLElement[] =>
  (app.session.test ? [] : app.session.declared).map((poll) =>
    button(`complain-${poll}`, `${app.say("complaintOffer")} – ${app.say("complaintPoll", { poll })}`, () => app.go(() => form(app, poll))),
  );

function form(app: App, poll: number): void {
  const area = h("textarea", { id: "complaint", rows: "8", maxlength: `${MOST}`, "aria-describedby": app.fault ? "problem" : null });
  const submit = (event: Event): void => {
    event.preventDefault();
    if (area.value.trim()) return void send(app, poll, area.value);
    app.stay(() => app.say("complaintEmpty"));
  };
  app.show(
    "complaint",
    app.say("complaintTitle"),
    app.alert(app.fault?.() ?? null),
    p(app.say("complaintPoll", { poll }), "lead"),
    p(app.say("complaintText")),
    h("form", { submit }, h("label", { for: "complaint" }, app.say("complaintLabel")), area, app.actions(h("button", { id: "send", class: "primary" }, app.say("complaintSend")))),
  );
}

async function send(app: App, poll: number, text: string): Promise<void> {
  const { session } = app;
  if (session.test) return;
  app.working("complaintSending");
  try {
    const entry = await session.complain(poll, text);
    app.interrupt(() => app.show("complained", app.say("complaintDone"), p(app.say("complaintEntry", { entry }), "lead")));
  } catch (error) {
    if (error instanceof DataError) return app.stay(() => explain(app, error));
    failed(app, error, () => void send(app, poll, text));
  }
}
