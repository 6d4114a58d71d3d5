// The booth as a process that speaks JSON lines, so that Python tests can hold both readings of the protocol against each
// other. In: {"id", "op", …}. Out: {"id", "ok"} or {"id", "error": {"code", "message", "data"}}. Bytes are hex.
// The op "session" runs the voter's session; every request that it makes goes out as {"fetch", …} and is answered by the
// test with {"fetch", "status", "body" in Base64} or {"fetch", "lost": true}.

import { createInterface } from "node:readline";
import { library as lib, load } from "./library.mjs";

const hex = (raw) => Buffer.from(raw).toString("hex");
const raw = (text) => new Uint8Array(Buffer.from(text, "hex"));
const put = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const marks = (vote) => vote.map(Boolean);

/** Bytes from a seed, the same as tests/simulated/randomness.py. */
function seeded(seed) {
  let counter = 0;
  return (size) => {
    const parts = [];
    for (let made = 0; made < size; made += 32) parts.push(lib.digest(lib.utf8(`${seed}/${counter++}`)));
    return lib.concat(...parts).slice(0, size);
  };
}

const contests = new Map();
const contestOf = ({ contest, rehearsal }) => {
  if (!contests.has(contest)) contests.set(contest, lib.loadContest(lib.utf8(contest), rehearsal ?? true));
  return contests.get(contest);
};

const voterOf = async ({ seed, election }) => ({ seed: raw(seed), credential: await lib.credential(raw(seed), election) });

