// Key files: a secret under a passphrase, Argon2id → AES-256-GCM (protocol §3, keys/keyfile.py; RFC 9106, NIST SP 800-38D).
// Canonical JSON. Everything but the ciphertext is bound as additional data, so that no public member can be changed
// without the file failing to open. Argon2id is the audited one of @noble/hashes: WebCrypto has none.

import { argon2idAsync } from "@noble/hashes/argon2.js";
import { b64 } from "./base64url.ts";
import { type Bytes, type Random, utf8 } from "./bytes.ts";
import { decode, encode, type Json } from "./canonical.ts";
import { check, DataError } from "./errors.ts";
import { bytes, id, literal, natural, object, type Shaped, table, text } from "./schema.ts";

const KINDS = ["member", "trustee", "registrar"] as const;
export type Kind = (typeof KINDS)[number];

const SALT_SIZE = 16;
const NONCE_SIZE = 12;
const MAX_FILE = 256 * 1024;
const MAX_PUBLIC = 16;

/** What one attempt at the passphrase costs: memory in KiB, passes, lanes (RFC 9106 §4). */
export interface Cost {
  readonly memory: number;
  readonly iterations: number;
  readonly lanes: number;
}
export const DEFAULT_COST: Cost = { memory: 64 * 1024, iterations: 3, lanes: 4 };

/** The bounds of keys/keyfile.py: a file from elsewhere must not take a gigabyte or an hour before it is tried. */
const kdfShape = object({
  name: literal("argon2id"),
  memory: natural(8 * 1024, 256 * 1024),
  iterations: natural(1, 10),
  lanes: natural(1, 16),
  salt: bytes(SALT_SIZE),
});
const fileShape = object({
  v: literal("es1"),
  kind: literal(...KINDS),
  public: table(/^/, text),
  kdf: kdfShape,
  nonce: bytes(NONCE_SIZE),
  ciphertext: bytes(null),
});

type Kdf = Shaped<typeof kdfShape>;

/** A parsed file; `bound` is what the ciphertext is bound to. */
export type KeyFile = Shaped<typeof fileShape> & { readonly bound: Bytes };

export type Progress = (done: number) => void;

/** Parses a file without opening it; DataError for one of another kind ("wrong-kind") or for anything else. */
export function readKeyFile(raw: Uint8Array, kind: Kind): KeyFile {
  check(raw.length <= MAX_FILE, "key file");
  const document = decode(raw);
  const file = fileShape(document, "key file");
  const names = Object.keys(file.public);
  check(names.length <= MAX_PUBLIC, "key file.public");
  names.forEach((name) => id(name, "key file.public"));
  check(file.kind === kind, "key file", "wrong-kind");
  const { ciphertext: _, ...rest } = document as { [name: string]: Json };
  return { ...file, bound: encode(rest) };
}

/**
 * What opens and seals under one passphrase, made from it once: Argon2id takes seconds. While it is held, the passphrase need
 * not be; what it seals has its salt, and a nonce of its own.
 */
export interface Lock {
  readonly kdf: Kdf;
  readonly key: CryptoKey;
}

/** A new lock; fresh salt. */
export const makeLock = (passphrase: string, random: Random, cost: Cost = DEFAULT_COST, progress?: Progress): Promise<Lock> =>
  lock({ name: "argon2id", memory: cost.memory, iterations: cost.iterations, lanes: cost.lanes, salt: random(SALT_SIZE) }, passphrase, progress);

/** The lock of a file. Whether the passphrase is the right one shows when it opens. */
export const lockOf = async (raw: Uint8Array, kind: Kind, passphrase: string, progress?: Progress): Promise<Lock> =>
  lock(readKeyFile(raw, kind).kdf, passphrase, progress);

/** The bytes of a file under this lock; fresh nonce. */
export async function sealUnder({ kdf, key }: Lock, kind: Kind, shown: { readonly [name: string]: string }, secret: Bytes, random: Random): Promise<Bytes> {
  const nonce = random(NONCE_SIZE);
  const blank = { v: "es1", kind, public: { ...shown }, kdf: { ...kdf, salt: b64(kdf.salt) }, nonce: b64(nonce) };
  const additionalData = encode(blank);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData }, key, secret));
  const raw = encode({ ...blank, ciphertext: b64(ciphertext) });
  readKeyFile(raw, kind); // what cannot be read again is not written
  return raw;
}

/** The secret in a file; DataError "wrong-passphrase" for another lock than the file's, and for a changed file. */
export async function openUnder({ key }: Lock, raw: Uint8Array, kind: Kind): Promise<Bytes> {
  const { nonce, ciphertext, bound } = readKeyFile(raw, kind);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: bound }, key, ciphertext));
  } catch {
    throw new DataError("key file", "wrong-passphrase");
  }
}

async function lock(kdf: Kdf, passphrase: string, progress: Progress = () => {}): Promise<Lock> {
  check(passphrase !== "", "passphrase", "empty-passphrase");
  check(!/[\uD800-\uDFFF]/u.test(passphrase), "passphrase");
  const options = { t: kdf.iterations, m: kdf.memory, p: kdf.lanes, dkLen: 32, onProgress: progress };
  // one passphrase, however the keyboard composes its letters
  const key = (await argon2idAsync(utf8(passphrase.normalize("NFC")), kdf.salt, options)) as Bytes;
  return { kdf, key: await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]) };
}
