// A copy of a log in one ZIP file (PKWARE APPNOTE 6.3.10), as the service hands it out and election-audit takes it: the
// files of c2sp.org/tlog-tiles and blobs/, at the top or in the one folder that holds `checkpoint`. Stored or deflated,
// without encryption, without ZIP64. Every length is bounded by what the file is and by what a file of a log may be.

import { type Bytes, fromUtf8 } from "../bytes.ts";
import { check } from "../errors.ts";
import type { LogFiles } from "./source.ts";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const MAX_COMMENT = 65_535;
const MAX_FILE = 64 * 2 ** 20; // bytes, unpacked: an electorate of two million
const STORED = 0;
const DEFLATED = 8;

interface Member {
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

const what = "archive";
/** Not a ZIP file that this tool reads. */
function readable(holds: unknown, why: string): asserts holds {
  check(holds, `${what}: ${why}`, "not-an-archive");
}

export class Archive implements LogFiles {
  private readonly members = new Map<string, Member>();
  private readonly prefix: string;
  private readonly view: DataView;

  /** Reads the directory; DataError ("not-an-archive") where there is none. */
  constructor(private readonly raw: Bytes) {
    this.view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    this.readDirectory();
    const roots = [...this.members.keys()].filter((name) => name.split("/").pop() === "checkpoint");
    readable(roots.length > 0, "no checkpoint in it, so no copy of a log");
    this.prefix = roots.length === 1 ? roots[0]!.slice(0, -"checkpoint".length) : "";
  }

  async read(path: string): Promise<Bytes | null> {
    const member = this.members.get(this.prefix + path);
    if (!member) return null;
    const { method, packed, size, at } = member;
    const start = at + 30 + this.number16(at + 26) + this.number16(at + 28);
    readable(this.number32(at) === LOCAL && start + packed <= this.raw.length, path);
    const content = this.raw.slice(start, start + packed);
    const found = method === STORED ? content : await inflated(content, size, path);
    readable(found.length === size, path);
    return found;
  }

  private readDirectory(): void {
    let end = this.raw.length - END_SIZE;
    const first = Math.max(0, end - MAX_COMMENT);
    while (end >= first && this.number32(end) !== END) end--;
    readable(end >= first, "not a ZIP file");
    let at = this.number32(end + 16);
    for (let left = this.number16(end + 10); left > 0; left--) {
      readable(this.number32(at) === CENTRAL, "its directory is damaged");
      const [method, packed, size] = [this.number16(at + 10), this.number32(at + 20), this.number32(at + 24)];
      const length = this.number16(at + 28);
      const name = fromUtf8(this.raw.slice(at + 46, at + 46 + length));
      const isPlain = (this.number16(at + 8) & 1) === 0 && (method === STORED || method === DEFLATED) && size <= MAX_FILE;
      readable(isPlain, `${name}: in a form that is not read here`);
      readable(!this.members.has(name), `${name}: twice in it`); // readers differ in which they take
      if (!name.endsWith("/")) this.members.set(name, { method, packed, size, at: this.number32(at + 42) });
      at += 46 + length + this.number16(at + 30) + this.number16(at + 32);
    }
  }

  private number16(at: number): number {
    readable(at >= 0 && at + 2 <= this.raw.length, "it ends too early");
    return this.view.getUint16(at, true);
  }

  private number32(at: number): number {
    readable(at >= 0 && at + 4 <= this.raw.length, "it ends too early");
    return this.view.getUint32(at, true);
  }
}

/** Deflated bytes, unpacked, never beyond the size that the directory states: no bomb unpacks in memory. */
async function inflated(packed: Bytes, size: number, path: string): Promise<Bytes> {
  const found = new Uint8Array(size);
  let at = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      readable(at + part.value.length <= size, path);
      found.set(part.value, at);
      at += part.value.length;
    }
  } catch {
    readable(false, `${path}: cannot be unpacked`);
  }
  readable(at === size, path);
  return found;
}
