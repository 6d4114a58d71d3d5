// RFC 9162 inclusion proofs: in the log (leaf = entry bytes) and in an electorate (leaf = one 32-byte key).

import { type Bytes, concat, equal } from "./bytes.ts";
import { check } from "./errors.ts";
import { digest } from "./transcript.ts";

export const leafHash = (data: Uint8Array): Bytes => digest(concat(Uint8Array.of(0), data));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Bytes => digest(concat(Uint8Array.of(1), left, right));

/** Throws DataError ("proof-invalid") unless the leaf is number `index` of the tree (RFC 9162 §2.1.3.2). */
export function verifyInclusion(leaf: Bytes, index: number, size: number, proof: readonly Bytes[], root: Bytes, what: string): void {
  const refuseUnless = (holds: boolean): void => check(holds, what, "proof-invalid");
  refuseUnless(leaf.length === 32 && root.length === 32 && index < size);
  // numbers reach 2^53, beyond what 32-bit shifts can do
  let [fn, sn] = [BigInt(index), BigInt(size - 1)];
  let hash = leaf;
  for (const sibling of proof) {
    refuseUnless(sn > 0n); // not too long
    if (fn & 1n || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (!(fn & 1n) && fn) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  refuseUnless(!sn && equal(hash, root));
}
