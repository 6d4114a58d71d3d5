// One voter at one link: login, evidence, tokens, ballots, receipts, in the order of the protocol. No page, no clock;
// network and randomness are arguments. Nothing is written to the device: the link resumes everything.

import { type Api, type ElectionAnswer } from "./api.ts";
import { castRequest, ownerOf, type Token, trackerOf } from "./ballot.ts";
import { b64 } from "./base64url.ts";
import { type Bytes, equal, fromUtf8, type Random, utf8 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import { credential, hedged } from "./derive.ts";
import { encryptVote, noPause, type Pause } from "./encryption.ts";
import { BoothError, DataError, InternalError, PeerError } from "./errors.ts";
import { type CheckedContest, type Evidence, verifyEvidence, voterAnswer } from "./evidence.ts";
import type { Link } from "./link.ts";
import { receiptAnswer, receiptFile, verifyReceipt } from "./receipt.ts";
import { sign } from "./schnorr.ts";
import { any, bytes, nullable, object } from "./schema.ts";
import { finishToken, makeTokenRequest, resumeToken, type TokenRequest, type Voter } from "./token.ts";
import { H } from "./transcript.ts";

const storedToken = object({ blinded: bytes(null), recovery: nullable(bytes(null)), blind_signature: bytes(null) }, false);

/** A sealed envelope: made once, kept until there is a receipt. */
interface Envelope {
  readonly request: Bytes;
  readonly tracker: Bytes;
}

/** One contest on its way from choice to receipt. */
export class Voting {
  /** the tracker of a ballot cast earlier with this link, or of the one cast now */
  tracker: Bytes | null = null;
  receipt: Bytes | null = null;
  /** why it cannot go on; null while it can */
  problem: BoothError | null = null;
  /** what to hand to the committee when something was wrong */
  evidence: Json | null = null;
  token: Token | null = null;
  tokenRequest: TokenRequest | null = null;
  envelope: Envelope | null = null;

  constructor(readonly checked: CheckedContest) {}

  get contest(): Contest {
    return this.checked.contest;
  }
}

export class Session {
  private about: ElectionAnswer | null = null;
  private voter: Voter | null = null;
  private bearer = "";
  private evidence: Evidence | null = null;
  /** the contests of this voter in open polls; filled by `load` */
  votings: Voting[] = [];
  /** the service's last answer about this voter, kept for the committee in case it does not hold */
  disputed: Json = null;

  constructor(
    private readonly link: Link,
    /** the origin host[:port]/election as the page's own location has it, which the login signature names (A79) */
    private readonly origin: string,
    private readonly api: Api,
    private readonly random: Random,
  ) {}

  /** Whether entry 0 of the log calls the election a rehearsal; false until the log was checked. */
  get rehearsal(): boolean {
    return this.evidence?.view.opened.rehearsal ?? false;
  }

  /** What the start page says. Refuses a service whose log is not the link's. */
  async open(): Promise<ElectionAnswer> {
    const about = await this.api.about();
    if (!equal(about.log.slice(0, this.link.logPrefix.length), this.link.logPrefix)) {
      throw new DataError("log: not the log that the ballot link names", "wrong-log");
    }
    this.about = about;
    return about;
  }

  /** Signs a fresh nonce with the credential (protocol §4). `code` is the second factor where the election asks for one. */
  async login(code: string | null): Promise<void> {
    const { election, seed } = this.link;
    const { log } = this.about ?? (await this.open());
    this.voter ??= { seed, credential: await credential(seed, election) };
    const { key, secret } = this.voter.credential;
    const { nonce } = await this.api.nonce(key);
    const message = H("es1/login", log, utf8(this.origin), key, nonce);
    const { bearer } = await this.api.login(key, nonce, sign(secret, message, this.random(32)), code);
    this.bearer = bearer;
  }

  /** Gets what the service says of this voter and checks all of it (protocol §5) before anything is shown. */
  async load(pause: Pause = noPause): Promise<void> {
    this.disputed = await this.api.voter(this.bearer, any);
    const { election, logPrefix } = this.link;
    const answer = voterAnswer(this.disputed, "voter");
    this.evidence = await verifyEvidence(answer, logPrefix, election, this.known().credential.key, pause);
    const open = new Set(this.about?.polls.filter((poll) => poll.state === "open").map((poll) => poll.poll));
    this.disputed = null;
    this.votings = this.evidence.contests.filter(({ contest }) => open.has(contest.poll)).map((checked) => new Voting(checked));
    for (const voting of this.votings) {
      if (voting.checked.issued) await this.guard(voting, () => this.resume(voting, voting.checked.issued!));
    }
  }

  /** Goes on with a token that an earlier visit got, or finds the ballot that it cast. */
  private async resume(voting: Voting, issued: NonNullable<CheckedContest["issued"]>): Promise<void> {
    const { contest } = voting;
    const token = await resumeToken(contest, this.known(), issued);
    const { ballots } = await this.api.ballots(contest.context);
    const own = ballots.find((ballot) => equal(ballot.key, token.key));
    if (own) voting.tracker = own.tracker;
    else voting.token = token;
  }

  /** The token of a contest: the one at hand, or a new one. A lost reply leads to the same request again. */
  private async ensureToken(voting: Voting): Promise<Token> {
    if (voting.token) return voting.token;
    const { contest } = voting;
    voting.tokenRequest ??= await makeTokenRequest(contest, this.known(), this.random);
    try {
      const { blind_signature } = await this.requestToken(voting.tokenRequest.bytes);
      voting.token = await finishToken(contest, voting.tokenRequest, blind_signature);
    } catch (error) {
      if (!(error instanceof PeerError) || error.code !== "token-already-issued") throw error;
      // another device was quicker: go on with what it stored
      await this.resume(voting, storedToken(error.answer as Json, "answer"));
      if (!voting.token) throw new DataError("token: a ballot was cast with it", "token-spent");
    }
    return voting.token;
  }

  /** A login lasts minutes; where no second factor is asked for, it is renewed without troubling the voter. */
  private async requestToken(request: Bytes): Promise<{ blind_signature: Bytes }> {
    try {
      return await this.api.token(this.bearer, request);
    } catch (error) {
      if (!(error instanceof PeerError) || error.code !== "login-required" || this.about?.second_factor !== "none") throw error;
      await this.login(null);
      return this.api.token(this.bearer, request);
    }
  }

  /** Token and encryption. The choice is not kept afterwards; the envelope is. */
  async seal(voting: Voting, vote: readonly boolean[], pause: Pause = noPause): Promise<void> {
    await this.guard(voting, async () => {
      if (voting.envelope || voting.receipt) return;
      const { contest } = voting;
      const token = await this.ensureToken(voting);
      const t = this.random(32);
      const drawS = (): Promise<Bytes> => hedged(this.link.seed, contest.context, this.random(32));
      const body = await encryptVote(contest, vote, ownerOf(token.key, t), drawS, pause);
      const request = castRequest(contest.context, body, token, t, this.random(32));
      voting.envelope = { request, tracker: trackerOf(encode(body)) };
    });
  }

  /** Sends the envelope and believes nothing but a receipt for our own tracker (A47). */
  async cast(voting: Voting): Promise<void> {
    await this.guard(voting, async () => {
      if (voting.receipt || !voting.envelope) return;
      const { request, tracker } = voting.envelope;
      const { logId, opened } = this.shown().view;
      const { context } = voting.contest;
      const answer = await this.api.cast(request, receiptAnswer);
      try {
        verifyReceipt(opened.receipt_key, logId, context, tracker, answer);
      } catch (error) {
        voting.evidence = evidenceOf(request, { tracker: b64(answer.tracker), signature: b64(answer.signature) });
        throw error;
      }
      voting.tracker = tracker;
      voting.receipt = receiptFile(logId, context, tracker, answer.signature);
      voting.envelope = null;
    });
  }

  /** Seals every contest that has a choice, then casts them in random order, so that the order says nothing. */
  async castAll(votes: ReadonlyMap<Voting, readonly boolean[]>, pause: Pause = noPause): Promise<void> {
    for (const [voting, vote] of votes) await this.seal(voting, vote, pause);
    for (const voting of shuffled([...votes.keys()], this.random)) if (!voting.problem) await this.cast(voting);
  }

  /** Keeps a contest's failure with the contest: one that fails never takes another with it. */
  private async guard(voting: Voting, act: () => Promise<void>): Promise<void> {
    voting.problem = null;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof BoothError)) throw error;
      voting.problem = error;
      if (error instanceof PeerError && voting.envelope && !error.uncertain) {
        voting.evidence ??= evidenceOf(voting.envelope.request, error.answer as Json);
      }
    }
  }

  private known(): Voter {
    if (!this.voter) throw new InternalError("session: not logged in");
    return this.voter;
  }

  private shown(): Evidence {
    if (!this.evidence) throw new InternalError("session: nothing loaded");
    return this.evidence;
  }
}

/** What was sent and what came back, for the committee: the ballot in it is encrypted. */
const evidenceOf = (request: Bytes, answer: Json): Json => ({
  request: fromUtf8(request),
  answer,
});

/** Fisher–Yates with the given randomness; at most 2^16 items, the bias of the remainder being below 2^-15. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const [high, low] = random(2);
    const j = ((high! << 8) | low!) % (i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
