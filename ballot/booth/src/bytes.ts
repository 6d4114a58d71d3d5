// Bytes and their plain readings. Nothing here is secret-safe: JavaScript offers no erasable memory and no constant time.

import { DataError } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** `n` fresh random bytes. Always an argument, so that tests and vectors can replay a run. */
export type Random = (size: number) => Bytes;

export const systemRandom: Random = (size) => crypto.getRandomValues(new Uint8Array(size));

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;

/** Strict UTF-8: no replacement characters, and a byte order mark stays visible. */
export function fromUtf8(raw: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw new DataError("UTF-8");
  }
}

export const concat = (...parts: Uint8Array[]): Bytes => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Equality of public bytes; it stops at the first difference. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Whether no two are the same. */
export const areDistinct = (keys: readonly unknown[]): boolean => new Set(keys).size === keys.length;

/** -1, 0, 1 in the order of raw bytes, which is the order of every sorting in the protocol. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

export const hex = (raw: Uint8Array): string => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const toNumber = (raw: Uint8Array): bigint => BigInt("0x0" + hex(raw));

/** Big-endian, exactly `size` bytes. */
export function fromNumber(value: bigint, size: number): Bytes {
  const raw = new Uint8Array(size);
  for (; size; value >>= 8n) raw[--size] = Number(value & 255n);
  return raw;
}

/** A number as hashed: 8 bytes big-endian. */
export const u64 = (value: number): Bytes => fromNumber(BigInt(value), 8);
