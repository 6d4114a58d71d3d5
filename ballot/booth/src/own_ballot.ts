// A device whose token was spent looks for its ballot (protocol §5). The service's list says where, and nothing more: the
// booth reads the entry, proves it to be in the log, and computes the code itself. What a list or another screen shows may
// be a stranger's ballot (A46).

import type { ListedBallot } from "./api.ts";
import { ballotShape, ownerOf, trackerOf } from "./ballot.ts";
import { b64 } from "./base64url.ts";
import { type Bytes, equal, fromUtf8 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { check } from "./errors.ts";
import { type LogOpened, readCheckpoint, readProven } from "./log.ts";
import { verify } from "./schnorr.ts";
import { type ReadFile, Tiles, WIDTH } from "./tiles.ts";
import { H } from "./transcript.ts";

const CROWD = 64; // ballots, or all of the contest: among so many the service cannot tell which one is looked up

/** The tracker of the ballot that this token key cast; null where the list has none. DataError if the log does not bear it out. */
export async function ownTracker(
  read: ReadFile,
  opened: LogOpened,
  ballots: readonly ListedBallot[],
  context: Bytes,
  key: Bytes,
): Promise<Bytes | null> {
  const own = ballots.findIndex((ballot) => equal(ballot.key, key));
  if (own < 0) return null;
  const checkpoint = await readCheckpoint(fromUtf8(await read("checkpoint")), opened);
  const tiles = new Tiles(read, checkpoint.size);
  // 1. whole bundles: all that hold the ballots of a crowd, an equal part of the list, with their proofs
  const crowds = Math.max(1, Math.floor(ballots.length / CROWD));
  const crowdOf = (place: number): number => Math.floor((place * crowds) / ballots.length);
  const { seq } = ballots[own]!;
  const crowd = ballots.filter((_, i) => crowdOf(i) === crowdOf(own));
  const places = new Map([...crowd, ballots[own]!].map(({ seq }) => [Math.floor(seq / WIDTH), seq])); // one of each bundle
  const entries = [];
  for (const at of places.values()) {
    check(at < checkpoint.size, `entry ${at}`, "not-published");
    entries.push(readProven({ seq: at, entry: await tiles.entry(at), proof: await tiles.inclusion(at) }, checkpoint));
  }
  // 2. the entry is a ballot of this contest, bound to this token key by w in its body and by the key's signature
  const { kind, data } = entries.find((entry) => entry.seq === seq)!;
  const what = `entry ${seq}`;
  const ballot = ballotShape(data as Json, what);
  const { owner } = ballot.body as { owner?: Json };
  check(kind === "ballot" && equal(ballot.context, context), what, "other-contest");
  check(equal(ballot.token.key, key) && owner === b64(ownerOf(key, ballot.token.t)), what, "other-ballot");
  verify(key, H("es1/cast", encode(ballot.body)), ballot.signature, what);
  // 3. the code
  return trackerOf(encode(ballot.body));
}
