// electorates: who may vote, as the registrar signed it; and replaced credentials (audit/checks/electorates.py; A15, A45).

import { type Bytes, compare, equal, hex, u64, utf8 } from "../../bytes.ts";
import type { Pause } from "../../encryption.ts";
import { leafHash } from "../../merkle.ts";
import { verify } from "../../schnorr.ts";
import { Frontier } from "../../tiles.ts";
import { H } from "../../transcript.ts";
import { blobOf } from "../source.ts";
import { checkKey } from "../session.ts";
import { type Entry, is } from "./kinds.ts";
import { type Electorate, type LogState, refuse } from "./state.ts";

const KEY = 32; // bytes
const BETWEEN_PAUSES = 64; // keys

export async function verifyElectorates(log: LogState, entry: Entry, pause: Pause): Promise<void> {
  if (is(entry, "electorate")) await verifyElectorate(log, entry, pause);
  else if (is(entry, "credential.replaced")) verifyReplacement(log, entry);
}

async function verifyElectorate(log: LogState, { data }: Entry<"electorate">, pause: Pause): Promise<void> {
  const { id, size, root, blob, signature } = data;
  refuse(!log.electorates.has(id), `electorate ${id}: logged a second time`);
  verify(log.opening.registrar.key, H("es1/electorate", log.logId, utf8(id), u64(size), root), signature, `electorate ${id}`);
  const raw = await blobOf(log.files, blob);
  refuse(raw.length === size * KEY, `electorate ${id}: ${raw.length} bytes for ${size} keys`);
  const tree = new Frontier();
  const keys = new Set<string>();
  let before: Bytes = new Uint8Array(0);
  for (let at = 0; at < raw.length; at += KEY) {
    const key = raw.slice(at, at + KEY);
    refuse(compare(before, key) < 0, `electorate ${id}: keys not strictly ascending`);
    checkKey(key, `electorate ${id}`);
    tree.append(leafHash(key));
    keys.add(hex(key));
    before = key;
    if (keys.size % BETWEEN_PAUSES === 0) await pause(log.size, log.size);
  }
  refuse(equal(tree.root(), root), `electorate ${id}: another root than that of its keys`);
  log.electorates.set(id, { size, root, blob, keys });
}

function verifyReplacement(log: LogState, { data }: Entry<"credential.replaced">): void {
  const [old, next] = [hex(data.old), hex(data.new)];
  checkKey(data.new, "credential.replaced: new");
  verify(log.opening.registrar.key, H("es1/credential-replaced", log.logId, data.old, data.new, utf8(data.reason)), data.signature, "credential.replaced");
  refuse(!log.replacedBy.has(old), "credential.replaced: the old credential was replaced before");
  refuse(old !== next && !log.replacedBy.has(next) && !log.replaces.has(next), "credential.replaced: the new credential was in use before");
  log.replacedBy.set(old, next);
  log.replaces.set(next, old);
}

/** Whether the credential ends its chain of replacements, and the chain begins or passes in the electorate. */
export function isEntitled(log: LogState, { keys }: Electorate, credential: string): boolean {
  if (log.replacedBy.has(credential)) return false;
  for (let link: string | undefined = credential; link !== undefined; link = log.replaces.get(link)) if (keys.has(link)) return true;
  return false;
}
