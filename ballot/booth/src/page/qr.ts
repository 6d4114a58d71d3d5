// QR codes (ISO/IEC 18004) of a link: bytes, error correction level M, always mask 0. Versions 7, 11 and 13: 122, 251 and
// 331 bytes, for the addresses of a receipt, of an opened ballot, and of either under a long name.
// The standard prefers the mask that looks most even; every reader takes any.

import { hex, utf8 } from "../bytes.ts";

/** Version: words of data, check words in a block, number of blocks, and the bits that name the version. */
const VERSIONS = [
  [7, 124, 18, 4, 0x7c94],
  [11, 254, 30, 5, 0xbbf6],
  [13, 334, 22, 9, 0xd847],
] as const;
const FORMAT = 0x5412; // level M, mask 0: five zero bits and their check bits, under the mask of the standard

/** GF(256) with the polynomial 0x11d. */
function times(a: number, b: number): number {
  let product = 0;
  for (; b; b >>= 1) {
    product ^= (b & 1) * a;
    a = (a << 1) ^ ((a >> 7) * 0x11d);
  }
  return product;
}

/** The Reed–Solomon check words of a block: the remainder by ∏ (x − 2^i). */
function checkWords(block: readonly number[], degree: number): number[] {
  let divisor = [1];
  for (let root = 1; divisor.length <= degree; root = times(root, 2)) {
    divisor = [...divisor, 0].map((coefficient, i) => coefficient ^ times(divisor[i - 1] ?? 0, root));
  }
  const rest = [...block];
  for (const _ of block) {
    const factor = rest[0]!;
    divisor.forEach((coefficient, i) => (rest[i]! ^= times(coefficient, factor)));
    rest.shift(); // zero now
  }
  return rest;
}

/** The symbol of a text, row by row, true for dark, without the quiet zone of four modules; null for a longer text. */
export function qr(text: string): boolean[][] | null {
  const data = utf8(text);
  for (const [version, capacity, check, blocks, name] of VERSIONS) {
    // mode, length, bytes, end; filled up; in blocks with their check words, the shorter ones first; interleaved
    const digits = `4${data.length.toString(16).padStart(version > 9 ? 4 : 2, "0")}${hex(data)}0`;
    const words = digits.match(/../g)!.map((pair) => parseInt(pair, 16));
    if (words.length > capacity) continue;
    for (let pad = 0xec; words.length < capacity; pad ^= 0xfd) words.push(pad);
    const parts = Array.from({ length: blocks }, (_, k) => words.splice(0, Math.floor(words.length / (blocks - k))));
    const interleaved = (rows: number[][]): number[] => rows[blocks - 1]!.flatMap((_, k) => rows.flatMap((row) => row.slice(k, k + 1)));
    return drawn(4 * version + 17, name, [...interleaved(parts), ...interleaved(parts.map((part) => checkWords(part, check)))]);
  }
  return null;
}

function drawn(size: number, name: number, words: readonly number[]): boolean[][] {
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
  for (let i = 8; i < size - 8; i++) {
    set(i, 6, i % 2 === 0);
    set(6, i, i % 2 === 0);
  }
  // format, twice: down a column and, backwards, along a row, both with a gap between the finders
  for (let i = 0; i < 15; i++) {
    const at = i < 6 ? i : i < 8 ? i + 1 : size - 15 + i;
    set(8, at, (FORMAT >> i) & 1);
    set(at, 8, (FORMAT >> (14 - i)) & 1);
  }
  set(size - 8, 8, false); // the middle bit of the row once more
  set(8, size - 8, true);
  // version, twice
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
      for (const x of [right, right - 1]) {
        if (!isFree(x, y)) continue;
        set(x, y, ((words[at >> 3]! >> (7 - (at % 8))) ^ x ^ y ^ 1) & 1);
        at++;
      }
    }
  }
  return rows;
}
