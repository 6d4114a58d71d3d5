// Who it is: the signed nonce, and the one-time code where the election asks for one. Before any contest, so that nobody
// fills in a ballot in vain.

import { sleep } from "../api.ts";
import { hasCode } from "../errors.ts";
import * as app from "./app.ts";
import { actions, button, type Child, h } from "./dom.ts";
import { explain } from "./explain.ts";
import { Key } from "./keys.ts";
import { attempt, failed } from "./problem.ts";
import { alert, draw, interrupt, show, working } from "./screen.ts";
import { say } from "./words.ts";

const PATIENCE = 3; // seconds for photos and statements

const isMail = (): boolean => app.session.about!.second_factor === "email";

/** Logs in by the way that the election asks for, checks everything the service says of this voter, and goes on. */
export async function identify(then: () => void, why: unknown = null, again = false): Promise<void> {
  if (app.session.test) return load(then);
  if (app.session.about!.second_factor === "none") return enter(null, then);
  await attempt(async () => {
    // by mail: the signed login without a code is what makes the service send one
    if (isMail()) {
      working(Key.loading, Key.loadingText);
      await app.voter().login(null, again).catch((error) => {
        if (again && hasCode(error, /^too-many-codes$/)) why = error; // the code that was sent before still counts
        else if (!hasCode(error, /^code-sent$/)) throw error;
      });
    }
    askCode(then, why, again && why === null ? Key.codeAgain : Key.codeEmail);
  });
}

function askCode(then: () => void, why: unknown, hint = Key.codeEmail): void {
  let typed = "";
  let fault: (() => Child) | null = why === null ? null : () => explain(why);
  interrupt(() => {
    const input = h("input", {
      id: "code",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      maxlength: "8",
      "aria-invalid": fault && "true",
      "aria-describedby": fault ? "problem" : "code-hint",
    });
    input.value = typed;
    const submit = (event: Event): void => {
      event.preventDefault();
      typed = input.value;
      const code = typed.replace(/\s/g, "");
      if (/^\d{6}$/.test(code)) return void enter(code, then);
      fault = () => say(Key.sixDigits);
      draw();
    };
    show(
      "code",
      say(Key.codeTitle),
      alert(fault && fault()),
      h(
        "form",
        { submit },
        h("p", { id: "code-hint" }, say(isMail() ? hint : Key.codeTotp)),
        h("label", { for: "code" }, say(Key.codeLabel)),
        input,
        actions(
          button("login", Key.logIn, null),
          isMail() && button("new-code", Key.newCode, () => void identify(then, null, true)),
        ),
      ),
    );
  });
}

async function enter(code: string | null, then: () => void): Promise<void> {
  working(Key.loading, Key.loadingText);
  try {
    await app.voter().login(code);
  } catch (error) {
    if (code !== null && hasCode(error, /^(code-wrong|code-expired|too-many-codes|login-refused)$/)) askCode(then, error);
    else failed(error, () => void identify(then));
    return;
  }
  if (app.session.votings.length) then();
  else await load(then);
}

/** What the service shows of this voter, all of it checked before anything is drawn. */
export const load = (then: () => void): Promise<void> =>
  attempt(async () => {
    const session = app.session;
    const pause = working(Key.loading, Key.loadingText);
    try {
      await session.load(pause());
    } catch (error) {
      if (hasCode(error, /^login-required$/)) return identify(then, error);
      throw error;
    }
    // of all contests at once, whatever will be looked at (A66); a ballot does not wait for them long
    const all = session.votings.map(async (voting) => app.profiles.set(voting, await session.profiles(voting)));
    await Promise.race([Promise.all(all), sleep(PATIENCE)]);
    then();
  });
