// The files of a copy of a log, by path (c2sp.org/tlog-tiles and blobs/, protocol §9). Nothing in it is trusted.

import { type Bytes, fromUtf8, hex } from "../bytes.ts";
import { check } from "../errors.ts";
import { WIDTH, tilePath } from "../tiles.ts";
import { digest } from "../transcript.ts";

/** Gives a file's content; null where the copy has none. */
export type LogFiles = { read(path: string): Promise<Bytes | null> };

/** The note of the newest checkpoint of this copy. */
export async function checkpointOf(files: LogFiles): Promise<string> {
  const raw = await files.read("checkpoint");
  check(raw, "no checkpoint in it, so no copy of a log", "no-log");
  return fromUtf8(raw);
}

/** The exact bytes of the entries, one bundle in memory at a time. */
export async function* entriesOf(files: LogFiles, size: number): AsyncGenerator<Bytes> {
  for (let index = 0; index * WIDTH < size; index++) {
    const width = Math.min(WIDTH, size - index * WIDTH);
    const path = tilePath("entries", index, width);
    const raw = await files.read(path);
    check(raw, `${path}: missing from this copy`, "incomplete-log");
    yield* split(raw, width, path);
  }
}

/** The entries of a bundle: each after its length, 16 bits big-endian; exactly so many, and nothing left over. */
function split(raw: Bytes, width: number, path: string): Bytes[] {
  const entries: Bytes[] = [];
  for (let at = 0; at < raw.length; ) {
    const end = at + 2 + (raw[at]! << 8) + (raw[at + 1] ?? NaN);
    check(end <= raw.length, path, "incomplete-log");
    entries.push(raw.slice(at + 2, end));
    at = end;
  }
  check(entries.length === width, path, "incomplete-log");
  return entries;
}

/** The file of that SHA-256 in hex, checked against its name. */
export async function blobOf(files: LogFiles, name: string): Promise<Bytes> {
  const raw = await files.read(`blobs/${name}`);
  check(raw, `blobs/${name}: missing from this copy`, "incomplete-log");
  check(hex(digest(raw)) === name, `blobs/${name}: other content than its name says`, "bad-log");
  return raw;
}
