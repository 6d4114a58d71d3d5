// The trustee's own messages, step by step (protocol §3), with the checks that go with each. Draws are in the order of the
// command line's, so that the same random bytes give the same messages.

import { b64 } from "../base64url.ts";
import { type Bytes, type Random, u64 } from "../bytes.ts";
import type { Json } from "../canonical.ts";
import { decodePoint, decodeScalar, difference, encodePoint, encodeScalar, GENERATOR, modq, multiply, type Point } from "../curve.ts";
import { check, DataError } from "../errors.ts";
import { H, Hq } from "../transcript.ts";
import * as hpke from "./hpke.ts";
import { type Data, type Message, messageHash, type Shared, signStep, type Step } from "./messages.ts";
import { committedAt, valueAt } from "./polynomial.ts";
import { drawScalar } from "./secrets.ts";
import type { Session } from "./session.ts";

const FALSE = "proof-invalid";

// ---- 1. commit -------------------------------------------------------------------------------------------------------

const pokChallenge = (session: Session, i: number, j: number, point: Bytes, r: Bytes): bigint =>
  Hq("es1/trustee-pok", session.id, u64(i), u64(j), session.identity(i), point, r);

/** C_ij = a_ij·G with the proof that trustee i knows a_ij; draws again where c or z is zero. */
function makeCommitment(session: Session, i: number, j: number, coefficient: bigint, random: Random): Json {
  const point = encodePoint(multiply(GENERATOR, coefficient));
  for (;;) {
    const nonce = drawScalar(random);
    const r = encodePoint(multiply(GENERATOR, nonce));
    const c = pokChallenge(session, i, j, point, r);
    const z = modq(nonce + c * coefficient);
    if (c && z) return { point: b64(point), r: b64(r), z: b64(encodeScalar(z)) };
  }
}

/** Message i: the HPKE key of this session and the k commitments. */
export const makeMessage = (session: Session, i: number, hpkeSecret: Bytes, coefficients: readonly bigint[], random: Random): Data => ({
  v: "es1",
  session: b64(session.id),
  i,
  hpke: b64(hpke.publicKey(hpkeSecret)),
  commitments: coefficients.map((coefficient, j) => makeCommitment(session, i, j, coefficient, random)),
});

/** A good HPKE key and exactly k commitments, each with its proof: z·G = R + c·C (A20, A22). Gives C_i0 … C_i,k-1. */
export function verifyMessage(session: Session, { i, hpke: key, commitments }: Message): Point[] {
  hpke.checkPublicKey(key, `trustee ${i}: sealing key`);
  check(commitments.length === session.k, `trustee ${i}: ${commitments.length} commitments, expected ${session.k}`, "ceremony");
  return commitments.map(({ point, r, z }, j) => {
    const what = `trustee ${i}: commitment ${j}`;
    const [C, R, response] = [decodePoint(point, what), decodePoint(r, what), decodeScalar(z, what)];
    const c = pokChallenge(session, i, j, point, r);
    check(c && response && difference(response, GENERATOR, c, C).equals(R), what, FALSE);
    return C;
  });
}

export const makeHashed = (session: Session, message: Data, identity: Bytes, random: Random): Step => {
  const data = { session: b64(session.id), i: message["i"]!, hash: b64(messageHash(message as Json)) };
  return signStep(session, "trustee.hashed", message["i"] as number, data, identity, random);
};

export const makeCommitted = (session: Session, message: Data, identity: Bytes, random: Random): Step =>
  signStep(session, "trustee.committed", message["i"] as number, { message: message as Json }, identity, random);

// ---- 2. share --------------------------------------------------------------------------------------------------------

const shareInfo = (session: Session, i: number, l: number): Bytes => H("es1/share", session.id, u64(i), u64(l));

/** f_i(l), sealed to every other trustee; `messages` are those of all n, in order. Draws 32 bytes for each, then 32. */
export async function makeShared(
  session: Session,
  i: number,
  coefficients: readonly bigint[],
  messages: readonly Message[],
  identity: Bytes,
  random: Random,
): Promise<Step> {
  const shares: Json[] = [];
  for (const { i: to, hpke: key } of messages) {
    if (to === i) continue;
    const sealed = await hpke.seal(key, shareInfo(session, i, to), encodeScalar(valueAt(coefficients, to)), random);
    shares.push({ to, sealed: b64(sealed) });
  }
  return signStep(session, "trustee.shared", i, { session: b64(session.id), i, shares }, identity, random);
}

/** One share for every other trustee, ascending. Whether a share is right only its recipient sees. */
export function verifyRecipients(session: Session, { i, shares }: Shared): void {
  const expected = session.identities.map((_, index) => index + 1).filter((l) => l !== i);
  check(String(shares.map(({ to }) => to)) === String(expected), `trustee ${i}: shares for others than ${expected}`, "ceremony");
}

/** Opens the share of dealer i for trustee l, and checks f_i(l)·G against the dealer's commitments; DataError. */
export async function openShare(session: Session, shared: Shared, points: readonly Point[], l: number, secret: Bytes): Promise<bigint> {
  const what = `trustee ${shared.i}: share for trustee ${l}`;
  const sealed = shared.shares.find(({ to }) => to === l)?.sealed;
  check(sealed, what, FALSE);
  let share: bigint;
  try {
    share = decodeScalar(await hpke.open(secret, shareInfo(session, shared.i, l), sealed), what);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(`${what}: does not open`, FALSE);
  }
  check(multiply(GENERATOR, share).equals(committedAt(points, l)), `${what}: does not match the commitments`, FALSE);
  return share;
}

// ---- 3. confirm or complain ------------------------------------------------------------------------------------------

export const makeConfirmed = (session: Session, i: number, transcript: Bytes, identity: Bytes, random: Random): Step =>
  signStep(session, "trustee.confirmed", i, { session: b64(session.id), i, transcript: b64(transcript) }, identity, random);

/** Against the dealer of a bad share: with the HPKE secret of this session, which is void from now on. */
export const makeComplained = (session: Session, i: number, against: number, secret: Bytes, identity: Bytes, random: Random): Step =>
  signStep(session, "trustee.complained", i, { session: b64(session.id), i, against, secret: b64(secret) }, identity, random);
