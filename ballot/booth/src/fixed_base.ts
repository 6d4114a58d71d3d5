// Many multiples of one point: a table for every five bits of the scalar, made once, in pieces.

import type { Point } from "./point.ts";

const BITS = 5;
const ENTRIES = 2 ** (BITS - 1);
/** scalars below 2^325: q times a blinding factor of 64 bits fits */
const WINDOWS = 65;

export class FixedBase {
  /** window i: the odd multiples 1, 3, …, 31 of 32^i·P */
  private readonly windows: Point[][] = [];

  constructor(private next: Point) {}

  /** Adds so many windows; false where all are there. */
  grow(count: number): boolean {
    for (; count && this.windows.length < WINDOWS; count--) {
      const twice = this.next.add(this.next);
      const window = [this.next];
      for (let i = 1; i < ENTRIES; i++) window.push(window[i - 1]!.add(twice));
      this.windows.push(window);
      this.next = window[ENTRIES - 1]!.add(this.next); // 31 + 1
    }
    return this.windows.length < WINDOWS;
  }

  /**
   * k·P for an odd k < 2^320 · 2. Each digit is odd, so none is zero and every scalar takes the same additions:
   * k = Σ d_i·32^i with d_i = (k mod 64) − 32, k ← (k − d_i)/32, which stays odd.
   */
  multiple(k: bigint): Point {
    this.grow(WINDOWS);
    let sum: Point | null = null;
    for (const [i, window] of this.windows.entries()) {
      const digit = i === WINDOWS - 1 ? Number(k) : Number(k & 63n) - 32;
      k = (k - BigInt(digit)) >> 5n;
      const entry = window[(Math.abs(digit) - 1) / 2]!;
      const negative = entry.negate(); // made in any case
      const part = digit < 0 ? negative : entry;
      sum = sum ? sum.add(part) : part;
    }
    return sum!;
  }
}
