// Wire data of the ceremony and the signature on each step (protocol §3, §9). A message is kept as the JSON that it is,
// since that is what is signed and hashed; `read` gives its decoded members.

import { b64 } from "../base64url.ts";
import { type Bytes, equal, type Random, u64 } from "../bytes.ts";
import { encode, type Json } from "../canonical.ts";
import { check } from "../errors.ts";
import { without } from "../log.ts";
import { array, bytes, literal, natural, object, type Shape, type Shaped } from "../schema.ts";
import { sign, verify } from "../schnorr.ts";
import { H, type Tag } from "../transcript.ts";
import { MAX_TRUSTEES, type Session } from "./session.ts";

const number = natural(1, MAX_TRUSTEES);
const step = { session: bytes(32), i: number, signature: bytes(64) };

export const messageShape = object({
  v: literal("es1"),
  session: bytes(32),
  i: number,
  hpke: bytes(32),
  commitments: array(object({ point: bytes(33), r: bytes(33), z: bytes(32) })),
});
export const hashedShape = object({ ...step, hash: bytes(32) });
export const committedShape = object({ message: messageShape, signature: bytes(64) });
export const sharedShape = object({ ...step, shares: array(object({ to: number, sealed: bytes(80) })) });
export const confirmedShape = object({ ...step, transcript: bytes(32) });
export const complainedShape = object({ ...step, against: number, secret: bytes(32) });

export type Message = Shaped<typeof messageShape>;
export type Hashed = Shaped<typeof hashedShape>;
export type Committed = Shaped<typeof committedShape>;
export type Shared = Shaped<typeof sharedShape>;
export type Confirmed = Shaped<typeof confirmedShape>;
export type Complained = Shaped<typeof complainedShape>;

export type Data = { readonly [name: string]: Json };
export type StepKind = "trustee.hashed" | "trustee.committed" | "trustee.shared" | "trustee.confirmed" | "trustee.complained";

/** One message of the ceremony as it is logged and as POST /trustee-messages takes it. */
export interface Step {
  readonly kind: StepKind;
  readonly data: Data;
}

/** A message with its members decoded. */
export interface Read<T> {
  readonly data: Data;
  readonly read: T;
}

export const readStep = <T>(shape: Shape<T>, { kind, data }: Step): Read<T> => ({ data, read: shape(data as Json, kind) });

function signedDigest(session: Session, kind: StepKind, i: number, data: Data): Bytes {
  return H(`es1/${kind.replace(".", "-")}` as Tag, session.id, u64(i), without(data, "signature"));
}

/** The step, signed with the identity key over H(tag, session, i, JCS(data without signature)); draws 32 bytes. */
export function signStep(session: Session, kind: StepKind, i: number, data: Data, identitySecret: Bytes, random: Random): Step {
  const signature = sign(identitySecret, signedDigest(session, kind, i, data), random(32));
  return { kind, data: { ...data, signature: b64(signature) } };
}

/** Refuses a step of another session, of an unknown trustee, or not signed by that trustee's identity key. */
export function verifyStep(session: Session, kind: StepKind, data: Data, { session: claimed, i }: { session: Bytes; i: number }, signature: Bytes): void {
  const what = `trustee ${i}: ${kind}`;
  check(equal(claimed, session.id), `${what}: of another session`, "ceremony");
  verify(session.identity(i), signedDigest(session, kind, i, data), signature, what);
}

/** H("es1/trustee-message", message): published before the message. */
export const messageHash = (message: Json): Bytes => H("es1/trustee-message", encode(message));
