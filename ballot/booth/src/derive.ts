// Keys from a seed: HKDF-SHA-256 with empty salt (protocol §1, RFC 5869), and the hashes that WebCrypto computes for us.
// Seeds and keys stay in memory until the garbage collector takes them: JavaScript cannot promise to erase anything.

import { type Bytes, concat, fromNumber, toNumber, utf8 } from "./bytes.ts";
import { ORDER } from "./curve.ts";
import { check } from "./errors.ts";
import { publicKey } from "./schnorr.ts";
import { sha256 } from "./sha256.ts";

/** `KDF(secret, info, n)`. */
export async function kdf(secret: Bytes, info: Bytes, size: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 8 * size));
}

const hash =
  (name: string) =>
  async (raw: Bytes): Promise<Bytes> =>
    new Uint8Array(await crypto.subtle.digest(name, raw));
export const sha384 = hash("SHA-384");
export const sha512 = hash("SHA-512");

export interface KeyPair {
  readonly secret: Bytes;
  /** x-only, 32 bytes */
  readonly key: Bytes;
}

const pair = (secret: Bytes): KeyPair => ({ secret, key: publicKey(secret) });

/** A voter's credential of one election (protocol §4). */
export async function credential(seed: Bytes, election: string): Promise<KeyPair> {
  const secret = await kdf(seed, utf8(`es1/credential/${election}`), 32);
  const value = toNumber(secret);
  check(value && value < ORDER, "seed");
  return pair(secret);
}

/** A fresh key pair, never derived: used for the token key. */
export function freshKey(random: (size: number) => Bytes): KeyPair {
  for (;;) {
    const value = toNumber(random(32));
    if (value > 0n && value < ORDER) return pair(fromNumber(value, 32));
  }
}

/** `s = SHA-256(32 random bytes ‖ KDF(seed, "es1/hedge/" ‖ context, 32))` (protocol §6): a broken generator alone is not enough. */
export async function hedged(seed: Bytes, context: Bytes, fresh: Bytes): Promise<Bytes> {
  return sha256(concat(fresh, await kdf(seed, concat(utf8("es1/hedge/"), context), 32)));
}
