// Ed25519 for C2SP notes, the one place where the protocol uses it (§1). Libraries disagree on edge cases (A14); where the
// key and R are canonical points of the prime-order subgroup and s is below its order, all of them agree, so everything
// else is refused first, exactly as audit/ed25519.py does.

import { edwards } from "@noble/curves/abstract/edwards.js";
import { type Bytes, concat, toNumber } from "./bytes.ts";
import { sha512 } from "./derive.ts";
import { DataError } from "./errors.ts";

const P = 2n ** 255n - 19n;
const L = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

const Ed25519 = edwards({
  p: P,
  n: L,
  h: 8n,
  a: P - 1n,
  d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
  Gx: 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
  Gy: 0x6666666666666666666666666666666666666666666666666666666666666658n,
});

const littleEndian = (raw: Uint8Array): bigint => toNumber(raw.slice().reverse());

/** Throws DataError ("signature-invalid"). */
export async function verifyEd25519(key: Bytes, message: Bytes, signature: Bytes, what: string): Promise<void> {
  if (!(await matches(key, message, signature))) {
    throw new DataError(`${what}: the signature does not verify`, "signature-invalid");
  }
}

async function matches(key: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  const r = signature.slice(0, 32);
  const s = littleEndian(signature.slice(32));
  if (key.length !== 32 || signature.length !== 64 || s >= L) return false;
  const k = littleEndian(await sha512(concat(r, key, message))) % L;
  try {
    const [a, commitment] = [Ed25519.fromBytes(key), Ed25519.fromBytes(r)]; // canonical encodings only
    if ([a, commitment].some((point) => point.is0() || !point.isTorsionFree())) return false;
    // s·B = R + k·A
    return Ed25519.BASE.multiplyUnsafe(s).equals(commitment.add(a.multiplyUnsafe(k)));
  } catch {
    return false;
  }
}
