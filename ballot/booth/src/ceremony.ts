// The joint key (protocol §3), recomputed from what the trustees logged: never taken from a message. One session whose
// trustees all published hashes, then messages with a proof for every coefficient, then shares, and all signed the
// transcript of exactly this.

import { approvedShape } from "./committee.ts";
import { areDistinct, type Bytes, equal, hex, u64 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { decodePoint, decodeScalar, difference, GENERATOR, IDENTITY, type Point } from "./curve.ts";
import { noPause, type Pause } from "./encryption.ts";
import { check, DataError } from "./errors.ts";
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

const WHAT = "trustees";

/** Refuses the ceremony unless `holds`. */
function fits(holds: unknown): asserts holds {
  check(holds, WHAT, "joint-key");
}

/** Y of the session that all its trustees confirmed; DataError where there is none or something does not fit. */
export async function confirmedJointKey(view: LogView, pause: Pause = noPause): Promise<Point> {
  const confirmed = entriesOf(view, "trustee.confirmed", confirmedShape);
  const last = confirmed[confirmed.length - 1]?.data.session;
  fits(last);
  const session = openedSession(view, last);
  let done = 0;
  const step: Step = () => pause(++done, 5 * session.identities.length);
  // 1. all n hashes, then all n messages, each as it was hashed
  const hashed = await steps(view, session, "trustee.hashed", hashedShape, (data) => data, step);
  const committed = await steps(view, session, "trustee.committed", committedShape, (data) => data.message, step);
  fits(hashed.every(({ seq }) => committed.every((other) => seq < other.seq)));
  let joint = IDENTITY;
  for (const [index, { data, json }] of committed.entries()) {
    fits(equal(H("es1/trustee-message", encode(json["message"] as Json)), hashed[index]!.data.hash));
    joint = joint.add(verifyMessage(session, data.message));
    await step();
  }
  // 2. shares are sealed; their signatures and the transcript bind them
  const shared = await steps(view, session, "trustee.shared", sharedShape, (data) => data, step);
  const all = [...hashed, ...committed, ...shared].map((entry) => encode(entry.json as Json));
  const transcript = H("es1/transcript", session.id, ...all);
  // 3. all n signatures over the transcript, or no key
  const signed = await steps(view, session, "trustee.confirmed", confirmedShape, (data) => data, step);
  fits(signed.every(({ data }) => equal(data.transcript, transcript)));
  fits(!joint.is0());
  return joint;
}

/** The `trustee.opened` entry whose session hash is this one. */
function openedSession(view: LogView, wanted: Bytes): Session {
  for (const { data } of entriesOf(view, "trustee.opened", openedShape)) {
    const { attempt, k, trustees } = data;
    const n = trustees.length;
    const sessionId = H("es1/session", view.logId, u64(attempt), u64(k), u64(n), ...trustees);
    if (!equal(sessionId, wanted)) continue;
    fits(k <= n && 2 * k > n);
    fits(areDistinct(trustees.map(hex)));
    return { id: sessionId, k, identities: trustees };
  }
  throw new DataError(WHAT, "joint-key");
}

/** One entry of this kind from each trustee of the session, in order of i, signed by its identity key. */
async function steps<T extends { signature: Bytes }>(
  view: LogView,
  session: Session,
  kind: string,
  shape: Shape<T>,
  sender: (data: T) => { session: Bytes; i: number },
  step: Step,
): Promise<{ seq: number; data: T; json: Entry["data"] }[]> {
  const own = entriesOf(view, kind, shape)
    .filter(({ data }) => equal(sender(data).session, session.id))
    .sort((a, b) => sender(a.data).i - sender(b.data).i);
  fits(own.length === session.identities.length && own.every(({ data }, index) => sender(data).i === index + 1));
  for (const [index, { data, json }] of own.entries()) {
    const message = H(`es1/${kind.replace(".", "-")}` as Tag, session.id, u64(index + 1), without(json, "signature"));
    verify(session.identities[index]!, message, data.signature, kind);
    await step();
  }
  return own;
}

/** Exactly k commitments, each with its proof of possession (A20, A22); gives C_i0. */
function verifyMessage(session: Session, message: Message): Point {
  const { i, commitments } = message;
  fits(commitments.length === session.k);
  const points = commitments.map(({ point, r, z }, j) => {
    const [C, R, response] = [decodePoint(point, WHAT), decodePoint(r, WHAT), decodeScalar(z, WHAT)];
    const c = Hq("es1/trustee-pok", session.id, u64(i), u64(j), session.identities[i - 1]!, point, r);
    // z·G = R + c·C
    fits(c && response && difference(response, GENERATOR, c, C).equals(R));
    return C;
  });
  return points[0]!;
}
