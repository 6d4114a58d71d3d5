// What people hand in: a tracking code, short or in full, the address behind the receipt's QR code, a receipt, a proof.

import { shortCode, trackerOf } from "../ballot.ts";
import { b64, unb64 } from "../base64url.ts";
import { type Bytes, fromUtf8, utf8 } from "../bytes.ts";
import { decode, encode, type Json } from "../canonical.ts";
import { DataError } from "../errors.ts";
import { isProof, parseProof, type ProofFile, type Receipt, receiptShape } from "./proof_file.ts";

const SHORT = /^[0-9A-HJKMNP-TV-Z]{20}$/;
const FULL = /^[A-Za-z0-9_-]{43}$/;
const MAX_FILE = 1_500_000; // bytes

export interface Given {
  /** the code as people read it */
  readonly short: string;
  /** all 256 bits, where they were given */
  readonly tracker: Bytes | null;
  readonly receipt: Receipt | null;
  readonly proof: ProofFile | null;
}

/** DataError ("not-given") where it is no code. Small letters, spaces and the usual slips are taken. */
export function readCode(input: string): Given {
  const code = input.trim().replace(/^.*#(t=)?/, "");
  if (FULL.test(code)) return fromTracker(checked(() => unb64(code, 32, "tracker")));
  const letters = code.replace(/[\s\u2010-\u2015-]/g, "").replace(/[a-z]/g, (letter) => letter.toUpperCase()).replace(/O/g, "0").replace(/[IL]/g, "1");
  if (!SHORT.test(letters)) throw new DataError("no tracking code", "not-given");
  return { short: letters.match(/.{5}/g)!.join("-"), tracker: null, receipt: null, proof: null };
}

/** A receipt or a .tlog-proof file; DataError ("not-given") for any other. */
export function readFile(raw: Bytes): Given {
  return checked(() => {
    if (raw.length > MAX_FILE) throw new DataError("file: too large");
    if (isProof(raw)) {
      const proof = parseProof(raw);
      const entry = decode(utf8(proof.entry)) as { data: { body: Json } };
      return { ...fromTracker(trackerOf(encode(entry.data.body))), receipt: proof.receipt, proof };
    }
    const receipt = receiptShape(decode(utf8(fromUtf8(raw).trim())), "receipt");
    return { ...fromTracker(receipt.tracker), receipt };
  });
}

const fromTracker = (tracker: Bytes): Given => ({ short: shortCode(tracker), tracker, receipt: null, proof: null });

function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new DataError(String(error), "not-given");
  }
}

/** The file's name for a ballot's proof or evidence. */
export const fileName = (given: Given, ending: string): string => `ballot-${given.tracker ? b64(given.tracker).slice(0, 8) : given.short}${ending}`;
