// What a trustee keeps under a passphrase (protocol §3, §10; keys/trustee/file.py): secrets, and what was seen and done.
// The transcript and key that it confirmed, the log's last head, the sums of each contest that it decrypted: that memory is
// what lets the tool refuse another key (A24), a log that does not go on from the one before, a second decryption (A27).

import { b64, unb64 } from "../base64url.ts";
import { type Bytes, equal, type Random } from "../bytes.ts";
import { decode, encode, type Json } from "../canonical.ts";
import { decodePoint, decodeScalar, encodePoint, encodeScalar } from "../curve.ts";
import { check, DataError } from "../errors.ts";
import { array, bytes, flag, id, literal, natural, nullable, object, type Shape, type Shaped } from "../schema.ts";
import { publicKey } from "../schnorr.ts";
import type { JointKey } from "./ceremony.ts";
import { type Lock, openUnder, sealUnder } from "../keyfile.ts";
import { makeMessage } from "./making.ts";
import { type Data, messageShape } from "./messages.ts";
import { drawPolynomial } from "./polynomial.ts";
import { hpkeSecret, identitySecret } from "./secrets.ts";
import { MAX_TRUSTEES, type Session } from "./session.ts";

/** What a shape accepts, as it stands: base64url stays text. */
const asText =
  (shape: Shape<unknown>): Shape<string> =>
  (value, what) => {
    shape(value, what);
    return value as string;
  };
const scalar: Shape<unknown> = (value, what) => decodeScalar(bytes(32)(value, what), what);
const point: Shape<unknown> = (value, what) => decodePoint(bytes(33)(value, what), what);
const message: Shape<Data> = (value, what) => {
  messageShape(value, what);
  return value as Data;
};

const confirmedShape = object({ transcript: asText(bytes(32)), secret_share: asText(scalar), joint_key: asText(point) });
const currentShape = object({
  session: asText(bytes(32)),
  attempt: natural(1),
  i: natural(1, MAX_TRUSTEES),
  coefficients: array(asText(scalar)),
  message,
  confirmed: nullable(confirmedShape),
  complained: nullable(natural(1, MAX_TRUSTEES)),
  done: flag,
});
const fileShape = object({
  v: literal("es1"),
  election: id,
  seed: asText(bytes(32)),
  current: nullable(currentShape),
  log: nullable(object({ size: natural(), root: asText(bytes(32)) })),
  decrypted: array(object({ context: asText(bytes(32)), sums: asText(bytes(32)) })),
});

/** The content of a trustee's file; a value: every act gives the next one, to be stored before anything is published. */
export type TrusteeFile = Shaped<typeof fileShape>;
export type Current = Shaped<typeof currentShape>;

const seedOf = (file: TrusteeFile): Bytes => unb64(file.seed, 32, "file: seed");
export const signerOf = (file: TrusteeFile): Bytes => identitySecret(seedOf(file), file.election);
export const identityOf = (file: TrusteeFile): Bytes => publicKey(signerOf(file));
export const hpkeSecretOf = (file: TrusteeFile, session: Session): Bytes => hpkeSecret(seedOf(file), session.id);
export const coefficientsOf = ({ coefficients }: Current): bigint[] =>
  coefficients.map((text) => decodeScalar(unb64(text, 32, "file: coefficient"), "file: coefficient"));

/** A file with a fresh seed for one election; draws 32 bytes, again where they give no key. */
export function newTrusteeFile(election: string, random: Random): TrusteeFile {
  id(election, "election");
  for (;;) {
    const seed = random(32);
    try {
      identitySecret(seed, election);
    } catch {
      continue;
    }
    return { v: "es1", election, seed: b64(seed), current: null, log: null, decrypted: [] };
  }
}

/**
 * Draws the polynomial of a session and makes its message; the same session again changes nothing. DataError where the
 * trustee does not take part, where a session is done (one election has one key), or the attempt is not later than the last.
 */
export function startSession(file: TrusteeFile, session: Session, random: Random): TrusteeFile {
  const held = file.current;
  const i = session.numberOf(identityOf(file));
  if (held?.session === b64(session.id)) return file;
  check(!held || (!held.done && session.attempt > held.attempt), `attempt ${session.attempt}: the file holds attempt ${held?.attempt}`, "wrong-session");
  const coefficients = drawPolynomial(session.k, random);
  const current: Current = {
    session: b64(session.id),
    attempt: session.attempt,
    i,
    coefficients: coefficients.map((coefficient) => b64(encodeScalar(coefficient))),
    message: makeMessage(session, i, hpkeSecretOf(file, session), coefficients, random),
    confirmed: null,
    complained: null,
    done: false,
  };
  return { ...file, current };
}

/** What the file holds for this session; DataError where it holds none or those of another. */
export function currentOf(file: TrusteeFile, session: Session): Current {
  check(file.current?.session === b64(session.id), "file: of another session", "wrong-session");
  return file.current;
}

/** Refuses a joint key other than the one that this trustee confirmed (A24). */
export function verifyRemembered(file: TrusteeFile, joint: JointKey): void {
  const { current } = file;
  check(current?.confirmed, "file: no session was confirmed with it", "not-confirmed");
  const same = current.session === b64(joint.session.id) && current.confirmed.joint_key === b64(encodePoint(joint.point));
  check(same, "joint key: not the one that this file confirmed", "another-key");
}

/** x_l, where the file confirmed exactly this joint key. */
export function secretShareOf(file: TrusteeFile, joint: JointKey): bigint {
  verifyRemembered(file, joint);
  return decodeScalar(unb64(file.current!.confirmed!.secret_share, 32, "file: share"), "file: share");
}

/** Stores the head of a verified log; DataError for a shorter log or another of the same size. */
export function rememberLog(file: TrusteeFile, size: number, root: Bytes): TrusteeFile {
  const { log } = file;
  check(!log || size >= log.size, "log: shorter than the one seen before", "older-log");
  check(!log || size > log.size || equal(root, unb64(log.root, 32, "file: root")), "log: another history", "another-history");
  return { ...file, log: { size, root: b64(root) } };
}

/** Stores that a share is made for these sums; the same again changes nothing, other sums are refused (A27). */
export function recordDecryption(file: TrusteeFile, context: Bytes, sumsHash: Bytes): TrusteeFile {
  const made = { context: b64(context), sums: b64(sumsHash) };
  const earlier = file.decrypted.find((item) => item.context === made.context);
  check(!earlier || earlier.sums === made.sums, `contest ${made.context}: other sums were decrypted before`, "second-sums");
  return earlier ? file : { ...file, decrypted: [...file.decrypted, made] };
}

export const sameFile = (one: TrusteeFile, other: TrusteeFile): boolean => equal(contentOf(one), contentOf(other));
export const contentOf = (file: TrusteeFile): Bytes => encode(file as unknown as Json);

/** The bytes to store. Election and identity key can be read without the passphrase. Draws a nonce (12). */
export const sealTrusteeFile = (file: TrusteeFile, lock: Lock, random: Random): Promise<Bytes> =>
  sealUnder(lock, "trustee", { election: file.election, identity: b64(identityOf(file)) }, contentOf(file), random);

/** DataError ("wrong-passphrase", "not-a-key-file") for anything but what `sealTrusteeFile` made under this lock. */
export async function openTrusteeFile(raw: Bytes, lock: Lock): Promise<TrusteeFile> {
  const content = await openUnder(lock, raw, "trustee");
  try {
    return fileShape(decode(content), "file");
  } catch {
    throw new DataError("file: its content is damaged", "not-a-key-file");
  }
}
