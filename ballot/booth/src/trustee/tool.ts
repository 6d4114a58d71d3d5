// What a trustee does next, given its file and the ceremony so far (protocol §3; keys/trustee/tool.py). Each act gives the
// next file, to be stored first, and the message: a repeated act never contradicts what was published.

import { b64 } from "../base64url.ts";
import { type Bytes, equal, type Random, u64 } from "../bytes.ts";
import { encodePoint, encodeScalar, GENERATOR, modq, multiply } from "../curve.ts";
import { check, DataError } from "../errors.ts";
import { natural, object, type Shaped } from "../schema.ts";
import { Hq } from "../transcript.ts";
import type { Ceremony, JointKey } from "./ceremony.ts";
import { type Challenge, decryptionMembers, makeDecryption, verifyDecryption } from "./equality.ts";
import { coefficientsOf, type Current, currentOf, hpkeSecretOf, identityOf, secretShareOf, signerOf, startSession, type TrusteeFile, verifyRemembered } from "./file.ts";
import { makeCommitted, makeComplained, makeConfirmed, makeHashed, makeShared, openShare } from "./making.ts";
import { type Data, messageHash, type Step } from "./messages.ts";
import { MAX_TRUSTEES } from "./session.ts";
import { valueAt } from "./polynomial.ts";

/** The file to store and the message that is due; null where others are due, or nothing is left. */
export interface Advanced {
  readonly file: TrusteeFile;
  readonly step: Step | null;
}

/** `ceremony` is what the tool itself verified from the log. Starts the session in the file where it is new. */
export async function nextStep(given: TrusteeFile, ceremony: Ceremony, random: Random): Promise<Advanced> {
  const { session, stage } = ceremony;
  const i = session.numberOf(identityOf(given));
  if (stage === "void") return { file: given, step: null };
  const file = startSession(given, session, random);
  const current = currentOf(file, session);
  verifyOwn(current, ceremony);
  if (stage === "done") {
    verifyRemembered(file, ceremony.jointKey);
    return { file: { ...file, current: { ...current, done: true } }, step: null };
  }
  if (ceremony[stage].has(i)) return { file, step: null };
  const signer = signerOf(file);
  switch (stage) {
    case "hashed":
      return { file, step: makeHashed(session, current.message, signer, random) };
    case "committed":
      return { file, step: makeCommitted(session, current.message, signer, random) };
    case "shared": {
      const messages = ceremony.known.map(({ read }) => read.message);
      return { file, step: await makeShared(session, i, coefficientsOf(current), messages, signer, random) };
    }
    case "confirmed":
      return confirmOrComplain(file, current, ceremony, random);
  }
}

/** Refuses a ceremony in which this trustee appears with a message that is not its own: a lost or copied file. */
function verifyOwn({ i, message }: Current, ceremony: Ceremony): void {
  const logged = ceremony.hashed.get(i);
  check(!logged || equal(logged.read.hash, messageHash(message)), `trustee ${i}: the log holds a message that this file did not make`, "not-my-message");
}

/**
 * Opens every share and checks it; confirms, or complains against the first dealer whose share is bad. Never both in one
 * session, and never for two transcripts: a service that shows different messages to one trustee gets neither a second
 * signature nor, after a confirmation, the HPKE secret.
 */
async function confirmOrComplain(file: TrusteeFile, current: Current, ceremony: Ceremony, random: Random): Promise<Advanced> {
  const { session } = ceremony;
  const { i } = current;
  const signer = signerOf(file);
  const { total, bad } = await collectShares(file, current, ceremony);
  if (bad) check(!current.confirmed, `${bad.message}, although this file confirmed this session`, "wrong-session");
  const against = current.complained ?? bad?.dealer ?? null;
  if (against !== null) {
    const next = { ...file, current: { ...current, complained: against } };
    return { file: next, step: makeComplained(session, i, against, hpkeSecretOf(file, session), signer, random) };
  }
  const joint = ceremony.computeKey();
  const confirmed = { transcript: b64(ceremony.transcript), secret_share: b64(encodeScalar(total)), joint_key: b64(encodePoint(joint.point)) };
  const before = current.confirmed;
  const same = !before || (before.transcript === confirmed.transcript && before.secret_share === confirmed.secret_share && before.joint_key === confirmed.joint_key);
  check(same, `trustee ${i}: this file confirmed another transcript of this session`, "wrong-session");
  const next = { ...file, current: { ...current, confirmed } };
  return { file: next, step: makeConfirmed(session, i, ceremony.transcript, signer, random) };
}

/** x_l, the sum of the shares of all dealers, each checked; or the first dealer whose share is bad. */
async function collectShares(file: TrusteeFile, current: Current, ceremony: Ceremony): Promise<{ total: bigint; bad: { dealer: number; message: string } | null }> {
  let total = valueAt(coefficientsOf(current), current.i);
  for (const { read, points } of ceremony.known) {
    const dealer = read.message.i;
    if (dealer === current.i) continue;
    try {
      total = modq(total + (await openShare(ceremony.session, ceremony.shared.get(dealer)!.read, points, current.i, hpkeSecretOf(file, ceremony.session))));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { total, bad: { dealer, message: error.message } };
    }
  }
  return { total, bad: null };
}

// ---- 4. canary -------------------------------------------------------------------------------------------------------

/** The data of `trustee.canary`. */
export const canaryShape = object({ poll: natural(1), i: natural(1, MAX_TRUSTEES), ...decryptionMembers });

const canaryBase = (logId: Bytes, joint: JointKey, poll: number): bigint => Hq("es1/canary", logId, joint.session.id, u64(poll));

function canaryChallenge(logId: Bytes, joint: JointKey, poll: number, l: number, base: Bytes): Challenge {
  const key = encodePoint(joint.shares[l - 1]!);
  return (d, a, b) => Hq("es1/canary-proof", logId, joint.session.id, u64(poll), u64(l), key, base, d, a, b);
}

/** The data of `trustee.canary`: this file still works. The base is computed here, so nothing that is sent is decrypted (A27). */
export function makeCanary(file: TrusteeFile, logId: Bytes, joint: JointKey, poll: number, random: Random): Data {
  const secret = secretShareOf(file, joint);
  const l = file.current!.i;
  check(multiply(GENERATOR, secret).equals(joint.shares[l - 1]!), `trustee ${l}: the stored share does not belong to this joint key`, "another-key");
  const base = multiply(GENERATOR, canaryBase(logId, joint, poll));
  return { poll, i: l, ...makeDecryption(secret, base, canaryChallenge(logId, joint, poll, l, encodePoint(base)), random) };
}

/** D = ρ·Y_l and the proof; DataError names the trustee. */
export function verifyCanary(logId: Bytes, joint: JointKey, { poll, i, ...proof }: Shaped<typeof canaryShape>): void {
  const what = `trustee ${i}: canary`;
  const key = joint.shares[i - 1];
  check(key, what);
  const exponent = canaryBase(logId, joint, poll);
  const base = multiply(GENERATOR, exponent);
  const D = verifyDecryption(key, base, proof, canaryChallenge(logId, joint, poll, i, encodePoint(base)), what);
  check(D.equals(multiply(key, exponent)), what, "proof-invalid");
}