const ops = {
  tags: () => lib.TAGS,
  hash: ({ tag, parts }) => hex(lib.H(tag, ...parts.map(raw))),
  scalar: ({ tag, parts }) => hex(lib.encodeScalar(lib.Hq(tag, ...parts.map(raw)))),
  short_code: ({ bytes }) => lib.shortCode(raw(bytes)),
  credential: async ({ seed, election }) => {
    const pair = await lib.credential(raw(seed), election);
    return { secret: hex(pair.secret), key: hex(pair.key) };
  },
  link: ({ pathname, fragment }) => {
    const { election, seed, logPrefix } = lib.parseLink(lib.electionOf(pathname), fragment);
    return { election, seed: hex(seed), prefix: hex(logPrefix) };
  },
  /** Whether each document is canonical JSON; a list of booleans. */
  decode: ({ documents }) => documents.map((document) => accepts(() => lib.decode(raw(document)))),
  unb64: ({ texts }) => texts.map((text) => accepts(() => lib.unb64(text, null, "test"))),
  encode: ({ value }) => hex(lib.encode(value)),
  points: ({ points }) => points.map((point) => accepts(() => lib.decodePoint(raw(point), "test"))),
  scalars: ({ scalars }) => scalars.map((scalar) => accepts(() => lib.decodeScalar(raw(scalar), "test"))),
  schnorr_sign: ({ secret, message, aux }) => hex(lib.schnorr.sign(raw(secret), raw(message), raw(aux))),
  schnorr_public: ({ secret }) => hex(lib.schnorr.publicKey(raw(secret))),
  schnorr_verify: ({ key, message, signature }) =>
    accepts(() => lib.schnorr.verify(raw(key), raw(message), raw(signature), "test")),
  ed25519_verify: ({ cases }) =>
    Promise.all(cases.map(({ key, message, signature }) => fulfils(lib.verifyEd25519(raw(key), raw(message), raw(signature), "test")))),
  contest: (request) => hex(contestOf(request).context),
  blind: async ({ modulus, prepared, draws }) => {
    const rest = draws.map(raw);
    const result = await lib.blind(raw(modulus), raw(prepared), (size) => expectSize(rest.shift(), size));
    return { blinded: hex(result.blinded), inverse: hex(result.inverse) };
  },
  prepare: ({ message, prefix }) => hex(lib.prepare(raw(message), raw(prefix))),
  finalize: async ({ modulus, prepared, blind_signature, inverse }) =>
    hex(await lib.finalize(raw(modulus), raw(prepared), raw(blind_signature), raw(inverse))),
  verify_token_signature: ({ modulus, prepared, signature }) =>
    fulfils(lib.verifySignature(raw(modulus), raw(prepared), raw(signature))),
  check_modulus: ({ modulus, rehearsal }) => lib.checkModulus(raw(modulus), rehearsal),
  /** body and challenge of a vote, from (w, v, s) */
  make_body: async (request) => {
    const contest = contestOf(request);
    const body = await lib.makeBody(contest, marks(request.vote), raw(request.s), raw(request.owner));
    const bytes = lib.encode(body);
    const challenge = lib.verifyBody(contest, lib.bodyShape(lib.decode(bytes), "body"));
    return { body: hex(bytes), tracker: hex(lib.trackerOf(bytes)), challenge: hex(lib.encodeScalar(challenge)) };
  },
  /** the bytes of a cast request */
  make_ballot: async (request) => {
    const contest = contestOf(request);
    const { secret, prepared, sig } = request.token;
    const token = { secret: raw(secret), key: lib.schnorr.publicKey(raw(secret)), prepared: raw(prepared), sig: raw(sig) };
    const owner = lib.ownerOf(token.key, raw(request.t));
    const body = await lib.makeBody(contest, marks(request.vote), raw(request.s), owner);
    return hex(lib.castRequest(contest.context, body, token, raw(request.t), raw(request.aux)));
  },
  verify: async (request) => {
    const { tracker, challenge } = await lib.verifyRequest(contestOf(request), raw(request.request));
    return { tracker: hex(tracker), challenge: hex(lib.encodeScalar(challenge)) };
  },
  /** how often encryption drew again, when the first draws are made degenerate */
  unlucky: async (request) => {
    const contest = contestOf(request);
    const owner = new Uint8Array(32);
    const vote = marks(request.vote);
    const verdicts = [];
    for (const [label, value] of Object.entries(request.coins)) {
      const coin = lib.coinOf(raw(request.s), contest.context, owner, vote);
      const forced = async (name) => (name === label ? BigInt(value) : coin(name));
      verdicts.push(await failure(lib.makeBody(contest, vote, raw(request.s), owner, lib.noPause, forced)));
    }
    let draws = 0;
    const drawS = async () => (draws++ < 2 ? Promise.reject(new lib.UnluckyDraw("forced")) : raw(request.s));
    await lib.encryptVote(contest, vote, owner, drawS);
    return { verdicts, draws };
  },
  token_request: async (request) => {
    const made = await lib.makeTokenRequest(contestOf(request), await voterOf(request), seeded(request.random));
    return hex(made.bytes);
  },
  resume: async (request) => {
    const issued = { blinded: raw(request.blinded), recovery: raw(request.recovery), blind_signature: raw(request.blind_signature) };
    const token = await lib.resumeToken(contestOf(request), await voterOf(request), issued);
    return { secret: hex(token.secret), sig: hex(token.sig) };
  },
  verify_receipt: ({ key, log, context, tracker, answer }) =>
    lib.verifyReceipt(raw(key), raw(log), raw(context), raw(tracker), lib.receiptAnswer(answer, "receipt")),
  verify_refusal: ({ key, log, context, request, code, signature }) =>
    lib.verifyRefusal(raw(key), raw(log), context === null ? null : raw(context), raw(request), code, raw(signature)),
  inclusion: ({ cases }) =>
    cases.map(({ leaf, index, size, proof, root }) =>
      accepts(() => lib.verifyInclusion(raw(leaf), index, size, proof.map(raw), raw(root), "test")),
    ),
  checkpoint: async ({ note, origin, key, witnesses, quorum }) => {
    const policy = { log: { name: origin, key: raw(key) }, witnesses: witnesses.map(({ name, key }) => ({ name, key: raw(key) })), quorum };
    const { size, root } = await lib.verifyCheckpoint(note, policy);
    return { size, root: hex(root) };
  },
  evidence: async ({ view, prefix, election, credential }) => {
    const answer = lib.voterAnswer(view, "voter");
    const evidence = await lib.verifyEvidence(answer, raw(prefix), election, raw(credential), lib.noPause);
    return { contexts: evidence.contests.map(({ contest }) => hex(contest.context)), closes: evidence.contests.map((item) => item.closes) };
  },
  /** a member's new key file, from the draws of a seed */
  new_member: async ({ member, passphrase, random, cost }) => hex(await lib.newMemberKey(member, passphrase, seeded(random), cost)),
  read_member: ({ file }) => {
    const { member, key } = lib.readMember(raw(file));
    return { member, key: hex(key) };
  },
  open_member: async ({ file, passphrase }) => hex((await lib.openMemberKey(raw(file), passphrase)).secret),
  /** the message that a member signs, and the approval */
  approve: async ({ file, passphrase, log, kind, unsigned, random }) => {
    const key = await lib.openMemberKey(raw(file), passphrase);
    const approval = lib.makeApproval(raw(log), kind, raw(unsigned), key, seeded(random));
    return { approval, message: hex(lib.approvalMessage(raw(log), kind, raw(unsigned))) };
  },
  session: runSession,
  steps: runSteps,
  /** the modules of a QR code, row by row; null where the text is too long for one */
  qr: async ({ text }) => {
    const { qr } = await load("qr", `export { qr } from "./src/page/qr.ts";`);
    return qr(text)?.map((row) => row.map(Number)) ?? null;
  },
  title: ({ contest, position, names }) => lib.titleOf({ contest, position }, new Map(Object.entries(names))),
};

function accepts(act) {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof lib.DataError) return false;
    throw error; // a crash is no verdict
  }
}

const fulfils = (promise) => failure(promise).then((error) => error === null);

const failure = (promise) =>
  promise.then(
    () => null,
    (error) => {
      if (error instanceof lib.BoothError) return error.message;
      throw error;
    },
  );

