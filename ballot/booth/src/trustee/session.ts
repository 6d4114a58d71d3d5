// One attempt to make the joint key (protocol §3.0): log, attempt, threshold k, identity keys of trustees 1 … n.

import { type Bytes, concat, equal, hex, u64 } from "../bytes.ts";
import { decodePoint } from "../curve.ts";
import { check } from "../errors.ts";
import { H } from "../transcript.ts";

export const MAX_TRUSTEES = 9;

/** A valid x-only key (BIP-340). */
export const checkKey = (key: Bytes, what: string): void => void decodePoint(concat(Uint8Array.of(2), key), what);

export class Session {
  /** the session hash */
  readonly id: Bytes;

  constructor(
    readonly logId: Bytes,
    readonly attempt: number,
    readonly k: number,
    readonly identities: readonly Bytes[],
  ) {
    const { n } = this;
    check(logId.length === 32 && attempt >= 1, "session");
    check(2 <= k && k <= n && n <= MAX_TRUSTEES && 2 * k > n, `session: k=${k}, n=${n}`);
    identities.forEach((key, index) => checkKey(key, `trustee ${index + 1}`));
    check(new Set(identities.map(hex)).size === n, "session: an identity key appears twice");
    this.id = H("es1/session", logId, u64(attempt), u64(k), u64(n), ...identities);
  }

  get n(): number {
    return this.identities.length;
  }

  /** The identity key of trustee i, 1 … n. */
  identity(i: number): Bytes {
    const key = this.identities[i - 1];
    check(key, `trustee ${i}: expected a number from 1 to ${this.n}`);
    return key;
  }

  /** The number of the trustee with this identity key; DataError where there is none. */
  numberOf(identity: Bytes): number {
    const index = this.identities.findIndex((key) => equal(key, identity));
    check(index >= 0, "session: this file's identity key is not among the trustees'", "not-a-trustee");
    return index + 1;
  }
}
