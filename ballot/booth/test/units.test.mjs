// What needs no second program: the shortcut of the prover, the shuffle.

import assert from "node:assert/strict";
import test from "node:test";
import { library as lib } from "./library.mjs";

test("the prover's commitments are the points of the verifier's equations", async () => {
  const Y = lib.multiply(lib.GENERATOR, 12345n);
  const r = 987654321n;
  for (const [plain, values] of [[0, [0, 1]], [1, [0, 1]], [2, [1, 2, 3, 4]]]) {
    const coin = async (label) => lib.Hq("es1/ballot", lib.utf8(label));
    const A = lib.multiply(lib.GENERATOR, r);
    const B = lib.small(plain).add(lib.multiply(Y, r));
    const committed = await lib.commit({ label: "0", r, plain, values }, Y, coin);
    const { c, z } = committed.respond(42n);
    assert.equal(lib.modq(c.reduce((sum, part) => sum + part, 0n)), 42n);
    lib.verifyBranches(A, B, values, Y, { commitments: committed.commitments, c, z }, "test");
    z[0] += 1n;
    assert.throws(() => lib.verifyBranches(A, B, values, Y, { commitments: committed.commitments, c, z }, "test"), lib.DataError);
  }
});

test("the identity is handled, never encoded", () => {
  assert.ok(lib.multiply(lib.GENERATOR, 0n).is0());
  assert.ok(lib.small(0).is0());
  assert.throws(() => lib.encodePoint(lib.IDENTITY), lib.InternalError);
});

test("two ballots under a stuck source of randomness share no A", async () => {
  // A18: the coins depend on the vote, the contest and the owner as well
  const s = new Uint8Array(32);
  const coins = [
    lib.coinOf(s, new Uint8Array(32), new Uint8Array(32), [true, false]),
    lib.coinOf(s, new Uint8Array(32), new Uint8Array(32), [false, true]),
    lib.coinOf(s, new Uint8Array(32).fill(1), new Uint8Array(32), [true, false]),
    lib.coinOf(s, new Uint8Array(32), new Uint8Array(32).fill(1), [true, false]),
  ];
  const drawn = await Promise.all(coins.flatMap((coin) => [coin("r/0"), coin("r/1")]));
  assert.equal(new Set(drawn).size, 8);
});

test("the shuffle reaches every order about equally often", () => {
  const counts = new Map();
  for (let i = 0; i < 6000; i++) {
    const order = lib.shuffled(["a", "b", "c"], lib.systemRandom).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert.ok(count > 800 && count < 1200, String(count));
});
