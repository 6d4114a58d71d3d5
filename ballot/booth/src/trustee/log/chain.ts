// entries: canonical bytes of a known kind, chained, in time, in the tree (audit/checks/chain.py; A58, A61, A87, A88, A90).

import { type Bytes, equal } from "../../bytes.ts";
import { decode, type Json } from "../../canonical.ts";
import { MAX_ENTRY } from "../../log.ts";
import { leafHash } from "../../merkle.ts";
import { any, bytes, natural, object, table, text } from "../../schema.ts";
import { digest } from "../../transcript.ts";
import { type Entry, isKind, isTimed, type Kind, shapes, time } from "./kinds.ts";
import { type LogState, refuse } from "./state.ts";

const members = { seq: natural(), prev: bytes(32), kind: text, data: table(/^/, any) };
const untimed = object(members);
const timed = object({ ...members, time });

/** Takes one entry into chain and tree, and reads it strictly. */
export function takeEntry(log: LogState, raw: Bytes): Entry {
  const [seq, prev] = [log.size, log.lastHash];
  log.lastHash = digest(raw);
  log.tree.append(leafHash(raw));
  log.size += 1;
  const what = `entry ${seq}`;
  refuse(raw.length <= MAX_ENTRY, `${what}: too long`);
  const document = decode(raw) as { [name: string]: Json };
  const kind = text(document?.["kind"], what);
  refuse(isKind(kind), `${what}: unknown kind ${kind.slice(0, 40)}`);
  const outside = isTimed(kind) ? timed(document, what) : { ...untimed(document, what), time: null };
  refuse(outside.seq === seq, `${what}: numbered ${outside.seq}`);
  refuse(equal(outside.prev, prev), `${what}: not chained to the entry before`);
  if (outside.time !== null) {
    refuse(outside.time >= log.lastTime, `${what}: a time before that of an earlier entry`);
    log.lastTime = outside.time;
  }
  const json = document["data"] as { [name: string]: Json };
  return { seq, kind, time: outside.time, json, data: shapes[kind](json, `${what} (${kind})`), digest: log.lastHash } as Entry<Kind>;
}
