// A49: whatever a voter taps, and whatever the service answers, a ballot that was opened is never cast and one that was
// cast is never opened; and until the choice between the two, the service sees the same bytes. The session is the real
// one, at a contest with a single option; the service answers from this file.

import assert from "node:assert/strict";
import test from "node:test";
import { library as lib } from "./library.mjs";

/** 10,000 where there is time (tests/booth/test_bundle.py, marked slow) */
const PATHS = Number(process.env.PATHS ?? 500);
const LENGTH = 5;

/** A small generator with a seed, so that a failing path can be run again. */
function seeded(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) | 0;
    return (state ^ (state >>> 14)) >>> 0;
  };
  return (size) => Uint8Array.from({ length: size }, () => (next() >>> 8) & 255);
}

const receiptKey = lib.freshKey(lib.systemRandom);
const tokenKey = lib.freshKey(lib.systemRandom);
const joint = lib.multiply(lib.GENERATOR, 77n);
const contest = {
  contest: "only", position: null, poll: 1, min: 0, max: 1, weights: [1], options: [{ id: "yes", name: { en: "Yes" }, blank: false }],
  context: new Uint8Array(32).fill(1), jointKey: joint, joint_key: lib.encodePoint(joint), recovery: false,
};
const logId = new Uint8Array(32).fill(2);

/** A session that has logged in and holds a token; `cast` says what the service does with casts, one after the other. */
function prepare(random, outcomes) {
  const requests = [];
  const fetch = async (path, { body }) => {
    requests.push(`${path} ${Buffer.from(body ?? "")}`);
    const outcome = outcomes.shift() ?? "receipt";
    if (outcome === "lost") throw new TypeError("lost");
    if (outcome === "refused") return new Response('{"code":"poll-not-open"}', { status: 409 });
    const tracker = lib.trackerOf(lib.encode(JSON.parse(Buffer.from(body)).body));
    const message = lib.H("es1/receipt", logId, contest.context, outcome === "lie" ? logId : tracker);
    const signature = lib.schnorr.sign(receiptKey.secret, message, new Uint8Array(32));
    return new Response(lib.encode({ tracker: lib.b64(tracker), signature: lib.b64(signature) }));
  };
  const api = new lib.Api("union", fetch, async () => undefined);
  const session = new lib.Session({ election: "union", seed: new Uint8Array(32), logPrefix: new Uint8Array(16) }, "host/union", api, random);
  session.evidence = { view: { logId, opened: { receipt_key: receiptKey.key } }, contests: [] };
  const voting = new lib.Voting({ contest, closes: null, issued: null }, { names: {}, block: "" }, { poll: 1, state: "open", opens: null, closes: null });
  voting.token = { ...tokenKey, prepared: new Uint8Array(64), sig: new Uint8Array(128) };
  session.votings = [voting];
  return { session, voting, requests };
}

const trackersOf = (requests) => requests.map((request) => lib.hex(lib.trackerOf(lib.encode(JSON.parse(request.slice(request.indexOf("{"))).body))));

