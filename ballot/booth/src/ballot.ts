// What a ballot is on the wire (protocol §6): body, tracker, cast request, and what an audit reveals.

import type { Bytes } from "./bytes.ts";
import { encode } from "./canonical.ts";
import { sign } from "./schnorr.ts";
import { answer, any, bytes, object } from "./schema.ts";
import { H } from "./transcript.ts";

/** A disjunctive proof, points and scalars encoded: `com` = [[a_0, b_0], …], `c` without the last, `z`. */
export type ProofBytes = { readonly com: readonly (readonly [Bytes, Bytes])[]; readonly c: readonly Bytes[]; readonly z: readonly Bytes[] };

/** A ballot's body; its bytes are `encode` of it. */
export type BallotBody = {
  readonly v: string;
  readonly context: Bytes;
  readonly owner: Bytes;
  readonly choices: readonly ({ readonly a: Bytes; readonly b: Bytes } & ProofBytes)[];
  readonly sum: ProofBytes;
};

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
  readonly context: Bytes;
  readonly owner: Bytes;
  readonly vote: readonly number[];
  readonly seed: Bytes;
}

/** A finished token: what the service signed without seeing it. */
export interface Token {
  readonly secret: Bytes;
  readonly key: Bytes;
  readonly prepared: Bytes;
  readonly sig: Bytes;
}

/** The bytes of a cast request. Made once and kept: a retry sends the very same bytes and gets the stored receipt. */
export function castRequest(context: Bytes, body: BallotBody, { secret, key, prepared, sig }: Token, t: Bytes, aux: Bytes): Bytes {
  const signature = sign(secret, H("es1/cast", encode(body)), aux);
  return encode({ context, body, token: { key, t, prepared, sig }, signature });
}
