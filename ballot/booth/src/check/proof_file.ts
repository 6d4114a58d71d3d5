// Proofs as files: c2sp.org/tlog-proof@v1 (protocol §7). `extra` holds what leads from the log id to the ballot: the texts
// of entry 0 and of the ballot's entry, and the receipt if there is one.

import { base64, unbase64 } from "../base64url.ts";
import { type Bytes, concat, fromUtf8, utf8 } from "../bytes.ts";
import { decode, encode } from "../canonical.ts";
import { DataError } from "../errors.ts";
import { bytes, literal, nullable, object, type Shaped, text } from "../schema.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
const HASH = 32; // bytes

export const receiptShape = object({
  v: literal("es1"),
  log: bytes(32),
  context: bytes(32),
  tracker: bytes(32),
  signature: bytes(64),
});
export type Receipt = Shaped<typeof receiptShape>;

const extraShape = object({ v: literal("es1"), opened: text, entry: text, receipt: nullable(receiptShape) });

/** Nothing of it is checked yet. */
export interface ProofFile {
  readonly index: number;
  readonly hashes: readonly Bytes[];
  readonly checkpoint: string;
  /** the texts of entry 0 and of the ballot's entry */
  readonly opened: string;
  readonly entry: string;
  readonly receipt: Receipt | null;
}

export function encodeProof({ index, hashes, checkpoint, opened, entry, receipt }: ProofFile): Bytes {
  const extra = encode({ v: "es1", opened, entry, receipt: receipt });
  const lines = [HEADER, `extra ${base64(extra)}`, `index ${index}`, ...hashes.map((hash) => base64(hash))];
  return concat(utf8(`${lines.join("\n")}\n\n`), utf8(checkpoint));
}

export const isProof = (raw: Bytes): boolean => fromUtf8(raw.slice(0, HEADER.length)) === HEADER;

/** DataError for any other form. */
export function parseProof(raw: Bytes): ProofFile {
  const whole = fromUtf8(raw);
  const cut = whole.indexOf("\n\n");
  const [header, extra, place, ...hashes] = whole.slice(0, Math.max(cut, 0)).split("\n");
  const index = /^index (0|[1-9][0-9]{0,14})$/.exec(place ?? "");
  if (header !== HEADER || !extra?.startsWith("extra ") || !index) throw new DataError("proof: not in the form of a ballot's proof");
  const found = extraShape(decode(unbase64(extra.slice("extra ".length), "proof: extra")), "proof: extra");
  const path = hashes.map((line) => unbase64(line, "proof: hash"));
  if (path.length > 64 || path.some((hash) => hash.length !== HASH)) throw new DataError("proof: a hash is not 32 bytes");
  return { index: Number(index[1]), hashes: path, checkpoint: whole.slice(cut + 2), ...found };
}
