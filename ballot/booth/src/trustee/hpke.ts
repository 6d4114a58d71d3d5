// Sealing to one X25519 key: HPKE base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one
// message, empty additional data; line by line as the RFC has it. `sealed` = enc (32 bytes) ‖ ciphertext ‖ tag (16).

import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, fromNumber, type Random, utf8 } from "../bytes.ts";
import { check, DataError } from "../errors.ts";

const KEY = 32; // bytes
const TAG = 16; // bytes
const NONCE = 12; // bytes
const number16 = (value: number): Bytes => fromNumber(BigInt(value), 2);
/** suite_id of the KEM and of the whole: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002 */
const KEM = concat(utf8("KEM"), number16(0x20));
const SUITE = concat(utf8("HPKE"), number16(0x20), number16(1), number16(2));
const EMPTY = new Uint8Array(0);

/** The X25519 public key of a secret of 32 bytes. */
export const publicKey = (secret: Bytes): Bytes => x25519.getPublicKey(secret) as Bytes;

/** Refuses a key of low order: anyone could open what is sealed to it. */
export function checkPublicKey(key: Bytes, what: string): void {
  exchange(new Uint8Array(KEY).fill(1), key, what);
}

/** Draws the ephemeral secret (32 bytes). */
export async function seal(key: Bytes, info: Bytes, plaintext: Bytes, random: Random): Promise<Bytes> {
  const ephemeral = random(KEY);
  const enc = publicKey(ephemeral);
  const { aes, nonce } = await schedule(exchange(ephemeral, key, "sealing key"), concat(enc, key), info, "encrypt");
  return concat(enc, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, aes, plaintext)));
}

/** DataError for anything but what was sealed to the public key of `secret` with the same `info`. */
export async function open(secret: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes> {
  check(sealed.length >= KEY + TAG, "sealed");
  const enc = sealed.slice(0, KEY);
  const { aes, nonce } = await schedule(exchange(secret, enc, "sealed"), concat(enc, publicKey(secret)), info, "decrypt");
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, aes, sealed.slice(KEY)));
  } catch {
    throw new DataError("sealed: does not open with this key and purpose");
  }
}

/** The library refuses a result of 32 zero bytes, which a key of low order gives with every secret. */
function exchange(secret: Bytes, key: Bytes, what: string): Bytes {
  check(key.length === KEY, what);
  try {
    return x25519.getSharedSecret(secret, key) as Bytes;
  } catch {
    throw new DataError(`${what}: of low order`);
  }
}

/** RFC 9180 §4.1 (ExtractAndExpand) and §5.1 (KeySchedule with mode_base). */
async function schedule(dh: Bytes, kemContext: Bytes, info: Bytes, use: "encrypt" | "decrypt"): Promise<{ aes: CryptoKey; nonce: Bytes }> {
  // 1. shared_secret
  const shared = labeledExpand(KEM, labeledExtract(KEM, EMPTY, "eae_prk", dh), "shared_secret", kemContext, 32);
  // 2. key_schedule_context = mode ‖ psk_id_hash ‖ info_hash
  const context = concat(Uint8Array.of(0), labeledExtract(SUITE, EMPTY, "psk_id_hash", EMPTY), labeledExtract(SUITE, EMPTY, "info_hash", info));
  // 3. key and base nonce; the first message's nonce is the base nonce
  const secret = labeledExtract(SUITE, shared, "secret", EMPTY);
  const key = labeledExpand(SUITE, secret, "key", context, KEY);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);
  return { aes, nonce: labeledExpand(SUITE, secret, "base_nonce", context, NONCE) };
}

const labeledExtract = (suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Bytes =>
  extract(sha256, concat(utf8("HPKE-v1"), suite, utf8(label), ikm), salt) as Bytes;

const labeledExpand = (suite: Bytes, secret: Bytes, label: string, info: Bytes, size: number): Bytes =>
  expand(sha256, secret, concat(number16(size), utf8("HPKE-v1"), suite, utf8(label), info), size) as Bytes;
