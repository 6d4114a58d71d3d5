// One-time tokens (protocol §5): the request that the credential signs, and the finished token. The prefix, r and the
// token key are true randomness, never derived from the seed (§12): nobody can link later what was never computable.

import type { Token } from "./ballot.ts";
import { blind, finalize, prepare } from "./blindrsa.ts";
import { type Bytes, equal, type Random } from "./bytes.ts";
import { encode } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import { freshKey, type KeyPair } from "./derive.ts";
import { check } from "./errors.ts";
import { openRecovery, type Pending, sealRecovery } from "./recovery.ts";
import { publicKey, sign } from "./schnorr.ts";
import { H } from "./transcript.ts";

/** What of a voter's link is needed for a token. */
export interface Voter {
  readonly seed: Bytes;
  readonly credential: KeyPair;
}

/** A token request, made once; a retry sends the very same bytes. */
export interface TokenRequest extends Pending {
  readonly blinded: Bytes;
  /** the HTTP body */
  readonly bytes: Bytes;
}

const tokenMessage = (contest: Contest, tokenKey: Bytes): Bytes => H("es1/token", contest.context, tokenKey);

/** Draws, in this order: token key (32), prefix (32), salt (48), r (384), nonce of the blob (12), signatures (32 each). */
export async function makeTokenRequest(contest: Contest, voter: Voter, random: Random): Promise<TokenRequest> {
  const { context } = contest;
  // 1. a fresh token key; msg = H("es1/token", context, token key); prepared = 32 random bytes ‖ msg
  const { secret, key } = freshKey(random);
  const prepared = prepare(tokenMessage(contest, key), random(32));
  // 2. blinded, inv = Blind
  const { blinded, inverse } = await blind(contest.issuer_key, prepared, random);
  // 3. the recovery blob
  const pending = { secret, prepared, inverse };
  const recovery = contest.recovery ? await sealRecovery(voter.seed, context, blinded, pending, random(12)) : null;
  // 4. the credential signs H("es1/issue", context, blinded), the only signature that is ever published, and the blob
  const bytes = encode({
    context,
    blinded,
    signature: sign(voter.credential.secret, H("es1/issue", context, blinded), random(32)),
    recovery,
    recovery_signature: recovery && sign(voter.credential.secret, H("es1/recovery", context, blinded, recovery), random(32)),
  });
  return { ...pending, blinded, bytes };
}

/** Finalize: unblinds and verifies; DataError ("token-invalid") for a signature that is none (A33). */
export async function finishToken(contest: Contest, pending: Pending, blindSignature: Bytes): Promise<Token> {
  const sig = await finalize(contest.issuer_key, pending.prepared, blindSignature, pending.inverse);
  return { secret: pending.secret, key: publicKey(pending.secret), prepared: pending.prepared, sig };
}

/** What the service keeps of a token that was issued to this credential. */
export interface Issued {
  readonly blinded: Bytes;
  readonly recovery: Bytes | null;
  readonly blind_signature: Bytes;
}

/** Goes on with a token that another device requested. A blob that does not open is an alarm (§5). */
export async function resumeToken(contest: Contest, voter: Voter, issued: Issued): Promise<Token> {
  check(issued.recovery !== null, "recovery", "no-recovery");
  const pending = await openRecovery(voter.seed, contest.context, issued.blinded, issued.recovery);
  const key = publicKey(pending.secret);
  check(equal(pending.prepared.slice(32), tokenMessage(contest, key)), "recovery", "recovery-alarm");
  return finishToken(contest, pending, issued.blind_signature);
}
