// What the booth checks before it blinds anything (protocol §5): the contest is in the log that the link pins, its poll
// was opened with it, its joint key is the one that all trustees confirmed, and this voter is in its electorate.

import { areDistinct, type Bytes, equal, u64, utf8 } from "./bytes.ts";
import { encode, type Json } from "./canonical.ts";
import { confirmedJointKey } from "./ceremony.ts";
import { approvedShape, verifyActs } from "./committee.ts";
import { type Contest, loadContest } from "./contest.ts";
import { IDENTITY, type Point } from "./curve.ts";
import type { Pause } from "./encryption.ts";
import { check } from "./errors.ts";
import { entriesOf, type LogView, type ProvenEntry, provenEntry, verifyLog, WRONG_LOG } from "./log.ts";
import { leafHash, verifyInclusion } from "./merkle.ts";
import { verify } from "./schnorr.ts";
import { answer, array, bytes, id, natural, nullable, object, type Shaped, text } from "./schema.ts";
import { H } from "./transcript.ts";

/** A token request as the service keeps it. */
export const issuedShape = answer({ blinded: bytes(null), recovery: nullable(bytes(null)), blind_signature: bytes(null) });

const place = answer({
  seq: natural(),
  electorate_seq: natural(),
  leaf: bytes(32),
  index: natural(),
  membership: array(bytes(32)),
  issued: nullable(issuedShape),
});

/** Answer of GET /contests/…/evidence. */
export const contestAnswer = answer({ checkpoint: text, entries: array(provenEntry), seq: natural(), electorate_seq: natural() });

/** Answer of GET /voter. */
export const voterAnswer = answer({ checkpoint: text, entries: array(provenEntry), contests: array(place) });

type Place = Shaped<typeof place>;
type Listed = Pick<Place, "seq" | "electorate_seq">;

const constitutionShape = object({ ...approvedShape, blob: text });
const pollShape = object({ ...approvedShape, poll: natural(1), contexts: array(bytes(32), 1), closes: text });
const electorateShape = object({ ...approvedShape, id, size: natural(1), root: bytes(32), blob: text, signature: bytes(64) });
const replacedShape = object({ ...approvedShape, old: bytes(32), new: bytes(32), reason: text, signature: bytes(64) });

/** A contest with every claim about it checked. */
export interface CheckedContest {
  readonly contest: Contest;
  /** as of the opening; null in the test mode before it */
  readonly closes: string | null;
  readonly issued: Shaped<typeof issuedShape> | null;
}

export interface Evidence {
  readonly view: LogView;
  /** SHA-256, in hex, of the constitution's file */
  readonly constitution: string;
  readonly contests: readonly CheckedContest[];
}

/**
 * Throws DataError where any link of the chain is missing; then nothing is shown and nothing is blinded. In the test mode
 * there is no voter (`credential` null), and the poll need not be open.
 */
export async function verifyEvidence(
  answer: { readonly checkpoint: string; readonly entries: readonly ProvenEntry[]; readonly contests: readonly (Listed | Place)[] },
  logPrefix: Bytes,
  election: string,
  credential: Bytes | null,
  pause: Pause,
): Promise<Evidence> {
  const view = await verifyLog(answer.checkpoint, answer.entries, logPrefix, election);
  await verifyActs(view, pause);
  const constitution = loggedConstitution(view);
  const contests: CheckedContest[] = [];
  const jointKey = answer.contests.length ? await confirmedJointKey(view, pause) : IDENTITY;
  for (const item of answer.contests) {
    const contest = loggedContest(view, item.seq, jointKey);
    const closes = openedUntil(view, item.seq, contest);
    verifyElectorate(view, contest, item.electorate_seq);
    if (credential) {
      check(closes !== null, contest.contest, "not-opened");
      verifyMembership(view, contest, item as Place, credential);
    }
    contests.push({ contest, closes, issued: credential && (item as Place).issued });
    await pause(contests.length, answer.contests.length);
  }
  check(areDistinct(contests.map(({ contest }) => `${contest.poll}/${contest.contest}`)), "contests");
  return { view, constitution, contests };
}

/** The one constitution of the log. */
function loggedConstitution(view: LogView): string {
  const [entry, second] = entriesOf(view, "constitution", constitutionShape);
  check(entry && !second, "constitution");
  return entry.data.blob;
}

/** The contest document logged as entry `seq`, of this log and election, encrypted to the confirmed joint key. */
function loggedContest(view: LogView, seq: number, jointKey: Point): Contest {
  const entry = view.entries.find((candidate) => candidate.seq === seq && candidate.kind === "contest");
  check(entry, `contest ${seq}`);
  const contest = loadContest(encode(entry.data as Json), view.opened.rehearsal);
  check(equal(contest.log, view.logId) && contest.election === view.opened.election, "contest", WRONG_LOG);
  check(contest.jointKey.equals(jointKey), "contest", "joint-key");
  return { ...contest, jointKey }; // one object for all contests, so that they share its table
}

/** A `poll.opened` lists this context, after the contest was logged; gives the closing time, null where none does. */
function openedUntil(view: LogView, seq: number, contest: Contest): string | null {
  const opening = entriesOf(view, "poll.opened", pollShape).find(
    ({ seq: at, data }) => data.poll === contest.poll && at > seq && data.contexts.some((context) => equal(context, contest.context)),
  );
  return opening?.data.closes ?? null;
}

/** The electorate that the contest names, signed by the registrar. */
function verifyElectorate(view: LogView, contest: Contest, at: number): void {
  const entry = entriesOf(view, "electorate", electorateShape).find(({ seq }) => seq === at);
  check(entry, "electorate");
  const { id: name, size, root, signature } = entry.data;
  check(name === contest.electorate && size === contest.size && equal(root, contest.root), contest.electorate);
  verify(view.opened.registrar.key, H("es1/electorate", view.logId, utf8(name), u64(size), root), signature, contest.electorate);
}

/** The leaf is in the contest's electorate, and the credential is what the leaf was replaced by, if it was. */
function verifyMembership(view: LogView, contest: Contest, item: Place, credential: Bytes): void {
  verifyInclusion(leafHash(item.leaf), item.index, contest.size, item.membership, contest.root, contest.electorate);
  let current = item.leaf;
  for (const { data } of entriesOf(view, "credential.replaced", replacedShape)) {
    if (!equal(data.old, current)) continue;
    const message = H("es1/credential-replaced", view.logId, data.old, data.new, utf8(data.reason));
    verify(view.opened.registrar.key, message, data.signature, "credential.replaced");
    current = data.new;
  }
  check(equal(current, credential), contest.electorate, "not-eligible");
}
