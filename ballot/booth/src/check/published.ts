// What anybody may fetch: whole lists and files of the log. No request names a ballot or a tracking code, so the service
// does not learn which ballot somebody is looking for.

import { electionAnswer, type ElectionAnswer } from "../api.ts";
import { b64 } from "../base64url.ts";
import { type Bytes, fromUtf8 } from "../bytes.ts";
import type { Json } from "../canonical.ts";
import { DataError, PeerError } from "../errors.ts";
import { answer, array, bytes, id, natural, type Shape, type Shaped, text } from "../schema.ts";

const TIMEOUT = 30_000; // milliseconds
const MISSING = [404, 410];

const contestsAnswer = answer({ contests: array(answer({ context: bytes(32), poll: natural(1), contest: id, state: text })) });
const ballotsAnswer = answer({ ballots: array(answer({ tracker: bytes(32), seq: natural() })) });

export type ContestInfo = Shaped<typeof contestsAnswer>["contests"][number];
export type ListedBallot = Shaped<typeof ballotsAnswer>["ballots"][number];

/** What the page needs of `fetch`; a test brings its own. */
export type Get = (path: string) => Promise<Response>;

const get: Get = async (path) => {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT);
  try {
    return await fetch(path, { cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer", signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
};

export class Published {
  constructor(
    readonly election: string,
    private readonly get_: Get = get,
  ) {}

  about(): Promise<ElectionAnswer> {
    return this.json("", electionAnswer);
  }

  async contests(): Promise<ContestInfo[]> {
    return (await this.json("/contests", contestsAnswer)).contests;
  }

  /** All sealed ballots of a contest. */
  async ballots(context: Bytes): Promise<ListedBallot[]> {
    return (await this.json(`/contests/${b64(context)}/ballots`, ballotsAnswer)).ballots;
  }

  /** A file of the log; DataError where there is none: a log without it cannot be checked. */
  async file(path: string): Promise<Bytes> {
    const { response, raw } = await this.fetched(`/log/${this.election}/${path}`);
    if (MISSING.includes(response.status)) throw new DataError(`log: ${path} is missing`);
    if (!response.ok) throw new PeerError("busy", `log: ${path}: status ${response.status}`, true);
    return raw;
  }

  private async json<T>(path: string, shape: Shape<T>): Promise<T> {
    const { response, raw } = await this.fetched(`/api/elections/${this.election}${path}`);
    if (response.status === 404) throw new PeerError("unknown-election", "there is no such election here", false);
    if (!response.ok) throw new PeerError("busy", `status ${response.status}`, true);
    try {
      return shape(JSON.parse(fromUtf8(raw)) as Json, "answer");
    } catch {
      throw new PeerError("busy", "the answer cannot be read", true);
    }
  }

  private async fetched(path: string): Promise<{ response: Response; raw: Bytes }> {
    try {
      const response = await this.get_(path);
      return { response, raw: new Uint8Array(await response.arrayBuffer()) };
    } catch {
      throw new PeerError("network", "the service could not be reached", true);
    }
  }
}
