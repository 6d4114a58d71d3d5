// The ceremony message by message, up to the joint key (protocol §3), as keys/trustee/ceremony.py follows it:
//
//     hashed × n  →  committed × n  →  shared × n  →  confirmed × n  →  the joint key
//                                                  └→  one complaint: void, the next attempt begins

import type { Bytes } from "../bytes.ts";
import { equal } from "../bytes.ts";
import { encode, type Json } from "../canonical.ts";
import { IDENTITY, type Point } from "../curve.ts";
import { check, DataError } from "../errors.ts";
import type { Shape } from "../schema.ts";
import { H } from "../transcript.ts";
import * as hpke from "./hpke.ts";
import { openShare, verifyMessage, verifyRecipients } from "./making.ts";
import {
  type Committed,
  committedShape,
  type Complained,
  complainedShape,
  type Confirmed,
  confirmedShape,
  type Hashed,
  hashedShape,
  messageHash,
  type Read,
  readStep,
  type Shared,
  sharedShape,
  type Step,
  verifyStep,
} from "./messages.ts";
import { committedAt } from "./polynomial.ts";
import type { Session } from "./session.ts";

/** What the ceremony waits for. */
export type Stage = "hashed" | "committed" | "shared" | "confirmed" | "done" | "void";

/** What a confirmed session made: Y, and Y_1 … Y_n recomputed from the commitments, never read (A25). */
export interface JointKey {
  readonly session: Session;
  readonly point: Point;
  readonly shares: readonly Point[];
}

/** A message with the sender's commitments decoded. */
interface Known extends Read<Committed> {
  readonly points: readonly Point[];
}

/** One session and the messages accepted so far, by trustee number. Owner: whoever reads the log. */
export class Ceremony {
  readonly hashed = new Map<number, Read<Hashed>>();
  readonly committed = new Map<number, Known>();
  readonly shared = new Map<number, Read<Shared>>();
  readonly confirmed = new Map<number, Read<Confirmed>>();
  complained: Complained | null = null;

  constructor(readonly session: Session) {}

  get stage(): Stage {
    if (this.complained) return "void";
    for (const stage of ["hashed", "committed", "shared", "confirmed"] as const) if (this[stage].size < this.session.n) return stage;
    return "done";
  }

  /** Checks one message and takes it; DataError names the trustee. */
  add(step: Step): void {
    const due = step.kind === "trustee.complained" ? "confirmed" : step.kind.slice("trustee.".length);
    check(this.stage === due, `${step.kind}: the ceremony waits for ${this.stage}`, "ceremony");
    switch (step.kind) {
      case "trustee.hashed":
        return this.take(this.hashed, this.verified(hashedShape, step));
      case "trustee.committed":
        return this.addCommitted(step);
      case "trustee.shared": {
        const found = this.verified(sharedShape, step);
        verifyRecipients(this.session, found.read);
        return this.take(this.shared, found);
      }
      case "trustee.confirmed": {
        const found = this.verified(confirmedShape, step);
        check(equal(found.read.transcript, this.transcript), `trustee ${found.read.i}: wrong transcript`, "ceremony");
        this.computeKey(); // refuses the identity
        return this.take(this.confirmed, found);
      }
      case "trustee.complained":
        return this.voidBy(step);
    }
  }

  private verified<T extends { session: Bytes; i: number; signature: Bytes }>(shape: Shape<T>, step: Step): Read<T> {
    const found = readStep(shape, step);
    verifyStep(this.session, step.kind, found.data, found.read, found.read.signature);
    return found;
  }

  private addCommitted(step: Step): void {
    const found = readStep(committedShape, step);
    const { message, signature } = found.read;
    verifyStep(this.session, step.kind, found.data, message, signature);
    const hashed = this.hashed.get(message.i)!.read.hash;
    check(equal(hashed, messageHash(found.data["message"] as Json)), `trustee ${message.i}: the message differs from the one hashed`, "ceremony"); // A21
    const known = { ...found, points: verifyMessage(this.session, message) };
    check(!this.committed.has(message.i), `trustee ${message.i}: ${step.kind} twice`, "ceremony");
    this.committed.set(message.i, known);
  }

  private voidBy(step: Step): void {
    const { read } = this.verified(complainedShape, step);
    this.session.identity(read.against);
    check(read.against !== read.i, `trustee ${read.i}: complains against itself`, "ceremony");
    check(!this.confirmed.has(read.i), `trustee ${read.i}: complains after it confirmed`, "ceremony");
    this.complained = read;
  }

  private take<T extends { i: number }>(known: Map<number, Read<T>>, found: Read<T>): void {
    check(!known.has(found.read.i), `trustee ${found.read.i}: a second message for one step`, "ceremony");
    known.set(found.read.i, found);
  }

  /** The committed messages of trustees 1 … n, in order. */
  get known(): Known[] {
    return inOrder(this.committed);
  }

  /** H("es1/transcript", session, JCS of every data with its signature, each kind in order of i). */
  get transcript(): Bytes {
    check(this.shared.size === this.session.n, "transcript: shares are missing", "ceremony");
    const steps = [...inOrder(this.hashed), ...this.known, ...inOrder(this.shared)];
    return H("es1/transcript", this.session.id, ...steps.map(({ data }) => encode(data as Json)));
  }

  /** The joint key as the commitments give it, whether or not it is confirmed. */
  computeKey(): JointKey {
    const all = this.known.map(({ points }) => points);
    const sum = (points: readonly Point[]): Point => points.reduce((total, point) => total.add(point), IDENTITY);
    const point = sum(all.map(([first]) => first!));
    const shares = this.session.identities.map((_, index) => sum(all.map((points) => committedAt(points, index + 1))));
    check(![point, ...shares].some((candidate) => candidate.is0()), "joint key: the identity", "ceremony");
    return { session: this.session, point, shares };
  }

  /** The joint key; DataError unless all n trustees confirmed. */
  get jointKey(): JointKey {
    check(this.stage === "done", "joint key: not confirmed by all trustees", "no-joint-key");
    return this.computeKey();
  }

  /** Where the session is void by a complaint: the number of the trustee at fault, as anybody can see. */
  async guilty(): Promise<number | null> {
    if (!this.complained) return null;
    const { i, against, secret } = this.complained;
    if (!equal(hpke.publicKey(secret), this.committed.get(i)!.read.message.hpke)) return i;
    try {
      await openShare(this.session, this.shared.get(against)!.read, this.committed.get(against)!.points, i, secret);
      return i;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return against;
    }
  }
}

const inOrder = <T>(known: ReadonlyMap<number, T>): T[] => [...known].sort(([a], [b]) => a - b).map(([, value]) => value);
