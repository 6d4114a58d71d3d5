// A sealed ballot before its fate is decided (protocol §8): it can be opened for an audit, or it can be cast, never both.
// The tracker is fixed, and shown, before anybody can know which of the two it will be (A49).

import { type AuditedBallot, type BallotBody, castRequest, ownerOf, type Token, trackerOf } from "./ballot.ts";
import type { Bytes, Random } from "./bytes.ts";
import { encode } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import { encryptVote, type Pause } from "./encryption.ts";
import { must } from "./errors.ts";

/** "sealed" becomes "casting" or "audited"; there is no way back and none from one to the other. */
export type EnvelopeState = "sealed" | "casting" | "audited";

/** A sealed ballot. `t` and the token stay inside; only `open` tells the vote, and only of a ballot that is never cast. */
export class Envelope {
  state: EnvelopeState = "sealed";
  /** 32 bytes: to be shown, and taken by a second device, before `open` or `request` */
  readonly tracker: Bytes;
  /** the cast request, once it was made */
  sent: Bytes | undefined;

  constructor(
    private readonly contest: Contest,
    private readonly body: BallotBody,
    private readonly token: Pick<Token, "key">,
    private t: Bytes,
    private vote: readonly boolean[],
    private s: Bytes,
  ) {
    this.tracker = trackerOf(encode(body));
  }

  /** Whether it holds this vote and its fate is open: sealing the same choice again changes nothing. */
  holds(vote: readonly boolean[]): boolean {
    return this.state === "sealed" && this.vote.every((chosen, i) => chosen === vote[i]);
  }

  /** Audit: reveals (context, w, v, s), and forgets what a cast would need. */
  open(): AuditedBallot {
    must(this.state === "sealed", "envelope");
    this.state = "audited";
    const { context } = this.contest;
    const revealed = { context, owner: ownerOf(this.token.key, this.t), vote: this.vote.map(Number), seed: this.s.slice() as Bytes };
    this.forget();
    return revealed;
  }

  /** Cast: s and the vote are erased before the request exists. The same bytes every time. */
  request(token: Token, random: Random): Bytes {
    must(this.state !== "audited", "envelope"); // an audited ballot is never cast
    if (this.sent) return this.sent;
    this.state = "casting";
    const t = this.t.slice() as Bytes;
    this.forget();
    return (this.sent = castRequest(this.contest.context, this.body, token, t, random(32)));
  }

  /** Overwrites what is secret; JavaScript cannot promise that no copy is left in the memory of the engine. */
  private forget(): void {
    this.s.fill(0);
    this.t.fill(0);
    this.vote = [];
  }
}

/** Encrypts a vote under a token key, with new s and t. */
export async function sealVote(
  contest: Contest,
  vote: readonly boolean[],
  token: Pick<Token, "key">,
  drawS: () => Promise<Bytes>,
  random: Random,
  pause: Pause,
): Promise<Envelope> {
  const t = random(32);
  const { body, s } = await encryptVote(contest, vote, ownerOf(token.key, t), drawS, pause);
  return new Envelope(contest, body, token, t, [...vote], s);
}
