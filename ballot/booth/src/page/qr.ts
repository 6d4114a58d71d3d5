// QR codes (ISO/IEC 18004) of a link: bytes, error correction level M, versions 7 to 13 (up to 331 bytes), always mask 0.
// The standard prefers the mask that looks most even; every reader takes any.

import { utf8 } from "../bytes.ts";

const FIRST = 7;
/** Check words in a block, number of blocks, and the bits that name the version, from version 7 on. */
const CHECK = [18, 22, 22, 26, 30, 22, 22];
const BLOCKS = [4, 4, 5, 5, 5, 8, 9];
const NAMES = [0x7c94, 0x85bc, 0x9a99, 0xa4d3, 0xbbf6, 0xc762, 0xd847];
const FORMAT = 0x5412; // level M, mask 0: five zero bits and their check bits, under the mask of the standard

/** GF(256) with the polynomial 0x11d. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = (product << 1) ^ ((product >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return product;
}

/** The Reed–Solomon check words of a block: the remainder by ∏ (x − 2^i). */
function checkWords(block: readonly number[], degree: number): number[] {
  const divisor = Array<number>(degree).fill(0);
  divisor[degree - 1] = 1;
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

const bitsOf = (value: number, count = 8): string => value.toString(2).padStart(count, "0");

/** The symbol of a text, row by row, true for dark, without the quiet zone of four modules; null for a longer text. */
export function qr(text: string): boolean[][] | null {
  const data = [...utf8(text)];
  for (let i = 0; i < CHECK.length; i++) {
    const version = FIRST + i;
    const size = 4 * version + 17;
    const [check, blocks] = [CHECK[i]!, BLOCKS[i]!];
    const capacity = (((16 * version + 128) * version - 112) >> 3) - check * blocks;
    const lengthBits = version > 9 ? 16 : 8;
    if (data.length + (4 + lengthBits) / 8 > capacity) continue;

    // mode, length, bytes, filled up; in blocks with their check words, the shorter ones first; interleaved
    const stream = bitsOf(4, 4) + bitsOf(data.length, lengthBits) + data.map((byte) => bitsOf(byte)).join("") + bitsOf(0, 4);
    const words = stream.match(/.{8}/g)!.map((bits) => parseInt(bits, 2));
    for (let pad = 0xec; words.length < capacity; pad ^= 0xfd) words.push(pad);
    const parts = Array.from({ length: blocks }, (_, k) => words.splice(0, Math.floor(words.length / (blocks - k))));
    const interleaved = (rows: number[][]): number[] => rows[blocks - 1]!.flatMap((_, k) => rows.flatMap((row) => row.slice(k, k + 1)));
    const ordered = [...interleaved(parts), ...interleaved(parts.map((part) => checkWords(part, check)))];
    return drawn(size, NAMES[i]!, ordered.map((word) => bitsOf(word)).join(""));
  }
  return null;
}

function drawn(size: number, name: number, bits: string): boolean[][] {
  const rows: boolean[][] = Array.from({ length: size }, () => []);
  const isFree = (x: number, y: number): boolean => rows[y]![x] === undefined;
  const set = (x: number, y: number, dark: unknown): void => void (rows[y] && x < size && (rows[y]![x] = Boolean(dark)));
  const square = (x: number, y: number, radius: number, light: string): void => {
    for (let i = -radius; i <= radius; i++) {
      for (let j = -radius; j <= radius; j++) set(x + i, y + j, !light.includes(`${Math.max(Math.abs(i), Math.abs(j))}`));
    }
  };
  // finders, alignments, timing
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square(x, y, 4, "24");
  const places = [6, (size - 1) / 2, size - 7];
  for (const x of places) for (const y of places) if (isFree(x, y)) square(x, y, 2, "1");
  for (let i = 8; i < size - 8; i++) [[i, 6], [6, i]].forEach(([x, y]) => set(x!, y!, i % 2 === 0));
  // format and version
  for (let i = 0; i < 15; i++) {
    const bit = (FORMAT >> i) & 1;
    set(i < 8 ? 8 : i < 9 ? 7 : 14 - i, i < 6 ? i : i < 8 ? i + 1 : 8, bit);
    set(i < 8 ? size - 1 - i : 8, i < 8 ? 8 : size - 15 + i, bit);
  }
  set(8, size - 8, true);
  for (let i = 0; i < 18; i++) {
    const [a, b, bit] = [Math.floor(i / 3), size - 11 + (i % 3), (name >> i) & 1];
    set(a, b, bit);
    set(b, a, bit);
  }
  // the words go up and down in pairs of columns from the right, past the timing column
  let at = 0;
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
    for (let i = 0; i < size; i++) {
      const y = up ? size - 1 - i : i;
      for (const x of [right, right - 1]) if (isFree(x, y)) set(x, y, (bits[at++] === "1") !== ((x + y) % 2 === 0));
    }
  }
  return rows;
}
