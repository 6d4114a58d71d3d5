// The files of a log (c2sp.org/tlog-tiles) and the proofs that follow from them. Nothing read here is believed: what comes
// out is checked against a signed checkpoint by verifyLog.

import { type Bytes, concat, fromUtf8 } from "../bytes.ts";
import { DataError } from "../errors.ts";
import { digest } from "../transcript.ts";

const WIDTH = 256; // hashes or entries in a tile
const HEIGHT = 8;
const HASH = 32; // bytes

export type ReadFile = (path: string) => Promise<Bytes>;

const nodeHash = (left: Bytes, right: Bytes): Bytes => digest(concat(Uint8Array.of(1), left, right));

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
      if (!(end <= raw.length)) throw new DataError(`bundle ${index}: ends within an entry`);
      entries.push(fromUtf8(raw.slice(at + 2, end)));
      at = end;
    }
    if (entries.length !== Math.min(WIDTH, this.size - WIDTH * index)) throw new DataError(`bundle ${index}: another number of entries`);
    return entries;
  }

  async entry(seq: number): Promise<string> {
    return (await this.bundle(Math.floor(seq / WIDTH)))[seq % WIDTH]!;
  }

  /** The inclusion proof of RFC 9162 §2.1.3.1, from the leaf up. */
  async inclusion(seq: number): Promise<Bytes[]> {
    const proof: Bytes[] = [];
    let [start, end] = [0, this.size];
    while (end - start > 1) {
      const middle = start + below(end - start);
      if (seq < middle) {
        proof.push(await this.rangeRoot(middle, end));
        end = middle;
      } else {
        proof.push(await this.rangeRoot(start, middle));
        start = middle;
      }
    }
    return proof.reverse();
  }

  private async rangeRoot(start: number, end: number): Promise<Bytes> {
    const parts: Bytes[] = [];
    while (start < end) {
      const level = Math.floor(Math.log2(end - start));
      parts.push(await this.node(level, start / 2 ** level));
      start += 2 ** level;
    }
    return parts.reduceRight((right, left) => nodeHash(left, right));
  }

  /** The root of a full subtree of 2^level leaves. */
  private async node(level: number, index: number): Promise<Bytes> {
    const [row, height] = [Math.floor(level / HEIGHT), level % HEIGHT];
    const first = index * 2 ** height;
    const tile = Math.floor(first / WIDTH);
    const raw = await this.tile(row, tile, Math.floor(this.size / WIDTH ** row));
    const at = HASH * (first - WIDTH * tile);
    let nodes = Array.from({ length: 2 ** height }, (_, i) => raw.slice(at + HASH * i, at + HASH * (i + 1)));
    while (nodes.length > 1) nodes = nodes.filter((_, i) => i % 2 === 0).map((node, i) => nodeHash(node, nodes[2 * i + 1]!));
    return nodes[0]!;
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
