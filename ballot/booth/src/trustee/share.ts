// One trustee's part of a decryption, and the proof that it is that (protocol §10; tally/share.py). Nothing here decides
// whether a share may be made: the log is checked whole before.

import { b64 } from "../base64url.ts";
import { type Bytes, type Random, u64 } from "../bytes.ts";
import type { Json } from "../canonical.ts";
import { encodePoint, GENERATOR, IDENTITY, multiply, type Point } from "../curve.ts";
import { check } from "../errors.ts";
import { without } from "../log.ts";
import { array, bytes, natural, nullable, object, type Shaped } from "../schema.ts";
import { sign, verify } from "../schnorr.ts";
import { H, Hq } from "../transcript.ts";
import type { JointKey } from "./ceremony.ts";
import { type Challenge, decryptionShape, makeDecryption, verifyDecryption } from "./equality.ts";
import type { Data } from "./messages.ts";
import type { Session } from "./session.ts";

/** The sums (A*, B*) of one contest, option by option. */
export interface ContestSums {
  readonly context: Bytes;
  readonly ballots: number;
  readonly pairs: readonly (readonly [Point, Point])[];
}

const anyText = (value: Json | undefined, what: string): string => {
  check(typeof value === "string", what);
  return value;
};

/** The data of `tally.share`; each decryption still JSON: a signed wrong one is its trustee's mistake, not the log's. */
export const shareShape = object({
  context: bytes(32),
  i: natural(),
  shares: array(nullable(object({ d: anyText, a: anyText, b: anyText, z: anyText }))),
  signature: bytes(64),
});
export type Share = Shaped<typeof shareShape>;

function challengeOf(logId: Bytes, context: Bytes, option: number, l: number, key: Point, A: Point, B: Point): Challenge {
  const sum = B.is0() ? new Uint8Array(0) : encodePoint(B);
  return (d, a, b) => Hq("es1/share-proof", logId, context, u64(option), u64(l), encodePoint(key), encodePoint(A), sum, d, a, b);
}

const signedDigest = (session: Session, i: number, data: Data): Bytes => H("es1/trustee-tally", session.id, u64(i), without(data, "signature"));

/** The data of `tally.share` of trustee l with the key share `secret`; draws 64 bytes for each option that has a sum, then 32. */
export function makeShare(session: Session, sums: ContestSums, l: number, secret: bigint, identity: Bytes, random: Random): Data {
  const key = multiply(GENERATOR, secret);
  const shares = sums.pairs.map(([A, B], option) =>
    A.is0() ? null : makeDecryption(secret, A, challengeOf(session.logId, sums.context, option, l, key, A, B), random),
  );
  const unsigned = { context: b64(sums.context), i: l, shares };
  return { ...unsigned, signature: b64(sign(identity, signedDigest(session, l, unsigned), random(32))) };
}

/** The trustee signed this share; DataError otherwise: what is unsigned is never logged. */
export const verifyShareSignature = ({ session }: JointKey, data: Data, { i, signature }: Share): void =>
  verify(session.identity(i), signedDigest(session, i, data), signature, `tally.share of trustee ${i}`);

/** Every decryption of a signed share; gives D per option (the identity where A* is). DataError where the trustee erred. */
export function verifyDecryptions(joint: JointKey, sums: ContestSums, { i, shares }: Share): Point[] {
  const what = `share of trustee ${i}`;
  check(shares.length === sums.pairs.length, what);
  const key = joint.shares[i - 1]!;
  return sums.pairs.map(([A, B], option) => {
    const item = shares[option]!;
    check((item === null) === A.is0(), `${what}: option ${option}`);
    if (item === null) return IDENTITY;
    const proof = decryptionShape(item as Json, `${what}: option ${option}`);
    return verifyDecryption(key, A, proof, challengeOf(joint.session.logId, sums.context, option, i, key, A, B), `${what}: option ${option}`);
  });
}
