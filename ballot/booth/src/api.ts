// The service's HTTP interface, as the booth uses it. A request is bytes made once: a retry sends the very same bytes,
// and the service answers a repeated token request or cast as it did the first time.

import { b64 } from "./base64url.ts";
import { type Bytes, fromUtf8 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { DataError, PeerError } from "./errors.ts";
import { LANGUAGE } from "./contest.ts";
import { answer, array, bytes, flag, id, literal, natural, nullable, type Shape, type Shaped, table, text } from "./schema.ts";

const ATTEMPTS = 3;
const TIMEOUT = 30_000; // milliseconds
const MAX_WAIT = 20; // seconds; the longest Retry-After that is waited for without asking the voter

/** Times are "YYYY-MM-DDTHH:MM:SSZ", null until they are known. */
const pollState = literal("planned", "open", "paused", "closed", "tallied", "declared");
const poll = answer({
  poll: natural(1),
  state: pollState,
  opens: nullable(text),
  closes: nullable(text),
  complaints: nullable(text), // until when they are heard; null before and after
});
export type PollAnswer = Shaped<typeof poll>;

export const electionAnswer = answer({
  election: text,
  log: bytes(32),
  title: text,
  texts: table(LANGUAGE, answer({ title: text, intro: text })),
  contact: text,
  zone: text,
  now: text,
  rehearsal: flag,
  second_factor: literal("none", "totp", "email"),
  polls: array(poll),
});
export const nonceAnswer = answer({ nonce: bytes(32) });
export const bearerAnswer = answer({ bearer: text });
export const tokenAnswer = answer({ blind_signature: bytes(null) });
export const ballotsAnswer = answer({ ballots: array(answer({ key: bytes(32), seq: natural() })) });
export const contestsAnswer = answer({ contests: array(answer({ context: bytes(32), poll: natural(1), contest: id, state: pollState })) });
const profile = answer({ statements: table(LANGUAGE, text), photo: nullable(text) });
export const profilesAnswer = answer({ profiles: table(/^/, profile) });
export type ListedBallot = Shaped<typeof ballotsAnswer>["ballots"][number];
export type ContestInfo = Shaped<typeof contestsAnswer>["contests"][number];
/** What a candidate says, by language, and the path of the photo. */
export type Profile = Shaped<typeof profile>;
export type ElectionAnswer = Shaped<typeof electionAnswer>;

/** What the booth needs of `fetch`; a test brings its own. */
export type Fetch = (path: string, options: RequestInit) => Promise<Response>;
export type Wait = (seconds: number) => Promise<void>;

export const sleep: Wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

/** A request; without a body it is a GET. */
interface Call {
  readonly body?: Bytes;
  readonly bearer?: string;
  readonly attempts?: number;
}

/**
 * Casts and public lookups are anonymous: nothing that identifies the voter goes along. Browsers keep such requests on
 * connections of their own, apart from the ones that carried the login (protocol §6).
 */
export class Api {
  constructor(
    private readonly election: string,
    private readonly fetch: Fetch = (path, options) => globalThis.fetch(path, options),
    private readonly wait: Wait = sleep,
  ) {}

  about(): Promise<ElectionAnswer> {
    return this.call("", electionAnswer);
  }

  nonce(credential: Bytes): Promise<Shaped<typeof nonceAnswer>> {
    return this.call("/login/nonce", nonceAnswer, { body: encode({ credential }) });
  }

  login(credential: Bytes, nonce: Bytes, signature: Bytes, code: string | null): Promise<Shaped<typeof bearerAnswer>> {
    const body = encode({ credential, nonce, signature, code });
    return this.call("/login", bearerAnswer, { body, attempts: 1 }); // the nonce is good for one login
  }

  voter<T>(bearer: string, shape: Shape<T>): Promise<T> {
    return this.call("/voter", shape, { bearer });
  }

  token(bearer: string, body: Bytes): Promise<Shaped<typeof tokenAnswer>> {
    return this.call("/tokens", tokenAnswer, { body, bearer });
  }

  cast<T>(body: Bytes, shape: Shape<T>): Promise<T> {
    return this.call("/ballots", shape, { body }, true);
  }

  /** The whole list of a contest's sealed ballots: asking for one key would tell the service whose it is. */
  ballots(context: Bytes): Promise<Shaped<typeof ballotsAnswer>> {
    return this.lookUp(context, "ballots", ballotsAnswer);
  }

  /** Every contest of the log, for the test mode. */
  contests(): Promise<Shaped<typeof contestsAnswer>> {
    return this.call("/contests", contestsAnswer, {}, true);
  }

  /** What everybody may know of a contest. */
  lookUp<T>(context: Bytes, what: "ballots" | "evidence" | "profiles", shape: Shape<T>): Promise<T> {
    return this.call(`/contests/${b64(context)}/${what}`, shape, {}, true);
  }

  /** A file of the log; whoever asks checks it. */
  file(path: string): Promise<Bytes> {
    return this.repeated(`/log/${this.election}/${path}`, (raw) => raw, {}, true);
  }

  protected call<T>(path: string, shape: Shape<T>, call?: Call, anonymous?: boolean): Promise<T> {
    return this.repeated(`/api/elections/${this.election}${path}`, (_, json) => shape(json, "answer"), call, anonymous);
  }

  /** Tries again, with the same bytes, while the service is busy or cannot be reached. */
  private async repeated<T>(
    path: string,
    read: (raw: Bytes, json: Json) => T,
    { body, bearer, attempts = ATTEMPTS }: Call = {},
    anonymous = false,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), TIMEOUT);
      let json: Json = null;
      try {
        const response = await this.fetch(path, {
          method: body ? "POST" : "GET",
          headers: {
            accept: "application/json",
            ...(body && { "content-type": "application/json" }),
            ...(bearer && { authorization: `Bearer ${bearer}` }),
          },
          ...(body && { body }),
          cache: "no-store",
          credentials: anonymous ? "omit" : "same-origin",
          redirect: "error",
          referrerPolicy: "no-referrer",
          signal: abort.signal,
        });
        const raw = new Uint8Array(await response.arrayBuffer());
        json = parsed(raw);
        if (!response.ok) throw problemOf(response, json);
        return read(raw, json);
      } catch (error) {
        const problem =
          error instanceof PeerError
            ? error
            : error instanceof DataError
              ? new PeerError("bad-answer", error.message, true, json)
              : new PeerError("network", path, true);
        if (!problem.uncertain || attempt >= attempts) throw problem;
        await this.wait(Math.min(problem.retryAfter ?? 2 ** attempt, MAX_WAIT));
      } finally {
        clearTimeout(timer);
      }
    }
  }
}

/** The answer as JSON; null where it is none, as a proxy's page: its status says enough then. */
function parsed(raw: Bytes): Json {
  try {
    return JSON.parse(fromUtf8(raw)) as Json;
  } catch {
    return null;
  }
}

/** A problem is a PeerError with the service's code; an answer in another form is the service's fault, too. */
function problemOf({ status, headers }: Response, json: Json): PeerError {
  const given = (json as { readonly code?: Json } | null)?.code;
  const code = typeof given === "string" ? given : "internal";
  const retry = Number(headers.get("retry-after"));
  return new PeerError(code, `status ${status}`, status >= 500 || status === 429, json, retry > 0 ? retry : null);
}
