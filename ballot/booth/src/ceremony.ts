// The joint key (protocol §3), recomputed from what the trustees logged: never taken from a message. One session whose
// trustees all published hashes, then messages with a proof for every coefficient, then shares, and all signed the
// transcript of exactly this.

import { approvedShape } from "./committee.ts";
import { type Bytes, equal, u64 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { decodePoint, decodeScalar, difference, GENERATOR, IDENTITY, type Point } from "./curve.ts";
import { noPause, type Pause } from "./encryption.ts";
import { DataError } from "./errors.ts";
import { entriesOf, type Entry, type LogView, without } from "./log.ts";
import { verify } from "./schnorr.ts";
import { array, bytes, literal, natural, object, type Shape, type Shaped } from "./schema.ts";
import { H, Hq, type Tag } from "./transcript.ts";

const MAX_TRUSTEES = 9;
const number = natural(1, MAX_TRUSTEES);

const openedShape = object({
  ...approvedShape,
  attempt: natural(1),
  k: natural(2, MAX_TRUSTEES),
  trustees: array(bytes(32), 2, MAX_TRUSTEES),
});

const messageShape = object({
  v: literal("es1"),
  session: bytes(32),
  i: number,
  hpke: bytes(32),
  commitments: array(object({ point: bytes(33), r: bytes(33), z: bytes(32) })),
});

const step = { session: bytes(32), i: number, signature: bytes(64) };
const hashedShape = object({ ...step, hash: bytes(32) });
const committedShape = object({ message: messageShape, signature: bytes(64) });
const sharedShape = object({ ...step, shares: array(object({ to: number, sealed: bytes(80) })) });
const confirmedShape = object({ ...step, transcript: bytes(32) });

type Message = Shaped<typeof messageShape>;

interface Session {
  readonly id: Bytes;
  readonly k: number;
  readonly identities: readonly Bytes[];
}

/** Called after every check, a few milliseconds of work. */
type Step = () => Promise<void>;

const fault = (reason: string): DataError => new DataError(`trustees: ${reason}`, "joint-key");

/** Y of the session that all its trustees confirmed; DataError where there is none or something does not fit. */
export async function confirmedJointKey(view: LogView, pause: Pause = noPause): Promise<Point> {
  const confirmed = entriesOf(view, "trustee.confirmed", confirmedShape);
  const last = confirmed[confirmed.length - 1]?.data.session;
  if (!last) throw fault("no session was confirmed");
  const session = openedSession(view, last);
  let done = 0;
  const step: Step = () => pause(++done, 5 * session.identities.length);
  // 1. all n hashes, then all n messages, each as it was hashed
  const hashed = await steps(view, session, "trustee.hashed", "es1/trustee-hashed", hashedShape, (data) => data, step);
  const committed = await steps(view, session, "trustee.committed", "es1/trustee-committed", committedShape, (data) => data.message, step);
  if (Math.max(...hashed.map((entry) => entry.seq)) > Math.min(...committed.map((entry) => entry.seq))) {
    throw fault("a message was published before all hashes were");
  }
  let joint = IDENTITY;
  for (const [index, { data, json }] of committed.entries()) {
    if (!equal(H("es1/trustee-message", encode(json["message"] as Json)), hashed[index]!.data.hash)) {
      throw fault(`the message of trustee ${index + 1} is not the one hashed before`);
    }
    joint = joint.add(verifyMessage(session, data.message));
    await step();
  }
  // 2. shares are sealed; their signatures and the transcript bind them
  const shared = await steps(view, session, "trustee.shared", "es1/trustee-shared", sharedShape, (data) => data, step);
  const all = [...hashed, ...committed, ...shared].map((entry) => encode(entry.json as Json));
  const transcript = H("es1/transcript", session.id, ...all);
  // 3. all n signatures over the transcript, or no key
  const signed = await steps(view, session, "trustee.confirmed", "es1/trustee-confirmed", confirmedShape, (data) => data, step);
  for (const { data } of signed) {
    if (!equal(data.transcript, transcript)) throw fault(`trustee ${data.i} confirmed another transcript`);
  }
  if (joint.is0()) throw fault("the joint key is the identity");
  return joint;
}

/** The `trustee.opened` entry whose session hash is this one. */
function openedSession(view: LogView, wanted: Bytes): Session {
  for (const { data } of entriesOf(view, "trustee.opened", openedShape)) {
    const { attempt, k, trustees } = data;
    const n = trustees.length;
    const sessionId = H("es1/session", view.logId, u64(attempt), u64(k), u64(n), ...trustees);
    if (!equal(sessionId, wanted)) continue;
    if (k > n || 2 * k <= n) throw fault(`a threshold of ${k} of ${n} is not allowed`);
    if (trustees.some((key, i) => trustees.findIndex((other) => equal(other, key)) !== i)) throw fault("one identity key twice");
    return { id: sessionId, k, identities: trustees };
  }
  throw fault("the confirmed session was never opened");
}

/** One entry of this kind from each trustee of the session, in order of i, signed by its identity key. */
async function steps<T extends { signature: Bytes }>(
  view: LogView,
  session: Session,
  kind: string,
  tag: Tag,
  shape: Shape<T>,
  sender: (data: T) => { session: Bytes; i: number },
  step: Step,
): Promise<{ seq: number; data: T; json: Entry["data"] }[]> {
  const own = entriesOf(view, kind, shape)
    .filter(({ data }) => equal(sender(data).session, session.id))
    .sort((a, b) => sender(a.data).i - sender(b.data).i);
  if (own.length !== session.identities.length || own.some(({ data }, index) => sender(data).i !== index + 1)) {
    throw fault(`expected one ${kind} entry from each of ${session.identities.length} trustees`);
  }
  for (const [index, { data, json }] of own.entries()) {
    const message = H(tag, session.id, u64(index + 1), without(json, "signature"));
    verify(session.identities[index]!, message, data.signature, `${kind} of trustee ${index + 1}`);
    await step();
  }
  return own;
}

/** Exactly k commitments, each with its proof of possession (A20, A22); gives C_i0. */
function verifyMessage(session: Session, message: Message): Point {
  const { i, commitments } = message;
  if (commitments.length !== session.k) throw fault(`trustee ${i}: expected ${session.k} commitments`);
  const points = commitments.map(({ point, r, z }, j) => {
    const [C, R, response] = [decodePoint(point, "point"), decodePoint(r, "r"), decodeScalar(z, "z")];
    const c = Hq("es1/trustee-pok", session.id, u64(i), u64(j), session.identities[i - 1]!, point, r);
    // z·G = R + c·C
    if (c === 0n || response === 0n || !difference(response, GENERATOR, c, C).equals(R)) {
      throw fault(`trustee ${i}: the proof for coefficient ${j} does not verify`);
    }
    return C;
  });
  return points[0]!;
}
