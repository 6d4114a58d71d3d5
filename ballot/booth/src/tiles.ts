// The files of a log (c2sp.org/tlog-tiles) and the proofs that follow from them. Nothing read here is believed: what comes
// out is checked against a signed checkpoint by verifyLog.

import { type Bytes, fromUtf8 } from "./bytes.ts";
import { check } from "./errors.ts";
import { nodeHash } from "./merkle.ts";

export const WIDTH = 256; // hashes or entries in a tile
const HASH = 32; // bytes

export type ReadFile = (path: string) => Promise<Bytes>;

/** `tile/<level>/<index in groups of three digits>[.p/<width>]` */
export function tilePath(level: number | "entries", index: number, width: number): string {
  let name = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    name = `x${String(rest % 1000).padStart(3, "0")}/${name}`;
  }
  return `tile/${level}/${name}${width < WIDTH ? `.p/${width}` : ""}`;
}

/** The log of one size, tile by tile; each is read once. */
export class Tiles {
  private readonly known = new Map<string, Promise<Bytes>>();

  constructor(
    private readonly read: ReadFile,
    readonly size: number,
  ) {}

  /** The exact texts of the entries of one bundle. */
  async bundle(index: number): Promise<string[]> {
    const raw = await this.tile("entries", index, this.size);
    const entries: string[] = [];
    for (let at = 0; at < raw.length; ) {
      const end = at + 2 + (raw[at]! << 8) + (raw[at + 1] ?? NaN);
      check(end <= raw.length, `bundle ${index}`);
      entries.push(fromUtf8(raw.slice(at + 2, end)));
      at = end;
    }
    check(entries.length === Math.min(WIDTH, this.size - WIDTH * index), `bundle ${index}`);
    return entries;
  }

  async entry(seq: number): Promise<string> {
    return (await this.bundle(Math.floor(seq / WIDTH)))[seq % WIDTH]!;
  }

  /** The inclusion proof of RFC 9162 §2.1.3.1, from the leaf up. */
  async inclusion(seq: number, start = 0, end = this.size): Promise<Bytes[]> {
    if (end - start <= 1) return [];
    const middle = start + below(end - start);
    return seq < middle
      ? [...(await this.inclusion(seq, start, middle)), await this.root(middle, end)]
      : [...(await this.inclusion(seq, middle, end)), await this.root(start, middle)];
  }

  /** The root over these entries; `start` is a multiple of the largest power of two that is not above their number. */
  private async root(start: number, end: number): Promise<Bytes> {
    let [row, nodes, index] = [0, end - start, start];
    for (; nodes % WIDTH === 0; row++) [nodes, index] = [nodes / WIDTH, index / WIDTH];
    if (nodes > 1) {
      const middle = start + below(end - start);
      return nodeHash(await this.root(start, middle), await this.root(middle, end));
    }
    const raw = await this.tile(row, Math.floor(index / WIDTH), Math.floor(this.size / WIDTH ** row));
    return raw.slice(HASH * (index % WIDTH), HASH * ((index % WIDTH) + 1));
  }

  private tile(level: number | "entries", index: number, count: number): Promise<Bytes> {
    const path = tilePath(level, index, Math.min(WIDTH, count - WIDTH * index));
    const found = this.known.get(path) ?? this.read(path);
    this.known.set(path, found);
    return found;
  }
}

/** The largest power of two below n (n > 1). */
function below(n: number): number {
  let power = 1;
  while (2 * power < n) power *= 2;
  return power;
}

/** The root over leaves that come one after the other. */
export class Frontier {
  private readonly nodes: Bytes[] = [];
  size = 0;

  append(leaf: Bytes): void {
    let node = leaf;
    for (let size = this.size; size % 2 === 1; size = (size - 1) / 2) node = nodeHash(this.nodes.pop()!, node);
    this.nodes.push(node);
    this.size += 1;
  }

  root(): Bytes {
    return this.nodes.reduceRight((right, left) => nodeHash(left, right));
  }
}
