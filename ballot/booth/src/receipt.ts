// Receipts and refusals (protocol §7): what the service signs about a cast. The booth computes the tracker from its own
// bytes *before* it sends them, and believes no other (A47).

import { type Bytes, equal, utf8 } from "./bytes.ts";
import { encode } from "./canonical.ts";
import { check } from "./errors.ts";
import { verify } from "./schnorr.ts";
import { answer, bytes, type Shaped } from "./schema.ts";
import { digest, H } from "./transcript.ts";

/** The answer to a cast. */
export const receiptAnswer = answer({ tracker: bytes(32), signature: bytes(64) });

/** Throws DataError ("receipt-invalid") unless this is the service's receipt for the ballot with our own tracker. */
export function verifyReceipt(
  receiptKey: Bytes,
  logId: Bytes,
  context: Bytes,
  ownTracker: Bytes,
  answer: Shaped<typeof receiptAnswer>,
): void {
  check(equal(answer.tracker, ownTracker), "receipt", "receipt-invalid");
  verify(receiptKey, H("es1/receipt", logId, context, ownTracker), answer.signature, "receipt", "receipt-invalid");
}

/** The receipt file, canonical. */
export const receiptFile = (logId: Bytes, context: Bytes, tracker: Bytes, signature: Bytes): Bytes =>
  encode({ v: "es1", log: logId, context, tracker, signature });

/** Throws unless the service signed this refusal of these request bytes; `context` null: 32 zero bytes. */
export function verifyRefusal(
  receiptKey: Bytes,
  logId: Bytes,
  context: Bytes | null,
  request: Bytes,
  code: string,
  signature: Bytes,
): void {
  const message = H("es1/refusal", logId, context ?? new Uint8Array(32), digest(request), utf8(code));
  verify(receiptKey, message, signature, "refusal");
}