test("no path opens a ballot and then casts it, or casts one and then opens it (A49)", { timeout: 600_000 }, async () => {
  const seen = new Map();
  for (let path = 0; path < PATHS; path++) {
    const choose = seeded(path);
    const pick = (items) => items[choose(1)[0] % items.length];
    const outcomes = Array.from({ length: 8 }, () => pick(["receipt", "receipt", "lost", "refused", "lie"]));
    const { session, voting, requests } = prepare(lib.systemRandom, outcomes);
    const [opened, taken] = [new Set(), []];
    let pending = Promise.resolve();
    for (let step = 0; step < LENGTH; step++) {
      const act = pick(["seal", "seal other", "audit", "cast", "cast", "castAll", "cast without waiting"]);
      taken.push(act);
      if (act.startsWith("seal")) await session.seal(voting, [act === "seal"]);
      if (act === "cast") await session.cast(voting);
      if (act === "castAll") await session.castAll();
      if (act === "cast without waiting") pending = session.cast(voting);
      if (act === "audit") {
        const { envelope } = voting;
        const before = requests.length;
        try {
          const revealed = session.audit(voting);
          opened.add(lib.hex(envelope.tracker));
          const body = await lib.makeBody(contest, revealed.vote.map(Boolean), revealed.seed, revealed.owner);
          assert.deepEqual(lib.trackerOf(lib.encode(body)), envelope.tracker, "what is revealed is what was sealed");
          assert.throws(() => envelope.request(voting.token, lib.systemRandom), lib.InternalError);
          assert.equal(voting.envelope, null);
          assert.notEqual(voting.token, null, "the token is kept");
        } catch (error) {
          assert.ok(error instanceof lib.InternalError, `${path}: ${error.stack}`);
        }
        assert.equal(requests.length, before, "the service is told nothing of an audit");
      }
      seen.set(voting.state, (seen.get(voting.state) ?? 0) + 1);
    }
    await pending;
    const sent = trackersOf(requests);
    assert.ok(sent.every((tracker) => !opened.has(tracker)), `path ${path}: ${taken}: an opened ballot was cast`);
    assert.ok(new Set(sent).size <= 1, `path ${path}: ${taken}: two ballots were sent for one token`);
    assert.ok(new Set(requests).size <= 1, `path ${path}: ${taken}: the same ballot in other bytes`);
    if (sent.length && voting.envelope) assert.throws(() => session.audit(voting), lib.InternalError);
  }
  assert.deepEqual([...seen.keys()].sort(), ["cast", "casting", "issued", "sealed"]);
});

test("s, t and the vote are erased when a ballot is opened, and before the cast request exists", async () => {
  for (const fate of ["open", "cast"]) {
    const { session, voting } = prepare(lib.systemRandom, ["lost", "lost", "lost"]);
    await session.seal(voting, [true]);
    const { envelope } = voting;
    const [s, t] = [envelope.s, envelope.t];
    assert.ok(s.some(Boolean) && t.some(Boolean));
    if (fate === "open") session.audit(voting);
    else await session.cast(voting);
    assert.ok(!s.some(Boolean) && !t.some(Boolean));
    assert.deepEqual(envelope.vote, []);
  }
});

test("a ballot sealed after an audit has another s, t and tracker, under the same token", async () => {
  const { session, voting } = prepare(lib.systemRandom, []);
  const [trackers, seeds, owners] = [new Set(), new Set(), new Set()];
  for (let i = 0; i < 20; i++) {
    await session.seal(voting, [true]);
    trackers.add(lib.hex(voting.envelope.tracker));
    const { seed, owner } = session.audit(voting);
    seeds.add(lib.hex(seed));
    owners.add(lib.hex(owner));
  }
  assert.deepEqual([trackers.size, seeds.size, owners.size], [20, 20, 20]);
});

test("a second tap on the same choice leaves the tracking code that is on the screen", async () => {
  const { session, voting } = prepare(lib.systemRandom, []);
  await Promise.all([session.seal(voting, [true]), session.seal(voting, [true])]);
  const { tracker } = voting.envelope;
  await session.seal(voting, [true]);
  assert.equal(voting.envelope.tracker, tracker);
  await session.seal(voting, [false]);
  assert.notDeepEqual(voting.envelope.tracker, tracker);
});

test("two taps on cast send one ballot once", async () => {
  const { session, voting, requests } = prepare(lib.systemRandom, []);
  await session.seal(voting, [true]);
  await Promise.all([session.castAll(), session.castAll(), session.cast(voting)]);
  assert.equal(requests.length, 1);
  assert.equal(voting.state, "cast");
});

test("voters with the same choice and the same stuck randomness get different tracking codes (A46)", async () => {
  const trackers = [];
  for (let i = 0; i < 2; i++) {
    const { session, voting } = prepare((size) => new Uint8Array(size).fill(5), []);
    voting.token = { ...voting.token, ...lib.freshKey(lib.systemRandom) };
    await session.seal(voting, [true]);
    trackers.push(lib.hex(voting.envelope.tracker));
  }
  assert.notEqual(trackers[0], trackers[1]);
});
