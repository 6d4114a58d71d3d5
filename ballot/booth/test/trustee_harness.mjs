// The trustees' tool as a process that speaks JSON lines (see harness.mjs). Bytes are hex; a trustee's file goes in and out
// as its opened content, so that tests can compare it byte by byte with the command line's.

import { createInterface } from "node:readline";
import { load } from "./library.mjs";

const lib = await load("trustee", `export * from "./src/trustee/library.ts";`);
const hex = (raw) => Buffer.from(raw).toString("hex");
const raw = (text) => new Uint8Array(Buffer.from(text, "hex"));
const put = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Bytes from a seed, the same as tests/keys/trustees.py `Stream`. */
function stream(seed) {
  let count = 0;
  return (size) => {
    const parts = [];
    for (let made = 0; made < size; made += 32) {
      count += 1;
      parts.push(lib.digest(lib.concat(lib.utf8(seed), lib.u64(count))));
    }
    return lib.concat(...parts).slice(0, size);
  };
}

const fileOf = (content) => lib.decode(raw(content));
const contentOf = (file) => hex(lib.contentOf(file));

function ceremonyOf({ log_id, attempt, k, identities, steps }) {
  const ceremony = new lib.Ceremony(new lib.Session(raw(log_id), attempt, k, identities.map(raw)));
  for (const step of steps) ceremony.add(step);
  return ceremony;
}

const ops = {
  new_file: ({ election, random }) => contentOf(lib.newTrusteeFile(election, stream(random))),
  seal: async ({ file, passphrase, random, cost }) => {
    const drawn = stream(random);
    return hex(await lib.sealTrusteeFile(fileOf(file), await lib.makeLock(passphrase, drawn, cost), drawn));
  },
  open: async ({ sealed, passphrase }) => contentOf(await lib.openTrusteeFile(raw(sealed), await lib.lockOf(raw(sealed), "trustee", passphrase))),
  identity: ({ file }) => hex(lib.identityOf(fileOf(file))),
  hpke_seal: async ({ key, info, plaintext, random }) => hex(await lib.hpke.seal(raw(key), raw(info), raw(plaintext), stream(random))),
  hpke_open: async ({ secret, info, sealed }) => hex(await lib.hpke.open(raw(secret), raw(info), raw(sealed))),
  /** whether each X25519 key is taken */
  hpke_keys: ({ keys }) => keys.map((key) => accepts(() => lib.hpke.checkPublicKey(raw(key), "test"))),
  next_step: async ({ file, random, ...rest }) => {
    const advanced = await lib.nextStep(fileOf(file), ceremonyOf(rest), stream(random));
    return { file: contentOf(advanced.file), step: advanced.step };
  },
  /** stage, joint key and Y_l, and who is at fault */
  ceremony: async (request) => {
    const ceremony = ceremonyOf(request);
    const joint = ceremony.stage === "done" ? ceremony.jointKey : null;
    const points = joint && [joint.point, ...joint.shares].map((point) => hex(lib.encodePoint(point)));
    return { stage: ceremony.stage, points, guilty: await ceremony.guilty() };
  },
  canary: ({ file, poll, random, ...rest }) => {
    const data = lib.makeCanary(fileOf(file), raw(rest.log_id), ceremonyOf(rest).jointKey, poll, stream(random));
    lib.verifyCanary(raw(rest.log_id), ceremonyOf(rest).jointKey, lib.canaryShape(data, "canary"));
    return data;
  },
  verify_canary: ({ data, ...rest }) => lib.verifyCanary(raw(rest.log_id), ceremonyOf(rest).jointKey, lib.canaryShape(data, "canary")),
  share: ({ file, sums, random, ...rest }) => {
    const joint = ceremonyOf(rest).jointKey;
    const content = fileOf(file);
    return lib.makeShare(joint.session, sumsOf(sums), content.current.i, lib.secretShareOf(content, joint), lib.signerOf(content), stream(random));
  },
  verify_share: ({ data, sums, ...rest }) => {
    const joint = ceremonyOf(rest).jointKey;
    const share = lib.shareShape(data, "share");
    lib.verifyShareSignature(joint, data, share);
    return lib.verifyDecryptions(joint, sumsOf(sums), share).map((point) => (point.is0() ? null : hex(lib.encodePoint(point))));
  },
};

/** Files of a log, by path, in hex; kept, so that a test may ask about one copy again and again. */
const filesOf = (files) => ({ read: async (path) => (path in files ? raw(files[path]) : null) });

/** The log checked for a trustee's file; what comes of it, and the file afterwards. */
async function checked({ file, files, archive, log_id, receipts }) {
  const source = archive ? new lib.Archive(raw(archive)) : filesOf(files);
  const given = (receipts ?? []).map((text) => lib.receiptOf(lib.utf8(text)));
  return lib.checkLog(fileOf(file), source, log_id ? raw(log_id) : null, given, systemRandom, async () => undefined);
}
const systemRandom = (size) => crypto.getRandomValues(new Uint8Array(size));
const done = ({ file, messages }) => ({ file: contentOf(file), messages });

Object.assign(ops, {
  /** of a log alone: null, or why it is refused */
  verify_log: async ({ files, log_id }) => {
    const log = await lib.verifyLog(filesOf(files), { pinned: log_id ? raw(log_id) : null, seen: null, receipts: [], random: systemRandom, pause: async () => undefined });
    return { size: log.size, root: hex(log.root), notes: log.notes, stages: log.contests.map(({ stage }) => stage), states: log.polls.map(({ state }) => state) };
  },
  check_log: async (request) => contentOf((await checked(request)).file),
  advance: async ({ random, ...request }) => {
    const { file, log } = await checked(request);
    return done(await lib.advance(file, log, stream(random)));
  },
  prove: async ({ random, poll, ...request }) => {
    const { file, log } = await checked(request);
    return done(await lib.prove(file, log, poll, stream(random)));
  },
  decrypt: async ({ random, poll, now, ...request }) => {
    const { file, log } = await checked(request);
    return done(lib.decrypt(file, log, poll, now, stream(random)));
  },
  weighted_sum: async ({ terms }) => {
    const sum = await lib.weightedSum(terms.map(([k, point]) => [BigInt(k), lib.decodePoint(raw(point), "test")]), async () => undefined);
    return sum.is0() ? null : hex(lib.encodePoint(sum));
  },
});

const point = (text) => (text === null ? lib.IDENTITY : lib.decodePoint(raw(text), "sums"));
const sumsOf = ({ context, ballots, pairs }) => ({ context: raw(context), ballots, pairs: pairs.map(([a, b]) => [point(a), point(b)]) });

function accepts(act) {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof lib.DataError) return false;
    throw error; // a crash is no verdict
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...request } = JSON.parse(line);
  try {
    put({ id, ok: (await ops[op](request)) ?? null });
  } catch (error) {
    const data = error instanceof lib.BoothError;
    put({ id, error: { code: data ? error.code : "crash", message: data ? error.message : String(error.stack), data } });
  }
}