function expectSize(part, size) {
  if (part?.length !== size) throw new Error(`expected a draw of ${size} bytes, got ${part?.length}`);
  return part;
}

// -- the voter's session against a service that the test plays -----------------------------------------------------------

let fetches = 0;
const answers = new Map();

/** `fetch`, answered by the test. */
function fetchByTest(path, options) {
  const number = ++fetches;
  const { method, headers, body, credentials, referrerPolicy } = options;
  put({ fetch: number, path, method, headers: headers ?? {}, body: body ? Buffer.from(body).toString() : null, credentials, referrer: referrerPolicy });
  return new Promise((resolve, reject) => answers.set(number, { resolve, reject }));
}

function answerFetch({ fetch: number, status, body, headers, lost }) {
  const { resolve, reject } = answers.get(number);
  answers.delete(number);
  if (lost) reject(new TypeError("connection lost"));
  else resolve(new Response(Buffer.from(body, "base64"), { status, headers: headers ?? {} }));
}

/** Login, load, then the steps "castAll" again and again until `rounds` are done; what became of every contest. */
async function runSession({ link, origin, code, votes, random, rounds }) {
  const { pathname, hash } = new URL(link);
  const parsed = lib.parseLink(lib.electionOf(pathname), hash);
  const api = new lib.Api(parsed.election, fetchByTest, async () => undefined);
  const session = new lib.Session(parsed, origin, api, seeded(random));
  await session.open();
  await session.login(code);
  await session.load();
  const history = [];
  for (let round = 0; round < rounds; round++) {
    const chosen = new Map();
    for (const voting of session.votings) {
      const vote = votes[voting.contest.contest];
      if (vote && !voting.tracker && (round > 0 || !voting.problem)) chosen.set(voting, marks(vote));
    }
    for (const [voting, vote] of chosen) await session.seal(voting, vote);
    await session.castAll();
    history.push(Object.fromEntries(session.votings.map((voting) => [voting.contest.contest, stateOf(voting)])));
  }
  return history;
}

/** A session, step by step; for each step what came of it, and every contest's state after it. */
async function runSteps({ link, origin, random, steps }) {
  const { pathname, hash } = new URL(link);
  const election = lib.electionOf(pathname);
  const api = new lib.Api(election, fetchByTest, async () => undefined);
  const draws = seeded(random);
  const session = hash === lib.TEST ? new lib.TestSession(election, api, draws) : new lib.Session(lib.parseLink(lib.electionOf(pathname), hash), origin, api, draws);
  const named = (name) => session.votings.find((voting) => voting.contest.contest === name);
  const acts = {
    open: () => session.open(),
    login: (code) => session.login(code),
    new_code: () => session.login(null, true),
    load: () => session.load(),
    seal: (name, vote) => session.seal(named(name), marks(vote)),
    audit: (name) => asJson(session.audit(named(name))),
    cast: (name) => session.cast(named(name)),
    cast_all: () => session.castAll(),
    complain: (poll, text) => new lib.ComplaintApi(election, fetchByTest, async () => undefined).complain(lib.parseLink(election, hash), poll, text, draws),
    profiles: (name) => session.profiles(named(name)),
    forget: () => session.forget(),
    facts: () => ({ rehearsal: session.rehearsal, unsent: session.unsent, test: session.test }),
  };
  const history = [];
  for (const [act, ...given] of steps) {
    const result = { ok: null, error: null };
    try {
      result.ok = (await acts[act](...given)) ?? null;
    } catch (error) {
      if (!(error instanceof lib.BoothError)) throw error;
      result.error = error.code;
    }
    const sealed = ({ envelope }) => (envelope ? hex(envelope.tracker) : null);
    const states = session.votings.map((voting) => [voting.contest.contest, { ...stateOf(voting), sealed: sealed(voting), closes: voting.closes }]);
    history.push({ ...result, contests: Object.fromEntries(states) });
  }
  return history;
}

const stateOf = ({ tracker, receipt, problem, token, envelope, evidence, state, title }) => ({
  state,
  title,
  tracker: tracker ? hex(tracker) : null,
  receipt: receipt ? Buffer.from(receipt).toString() : null,
  problem: (problem ?? null) && { code: problem.code, message: problem.message, uncertain: problem.uncertain ?? false },
  token: !!token,
  envelope: envelope?.sent ? Buffer.from(envelope.sent).toString() : null,
  evidence: asJson(evidence ?? null),
});

/** What is encoded of a value that may hold bytes. */
const asJson = (value) => JSON.parse(Buffer.from(lib.encode(value)));

async function handle({ id, op, ...request }) {
  try {
    put({ id, ok: (await ops[op](request)) ?? null });
  } catch (error) {
    const data = error instanceof lib.BoothError;
    put({ id, error: { code: data ? error.code : "crash", message: data ? error.message : String(error.stack), data } });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if ("fetch" in message) answerFetch(message);
  else void handle(message);
}
