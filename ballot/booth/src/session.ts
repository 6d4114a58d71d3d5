// One voter at one link: login, evidence, tokens, ballots, receipts, in the order of the protocol. No page, no clock;
// network and randomness are arguments. Nothing is written to the device: the link resumes everything.

import type { Token } from "./ballot.ts";
import { BoothSession } from "./booth_session.ts";
import { type Bytes, fromUtf8, type Random, utf8 } from "./bytes.ts";
import { type Encodable, type Json } from "./canonical.ts";
import type { Api } from "./api.ts";
import { credential, hedged } from "./derive.ts";
import { noPause, type Pause } from "./encryption.ts";
import { check, hasCode, must, PeerError } from "./errors.ts";
import { type CheckedContest, issuedShape, verifyEvidence, voterAnswer } from "./evidence.ts";
import type { Link } from "./link.ts";
import { ownTracker } from "./own_ballot.ts";
import { receiptAnswer, receiptFile, verifyReceipt } from "./receipt.ts";
import { sign } from "./schnorr.ts";
import { any } from "./schema.ts";
import { finishToken, makeTokenRequest, resumeToken, type Voter } from "./token.ts";
import { H } from "./transcript.ts";
import type { Voting } from "./voting.ts";

/** A signed nonce: with it a code that came by mail can be given, and given again after a slip. */
interface Claim {
  readonly nonce: Bytes;
  readonly signature: Bytes;
}

export class Session extends BoothSession {
  readonly test = false;
  private voter: Voter | null | undefined;
  private bearer = "";
  private claim: Claim | null | undefined;

  constructor(
    private readonly link: Link,
    /** the origin host[:port]/election as the page's own location has it, which the login signature names (A79) */
    private readonly origin: string,
    api: Api,
    random: Random,
  ) {
    super(api, random, link.logPrefix);
  }

  /**
   * Signs a nonce with the credential (protocol §4). `code` is the second factor where the election asks for one. By mail:
   * the first call, with null, throws PeerError "code-sent"; the next one gives the code, for the same nonce. `afresh` asks
   * for another code in the same way; where "too-many-codes" refuses it, the old one stays.
   */
  async login(code: string | null, afresh = false): Promise<void> {
    const { election, seed } = this.link;
    const { log } = this.about ?? (await this.open());
    this.voter ??= { seed, credential: await credential(seed, election) };
    const { key, secret } = this.voter.credential;
    const before = this.claim;
    const claim = (!afresh && before) || (await this.makeClaim(log, key, secret));
    try {
      this.claim = null; // a nonce is good for one login
      this.bearer = (await this.api.login(key, claim.nonce, claim.signature, code)).bearer;
    } catch (error) {
      if (this.withCode && error instanceof PeerError) {
        if (error.uncertain || hasCode(error, /^code-(sent|wrong)$/)) this.claim = claim;
        else if (afresh && hasCode(error, /^too-many-codes$/)) this.claim = before;
      }
      throw error;
    }
  }

  /** Whether a login asks for a one-time code. */
  private get withCode(): boolean {
    return this.about?.second_factor !== "none";
  }

  private async makeClaim(log: Bytes, key: Bytes, secret: Bytes): Promise<Claim> {
    const { nonce } = await this.api.nonce(key);
    return { nonce, signature: sign(secret, H("es1/login", log, utf8(this.origin), key, nonce), this.random(32)) };
  }

  /** Gets what the service says of this voter and checks all of it (protocol §5) before anything is shown. */
  async load(pause: Pause = noPause): Promise<void> {
    this.disputed = await this.api.voter(this.bearer, any);
    const answer = voterAnswer(this.disputed, "voter");
    const { election, logPrefix } = this.link;
    this.evidence = await verifyEvidence(answer, logPrefix, election, this.known().credential.key, pause);
    await this.list(["open", "paused"]);
    this.disputed = null;
    for (const voting of this.votings) {
      if (voting.checked.issued) await this.act(voting, () => this.resume(voting, voting.checked.issued!));
    }
  }

  /** Goes on with a token that an earlier visit got, or finds the ballot that it cast, in the log itself (A46). */
  private async resume(voting: Voting, issued: NonNullable<CheckedContest["issued"]>): Promise<void> {
    const { contest } = voting;
    const token = await resumeToken(contest, this.known(), issued);
    const { ballots } = await this.api.ballots(contest.context);
    const { opened } = this.shown().view;
    voting.tracker = await ownTracker((path) => this.api.file(path), opened, ballots, contest.context, token.key);
    if (!voting.tracker) voting.token = token;
  }

  /** The token of a contest: the one at hand, or a new one. A lost reply leads to the same request again. */
  protected async tokenOf(voting: Voting): Promise<Token> {
    if (voting.token) return voting.token;
    const { contest } = voting;
    voting.tokenRequest ??= await makeTokenRequest(contest, this.known(), this.random);
    try {
      const { blind_signature } = await this.requestToken(voting.tokenRequest.bytes);
      voting.token = await finishToken(contest, voting.tokenRequest, blind_signature);
    } catch (error) {
      if (!hasCode(error, /^token-already-issued$/)) throw error;
      // another device was quicker: go on with what it stored
      await this.resume(voting, issuedShape(error.answer as Json, "answer"));
      check(voting.token, "token", "token-spent");
    }
    return voting.token;
  }

  /** A login lasts minutes; where no second factor is asked for, it is renewed without troubling the voter. */
  private async requestToken(request: Bytes): Promise<{ blind_signature: Bytes }> {
    try {
      return await this.api.token(this.bearer, request);
    } catch (error) {
      if (!hasCode(error, /^login-required$/) || this.withCode) throw error;
      await this.login(null);
      return this.api.token(this.bearer, request);
    }
  }

  protected drawS(context: Bytes): Promise<Bytes> {
    return hedged(this.link.seed, context, this.random(32));
  }

  /** Sends the sealed ballot and believes nothing but a receipt for our own tracker (A47). s is erased first. */
  async cast(voting: Voting): Promise<void> {
    await this.act(voting, async () => {
      const { envelope, token, contest } = voting;
      if (voting.tracker || !envelope || !token) return;
      const { logId, opened } = this.shown().view;
      const request = envelope.request(token, this.random);
      const { tracker } = envelope;
      const evidenceOf = (answer: Encodable): Encodable => ({ request: fromUtf8(request), answer });
      try {
        const answer = await this.api.cast(request, receiptAnswer);
        voting.evidence = evidenceOf(answer);
        verifyReceipt(opened.receipt_key, logId, contest.context, tracker, answer);
        voting.receipt = receiptFile(logId, contest.context, tracker, answer.signature);
      } catch (error) {
        if (error instanceof PeerError && !error.uncertain) voting.evidence = evidenceOf(error.answer as Json);
        throw error;
      }
      [voting.tracker, voting.evidence, voting.envelope] = [tracker, null, null];
    });
  }

  /** Casts everything that is sealed, in random order, so that the order says nothing (A63). */
  async castAll(): Promise<void> {
    for (const voting of shuffled(this.votings, this.random)) if (voting.envelope) await this.cast(voting);
  }

  /** Drops what is secret, for the next person at a shared device; JavaScript cannot promise that no copy is left. */
  forget(): void {
    this.link.seed.fill(0);
    this.voter?.credential.secret.fill(0);
    [this.voter, this.claim, this.bearer, this.evidence, this.votings] = [null, null, "", null, []];
  }

  private known(): Voter {
    must(this.voter, "login");
    return this.voter;
  }
}

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
