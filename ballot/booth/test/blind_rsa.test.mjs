// Our RFC 9474 client against another implementation, @cloudflare/blindrsa-ts: what either blinds, the other finalizes.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import test from "node:test";
import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { library as lib } from "./library.mjs";

const suite = RSABSSA.SHA384.PSS.Randomized();
const exponent = Uint8Array.from([1, 0, 1]);

async function keys() {
  const pair = await suite.generateKey({ publicExponent: exponent, modulusLength: 2048 });
  const { n } = await webcrypto.subtle.exportKey("jwk", pair.publicKey);
  return { ...pair, modulus: lib.unb64(n, 256, "modulus") };
}

test("the other implementation signs what we blind, and verifies what we finalize", async () => {
  const { privateKey, publicKey, modulus } = await keys();
  for (let i = 0; i < 5; i++) {
    const prepared = lib.prepare(lib.systemRandom(32), lib.systemRandom(32));
    const { blinded, inverse } = await lib.blind(modulus, prepared, lib.systemRandom);
    const blindSignature = new Uint8Array(await suite.blindSign(privateKey, blinded));
    const signature = await lib.finalize(modulus, prepared, blindSignature, inverse);
    assert.ok(await suite.verify(publicKey, signature, prepared));
    blindSignature[10] ^= 1;
    await assert.rejects(lib.finalize(modulus, prepared, blindSignature, inverse), lib.DataError);
  }
});

test("we finalize and verify what the other implementation blinds", async () => {
  const { privateKey, publicKey, modulus } = await keys();
  for (let i = 0; i < 5; i++) {
    const prepared = suite.prepare(lib.systemRandom(32));
    const { blindedMsg, inv } = await suite.blind(publicKey, prepared);
    const blindSignature = new Uint8Array(await suite.blindSign(privateKey, blindedMsg));
    const signature = await lib.finalize(modulus, prepared, blindSignature, inv);
    assert.deepEqual(signature, new Uint8Array(await suite.finalize(publicKey, prepared, blindSignature, inv)));
    await lib.verifySignature(modulus, prepared, signature);
    signature[0] ^= 1;
    await assert.rejects(lib.verifySignature(modulus, prepared, signature), lib.DataError);
  }
});
