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
export const ballotsAnswer = answer({ ballots: array(answer({ key: bytes(32), tracker: bytes(32) })) });
export const contestsAnswer = answer({ contests: array(answer({ context: bytes(32), poll: natural(1), contest: id, state: pollState })) });
const profile = answer({ statements: table(LANGUAGE, text), photo: nullable(text) });
export const profilesAnswer = answer({ profiles: table(/^/, profile) });
export const complaintAnswer = answer({ seq: natural() });
export type ContestInfo = Shaped<typeof contestsAnswer>["contests"][number];
/** What a candidate says, by language, and the path of the photo. */
export type Profile = Shaped<typeof profile>;
export type ElectionAnswer = Shaped<typeof electionAnswer>;

/** What the booth needs of `fetch`; a test brings its own. */
export type Fetch = (path: string, options: RequestInit) => Promise<Response>;
export type Wait = (seconds: number) => Promise<void>;

const sleep: Wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

interface Call<T> {
  readonly path: string;
  readonly shape: Shape<T>;
  readonly body?: Bytes | undefined;
  readonly bearer?: string | undefined;
  /**
   * True for casts and public lookups: nothing that identifies the voter goes along. Browsers keep such requests on
   * connections of their own, apart from the ones that carried the login (protocol §6).
   */
  readonly anonymous?: boolean;
}

export class Api {
  constructor(
    private readonly election: string,
    private readonly fetch: Fetch = (path, options) => globalThis.fetch(path, options),
    private readonly wait: Wait = sleep,
  ) {}

  about(): Promise<ElectionAnswer> {
    return this.call({ path: "", shape: electionAnswer });
  }

  nonce(credential: Bytes): Promise<Shaped<typeof nonceAnswer>> {
    return this.call({ path: "/login/nonce", shape: nonceAnswer, body: encode({ credential: b64(credential) }) });
  }

  login(credential: Bytes, nonce: Bytes, signature: Bytes, code: string | null): Promise<Shaped<typeof bearerAnswer>> {
    const body = encode({ credential: b64(credential), nonce: b64(nonce), signature: b64(signature), code });
    return this.call({ path: "/login", shape: bearerAnswer, body }, 1); // the nonce is spent by one try
  }

  voter<T>(bearer: string, shape: Shape<T>): Promise<T> {
    return this.call({ path: "/voter", shape, bearer });
  }

  token(bearer: string, request: Bytes): Promise<Shaped<typeof tokenAnswer>> {
    return this.call({ path: "/tokens", shape: tokenAnswer, body: request, bearer });
  }

  cast<T>(request: Bytes, shape: Shape<T>): Promise<T> {
    return this.call({ path: "/ballots", shape, body: request, anonymous: true });
  }

  /** The whole list of a contest's sealed ballots: asking for one key would tell the service whose it is. */
  ballots(context: Bytes): Promise<Shaped<typeof ballotsAnswer>> {
    return this.call({ path: `/contests/${b64(context)}/ballots`, shape: ballotsAnswer, anonymous: true });
  }

  /** Every contest of the log, for the test mode. */
  contests(): Promise<Shaped<typeof contestsAnswer>> {
    return this.call({ path: "/contests", shape: contestsAnswer, anonymous: true });
  }

  /** What proves a contest to somebody who is not logged in. */
  contestEvidence<T>(context: Bytes, shape: Shape<T>): Promise<T> {
    return this.call({ path: `/contests/${b64(context)}/evidence`, shape, anonymous: true });
  }

  profiles(context: Bytes): Promise<Shaped<typeof profilesAnswer>> {
    return this.call({ path: `/contests/${b64(context)}/profiles`, shape: profilesAnswer, anonymous: true });
  }

  complain(complaint: Bytes): Promise<Shaped<typeof complaintAnswer>> {
    return this.call({ path: "/complaints", shape: complaintAnswer, body: complaint }, 1); // each one is logged
  }

  /** A file that the log names by its SHA-256; whoever asks compares it. */
  async blob(sha256: string): Promise<Bytes> {
    return this.repeated(ATTEMPTS, async () => {
      const { response, raw } = await this.fetched(`/log/${this.election}/blobs/${sha256}`, { method: "GET" }, true);
      if (!response.ok) throw new PeerError("not-found", `blob: status ${response.status}`, true);
      return raw;
    });
  }

  /** Tries again, with the same bytes, while the service is busy or cannot be reached. */
  private async repeated<T>(attempts: number, act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof PeerError) || !error.uncertain || attempt >= attempts) throw error;
        await this.wait(Math.min(error.retryAfter ?? 2 ** attempt, MAX_WAIT));
      }
    }
  }

  private call<T>({ path, shape, body, bearer, anonymous }: Call<T>, attempts = ATTEMPTS): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body) headers["content-type"] = "application/json";
    if (bearer) headers["authorization"] = `Bearer ${bearer}`;
    const options = { method: body ? "POST" : "GET", headers, ...(body && { body }) };
    return this.repeated(attempts, async () => {
      const { response, raw } = await this.fetched(`/api/elections/${this.election}${path}`, options, anonymous);
      return answerOf(response, raw, shape);
    });
  }

  private async fetched(path: string, options: RequestInit, anonymous = false): Promise<{ response: Response; raw: Bytes }> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT);
    try {
      const response = await this.fetch(path, {
        ...options,
        cache: "no-store",
        credentials: anonymous ? "omit" : "same-origin",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: abort.signal,
      });
      return { response, raw: new Uint8Array(await response.arrayBuffer()) };
    } catch {
      throw new PeerError("network", "the service could not be reached", true);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Problems become PeerError with the service's code; an answer in another form is the service's fault, too. */
function answerOf<T>(response: Response, raw: Uint8Array, shape: Shape<T>): T {
  let json: Json = null;
  try {
    json = JSON.parse(fromUtf8(raw)) as Json;
  } catch {
    // a proxy's page; judged by its status below
  }
  if (!response.ok) {
    const code = problemCode(json);
    const retry = Number(response.headers.get("retry-after"));
    const temporary = response.status >= 500 || response.status === 429;
    throw new PeerError(code, `${code}: status ${response.status}`, temporary, json, retry > 0 ? retry : null);
  }
  try {
    return shape(json, "answer");
  } catch (error) {
    throw error instanceof DataError ? new PeerError("bad-answer", error.message, true, json) : error;
  }
}

function problemCode(json: Json): string {
  const code = typeof json === "object" && json !== null && !Array.isArray(json) ? json["code"] : null;
  return typeof code === "string" ? code : "internal";
}

