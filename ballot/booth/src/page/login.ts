// Who it is: the signed nonce, and the one-time code where the election asks for one. Before any contest, so that nobody
// fills in a ballot in vain.

import { PeerError } from "../errors.ts";
import type { App } from "./app.ts";
import { button, type Child, h } from "./dom.ts";
import { explain, failed } from "./problem.ts";

const PATIENCE = 3_000; // milliseconds for photos and statements

const isCode = (error: unknown, ...codes: string[]): error is PeerError => error instanceof PeerError && codes.includes(error.code);

/** Logs in by the way that the election asks for, checks everything the service says of this voter, and goes on. */
export async function identify(app: App, then: () => void, why: unknown = null): Promise<void> {
  const { session } = app;
  if (session.test || session.about!.second_factor === "none") return enter(app, null, then);
  // by mail: the signed login without a code is what makes the service send one
  if (session.about!.second_factor === "email") return sendCode(app, then, () => session.login(null), why);
  askCode(app, then, why);
}

async function sendCode(app: App, then: () => void, send: () => Promise<void>, why: unknown = null): Promise<void> {
  app.working("loading");
  try {
    await send();
  } catch (error) {
    if (!isCode(error, "code-sent")) return failed(app, error, () => void sendCode(app, then, send, why));
  }
  askCode(app, then, why);
}

function askCode(app: App, then: () => void, why: unknown = null): void {
  const { session } = app;
  const mail = session.about!.second_factor === "email";
  let fault: (() => Child) | null = why === null ? null : () => explain(app, why);
  const draw = (): void => {
    const invalid = fault !== null;
    const input = h("input", {
      id: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: "8",
      required: true,
      "aria-invalid": invalid && "true",
      "aria-describedby": invalid ? "problem" : "code-hint",
    });
    const submit = (event: Event): void => {
      event.preventDefault();
      const code = input.value.replace(/\s/g, "");
      if (/^[0-9]{6}$/.test(code)) return void enter(app, code, then);
      fault = () => app.say("sixDigits");
      app.draw();
    };
    app.show(
      "code",
      app.say("codeTitle"),
      app.alert(fault?.() ?? null),
      h(
        "form",
        { submit, novalidate: true },
        h("p", { id: "code-hint" }, app.say(mail ? "codeEmail" : "codeTotp")),
        h("label", { for: "code" }, app.say("codeLabel")),
        input,
        app.actions(
          h("button", { id: "login", class: "primary" }, app.say("logIn")),
          mail && !session.test ? button("new-code", app.say("newCode"), () => void sendCode(app, then, () => session.newCode())) : null,
        ),
      ),
    );
  };
  app.interrupt(draw);
}

async function enter(app: App, code: string | null, then: () => void): Promise<void> {
  const { session } = app;
  app.working("loading");
  try {
    if (!session.test) await session.login(code);
  } catch (error) {
    if (code !== null && isCode(error, "code-wrong", "code-expired", "login-refused")) return askCode(app, then, error);
    return failed(app, error, () => void identify(app, then));
  }
  if (session.votings.length) then();
  else await load(app, then);
}

/** What the service shows of this voter, all of it checked before anything is drawn. */
export async function load(app: App, then: () => void): Promise<void> {
  const { session } = app;
  const pause = app.working("loading");
  try {
    await session.load(pause());
  } catch (error) {
    if (isCode(error, "login-required")) return identify(app, then, error);
    return failed(app, error, () => void load(app, then));
  }
  // of all contests at once, whatever will be looked at (A66); a ballot does not wait for them long
  const all = session.votings.map(async (voting) => app.profiles.set(voting, await session.profiles(voting)));
  await Promise.race([Promise.all(all), new Promise((late) => setTimeout(late, PATIENCE))]);
  then();
}
