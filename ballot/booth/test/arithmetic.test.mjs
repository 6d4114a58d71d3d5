// The booth's own group, hash and note signatures against libraries that others wrote and audited.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import test from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { library as lib } from "./library.mjs";

const Oracle = secp256k1.Point;
const scalar = () => lib.modq(lib.toNumber(lib.systemRandom(40)));
const oracleOf = (point) => (point.is0() ? Oracle.ZERO : Oracle.fromAffine(point.toAffine()));
const same = (point, expected) => assert.ok(oracleOf(point).equals(expected));

test("sums of points are those of @noble/curves, the identity, doubling and opposites included", () => {
  const G = lib.GENERATOR;
  const points = [lib.IDENTITY, G, G.negate(), G.add(G), ...Array.from({ length: 12 }, () => lib.multiply(G, scalar()))];
  for (const p of points) {
    same(p.negate(), oracleOf(p).negate());
    for (const q of points) {
      same(p.add(q), oracleOf(p).add(oracleOf(q)));
      same(p.subtract(q), oracleOf(p).subtract(oracleOf(q)));
      assert.equal(p.equals(q), oracleOf(p).equals(oracleOf(q)));
    }
    assert.ok(p.subtract(p).is0());
    assert.ok(p.add(p.negate()).add(p).equals(p));
  }
});

test("multiples are those of @noble/curves, at the ends of the range as well", () => {
  const Y = lib.multiply(lib.GENERATOR, scalar());
  const ends = [1n, 2n, 3n, 31n, 32n, 33n, lib.ORDER - 1n, lib.ORDER - 2n, lib.ORDER / 2n, 2n ** 255n, 2n ** 128n];
  for (const k of [...ends, ...Array.from({ length: 40 }, scalar)]) {
    for (const point of [lib.GENERATOR, Y]) {
      const expected = oracleOf(point).multiplyUnsafe(k);
      same(lib.multiply(point, k), expected);
      same(lib.multiplyPublic(point, k), expected);
    }
    same(lib.difference(k, lib.GENERATOR, 5n, Y), Oracle.BASE.multiplyUnsafe(k).subtract(oracleOf(Y).multiplyUnsafe(5n)));
  }
  assert.ok(lib.multiplyPublic(Y, 0n).is0());
  assert.ok(lib.multiplyPublic(Y, lib.ORDER).is0());
  same(lib.small(31), Oracle.BASE.multiplyUnsafe(31n));
});

test("a table made in pieces gives the same multiples, and one that is asked for too early is finished first", async () => {
  const Y = lib.multiply(lib.GENERATOR, scalar());
  let pauses = 0;
  await lib.warm(Y, async () => {
    if (pauses++ === 0) same(lib.multiply(Y, 12345n), oracleOf(Y).multiplyUnsafe(12345n));
  });
  assert.ok(pauses >= 1);
  const k = scalar();
  same(lib.multiply(Y, k), oracleOf(Y).multiplyUnsafe(k));
});

test("points are encoded and decoded as by @noble/curves, and nothing else is decoded (A05)", () => {
  for (let i = 0; i < 300; i++) {
    const raw = lib.concat(Uint8Array.of(2 + (i & 1)), lib.systemRandom(32));
    let expected = null;
    try {
      expected = Oracle.fromBytes(raw);
    } catch {
      assert.throws(() => lib.decodePoint(raw, "test"), lib.DataError);
      continue;
    }
    same(lib.decodePoint(raw, "test"), expected);
    assert.deepEqual(lib.encodePoint(lib.decodePoint(raw, "test")), raw);
  }
  const x = (value) => lib.concat(Uint8Array.of(2), lib.fromNumber(value, 32));
  const inside = lib.encodePoint(lib.GENERATOR);
  const beyond = [x(lib.FIELD), x(lib.FIELD + 1n), x(2n ** 256n - 1n), x(0n), inside.slice(1), lib.concat(inside, inside)];
  for (const raw of [...beyond, new Uint8Array(33), Oracle.BASE.toBytes(false)]) {
    assert.throws(() => lib.decodePoint(raw, "test"), lib.DataError);
  }
});

test("SHA-256 of every length up to four blocks, and of a long text, is Node's", () => {
  for (const size of [...Array(260).keys(), 100_000]) {
    const raw = new Uint8Array(randomBytes(size));
    assert.equal(lib.hex(lib.sha256(raw)), createHash("sha256").update(raw).digest("hex"));
  }
});

test("the constants of SHA-256 are far from where an engine's roots could round otherwise", () => {
  const primes = [...Array(312).keys()].filter((n) => n > 1 && [2, 3, 5, 7, 11, 13, 17].every((d) => n === d || n % d));
  assert.equal(primes.length, 64);
  for (const root of [...primes.map(Math.cbrt), ...primes.slice(0, 8).map(Math.sqrt)]) {
    const rest = ((root % 1) * 2 ** 32) % 1;
    assert.ok(Math.min(rest, 1 - rest) > 1e-4, `${root}: engines differ by less than 1e-5 there`);
  }
});

test("signatures of notes: Node's and @noble's are accepted, altered ones and other encodings are not (A14)", async () => {
  const accepts = (key, message, signature) =>
    lib.verifyEd25519(key, message, signature, "test").then(() => true, (error) => {
      assert.ok(error instanceof lib.DataError);
      return false;
    });
  for (let i = 0; i < 12; i++) {
    const pair = generateKeyPairSync("ed25519");
    const key = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32));
    const message = new Uint8Array(randomBytes(i));
    const signature = new Uint8Array(sign(null, message, pair.privateKey));
    assert.ok(ed25519.verify(signature, message, key) && (await accepts(key, message, signature)));
    for (const at of [0, 31, 32, 63]) {
      const altered = signature.slice();
      altered[at] ^= 1 << i % 8;
      assert.equal(await accepts(key, message, altered), false);
    }
    const s = lib.toNumber(signature.slice(32).reverse()) + 2n ** 252n + 27742317777372353535851937790883648493n;
    assert.equal(await accepts(key, message, lib.concat(signature.slice(0, 32), lib.fromNumber(s, 32).reverse())), false);
  }
  const order = ed25519.Point.Fn.ORDER;
  const small = ["00".repeat(32), "01" + "00".repeat(31), "ec" + "ff".repeat(30) + "7f", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"];
  for (const text of small) {
    const key = new Uint8Array(Buffer.from(text, "hex"));
    assert.equal(await accepts(key, new Uint8Array(3), lib.concat(key, new Uint8Array(32))), false);
  }
  // a key outside the prime-order subgroup, its signature right by the equation without cofactor
  const torsion = ed25519.Point.fromBytes(new Uint8Array(Buffer.from(small[3], "hex")));
  for (let i = 1n; i < 40n; i++) {
    const mixed = ed25519.Point.BASE.multiply(i).add(torsion);
    const r = ed25519.Point.BASE.multiply(7n);
    const hash = createHash("sha512").update(r.toBytes()).update(mixed.toBytes()).digest().reverse();
    const k = BigInt(`0x${hash.toString("hex")}`) % order;
    if (k % 8n !== 0n) continue;
    const s = (7n + k * i) % order;
    const signature = lib.concat(r.toBytes(), lib.fromNumber(s, 32).reverse());
    assert.equal(await accepts(mixed.toBytes(), new Uint8Array(0), signature), false);
    return;
  }
  assert.fail("no k was a multiple of 8");
});
