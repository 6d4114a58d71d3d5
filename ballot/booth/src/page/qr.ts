// QR codes (ISO/IEC 18004) of a link: bytes, error correction level M, versions 1 to 20, always mask 0. The standard
// prefers the mask that looks most even; every reader takes any.

import { utf8 } from "../bytes.ts";

/** Check words in a block and number of blocks of level M, by version from 1 on. */
const CHECK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];
const FORMAT = 0x5412; // level M, mask 0: five zero bits and their check bits, under the mask of the standard

/** GF(256) with the polynomial 0x11d. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return product;
}

/** The Reed–Solomon check words of a block: the remainder by ∏ (x − 2^i). */
function checkWords(block: readonly number[], degree: number): number[] {
  const divisor: number[] = [...Array<number>(degree - 1).fill(0), 1];
  for (let i = 0, root = 1; i < degree; i++, root = times(root, 2)) {
    for (let j = 0; j < degree; j++) divisor[j] = times(divisor[j]!, root) ^ (divisor[j + 1] ?? 0);
  }
  const rest = Array<number>(degree).fill(0);
  for (const word of block) {
    const factor = word ^ rest.shift()!;
    rest.push(0);
    divisor.forEach((coefficient, j) => (rest[j]! ^= times(coefficient, factor)));
  }
  return rest;
}

const alignments = (version: number): number => (version > 1 ? Math.floor(version / 7) + 2 : 0);

/** How many words a symbol has, check words included. */
function wordsOf(version: number): number {
  const n = alignments(version);
  const bits = (16 * version + 128) * version + 64 - (n && (25 * n - 10) * n - 55) - (version > 6 ? 36 : 0);
  return bits >> 3;
}

const dataWords = (version: number): number => wordsOf(version) - CHECK[version - 1]! * BLOCKS[version - 1]!;

/** Mode, length and bytes, filled up, in blocks with their check words, interleaved. */
function wordStream(data: Uint8Array, version: number): number[] {
  let bits = "0100" + data.length.toString(2).padStart(version > 9 ? 16 : 8, "0");
  for (const byte of data) bits += byte.toString(2).padStart(8, "0");
  const words = (bits + "0000").match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  for (let pad = 0xec; words.length < dataWords(version); pad ^= 0xfd) words.push(pad);
  const blocks = BLOCKS[version - 1]!;
  // the shorter blocks come first
  const parts = Array.from({ length: blocks }, (_, i) => words.splice(0, Math.floor(words.length / (blocks - i))));
  const checks = parts.map((part) => checkWords(part, CHECK[version - 1]!));
  const columns = (rows: number[][]): (number | undefined)[] =>
    Array.from({ length: rows[blocks - 1]!.length }, (_, i) => rows.map((row) => row[i])).flat();
  return [...columns(parts), ...columns(checks)].filter((word): word is number => word !== undefined);
}

/** `value` with its BCH check bits below. */
function withCheck(value: number, generator: number, bits: number): number {
  let rest = value << bits;
  for (let bit = 30; bit >= bits; bit--) if ((rest >> bit) & 1) rest ^= generator << (bit - bits);
  return (value << bits) | rest;
}

/** The symbol of a text, row by row, true for dark; without the quiet zone of four modules. */
export function qr(text: string): boolean[][] {
  const data = utf8(text);
  let version = 1;
  while (dataWords(version) < data.length + (version > 9 ? 3 : 2)) version++;
  const size = 4 * version + 17;
  const rows: (boolean | undefined)[][] = Array.from({ length: size }, () => Array<undefined>(size).fill(undefined));
  const set = (x: number, y: number, dark: boolean): void => void (rows[y] && x >= 0 && x < size && (rows[y]![x] = dark));
  const square = (x: number, y: number, radius: number, dark: (ring: number) => boolean): void => {
    for (let i = -radius; i <= radius; i++) for (let j = -radius; j <= radius; j++) set(x + i, y + j, dark(Math.max(Math.abs(i), Math.abs(j))));
  };

  for (let i = 0; i < size; i++) (set(i, 6, i % 2 === 0), set(6, i, i % 2 === 0)); // timing
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const count = alignments(version);
  const step = 2 * Math.floor((4 * version + 2 * count + 1) / (2 * count - 2));
  const places = Array.from({ length: count }, (_, i) => (i ? size - 7 - step * (count - 1 - i) : 6));
  for (const x of places) {
    for (const y of places) if (!(x < 8 && y < 8) && !(x < 8 && y > size - 9) && !(x > size - 9 && y < 8)) square(x, y, 2, (ring) => ring !== 1);
  }
  for (let i = 0; i < 15; i++) {
    const bit = ((FORMAT >> i) & 1) === 1;
    const near = i < 6 ? i : i < 8 ? i + 1 : 0;
    if (i < 8) (set(8, near, bit), set(size - 1 - i, 8, bit));
    else (set(i === 8 ? 7 : 14 - i, 8, bit), set(8, size - 15 + i, bit));
  }
  set(8, size - 8, true);
  if (version > 6) {
    const bits = withCheck(version, 0x1f25, 12);
    for (let i = 0; i < 18; i++) {
      const [a, b] = [Math.floor(i / 3), size - 11 + (i % 3)];
      (set(a, b, ((bits >> i) & 1) === 1), set(b, a, ((bits >> i) & 1) === 1));
    }
  }

  // the words go up and down in pairs of columns from the right, past the timing column
  const bits = wordStream(data, version).map((word) => word.toString(2).padStart(8, "0")).join("");
  let at = 0;
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i;
      for (const x of [right, right - 1]) if (rows[y]![x] === undefined) set(x, y, (bits[at++] === "1") !== ((x + y) % 2 === 0));
    }
  }
  return rows as boolean[][];
}
