// What a ballot is on the wire (protocol §6): body, tracker, cast request, and what an audit reveals.

import { b64 } from "./base64url.ts";
import type { Bytes } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { sign } from "./schnorr.ts";
import { answer, any, bytes, object } from "./schema.ts";
import { H } from "./transcript.ts";

/** A disjunctive proof, points and scalars encoded: `com` = [[a_0, b_0], …], `c` without the last, `z`. */
export interface ProofBytes {
  readonly com: readonly (readonly [Bytes, Bytes])[];
  readonly c: readonly Bytes[];
  readonly z: readonly Bytes[];
}

const proofJson = (proof: ProofBytes): { com: Json; c: Json; z: Json } => ({
  com: proof.com.map((commitment) => commitment.map(b64)),
  c: proof.c.map(b64),
  z: proof.z.map(b64),
});

/** The body as JSON; its bytes are `encode` of it. */
export const bodyJson = (
  context: Bytes,
  owner: Bytes,
  choices: readonly { a: Bytes; b: Bytes; proof: ProofBytes }[],
  sum: ProofBytes,
): Json => ({
  v: "es1",
  context: b64(context),
  owner: b64(owner),
  choices: choices.map((choice) => ({ a: b64(choice.a), b: b64(choice.b), ...proofJson(choice.proof) })),
  sum: proofJson(sum),
});

/** A ballot's entry in the log, as far as it is looked up there; `body` is still JSON. */
export const ballotShape = object({
  context: bytes(32),
  body: any,
  token: answer({ key: bytes(32), t: bytes(32) }),
  signature: bytes(64),
});

/** w = H("es1/owner", token key, t): stands for the token key, so that an audited ballot does not give it away. */
export const ownerOf = (tokenKey: Bytes, t: Bytes): Bytes => H("es1/owner", tokenKey, t);

/** The full tracker: 32 bytes. */
export const trackerOf = (body: Bytes): Bytes => H("es1/tracker", body);

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The first 100 bits, XXXXX-XXXXX-XXXXX-XXXXX: for finding a ballot, not for comparing. */
export function shortCode(raw: Uint8Array): string {
  const bits = Array.from(raw, (byte) => byte.toString(2).padStart(8, "0")).join("").slice(0, 100);
  const letters = bits.match(/.{5}/g)!.map((five) => CROCKFORD[parseInt(five, 2)]).join("");
  return letters.match(/.{5}/g)!.join("-");
}

/** What an audit reveals (protocol §8): never token key or t. */
export interface AuditedBallot {
  readonly context: string;
  readonly owner: string;
  readonly vote: readonly (0 | 1)[];
  readonly seed: string;
}

export const auditedBallot = (context: Bytes, owner: Bytes, vote: readonly boolean[], s: Bytes): AuditedBallot => ({
  context: b64(context),
  owner: b64(owner),
  vote: vote.map((chosen) => (chosen ? 1 : 0)),
  seed: b64(s),
});

/** A finished token: what the service signed without seeing it. */
export interface Token {
  readonly secret: Bytes;
  readonly key: Bytes;
  readonly prepared: Bytes;
  readonly sig: Bytes;
}

/** The bytes of a cast request. Made once and kept: a retry sends the very same bytes and gets the stored receipt. */
export function castRequest(context: Bytes, body: Json, token: Token, t: Bytes, aux: Bytes): Bytes {
  const signature = sign(token.secret, H("es1/cast", encode(body)), aux);
  return encode({
    context: b64(context),
    body,
    token: { key: b64(token.key), t: b64(t), prepared: b64(token.prepared), sig: b64(token.sig) },
    signature: b64(signature),
  });
}
