// Checking a ballot completely (protocol §7), in the service's order: cheapest first. The booth itself does not need it;
// it is here so that tests can hold the Python and the TypeScript reading of the protocol against each other (A91), and
// for tools in a browser.

import { ownerOf, trackerOf } from "./ballot.ts";
import { type Bytes, equal } from "./bytes.ts";
import { verifySignature } from "./blindrsa.ts";
import { decode, encode, type Json } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import { decodePoint, decodeScalar } from "./curve.ts";
import { ballotChallenge, isRefused, sumValues, weighted } from "./encryption.ts";
import { DataError } from "./errors.ts";
import { lastChallenge, verifyBranches } from "./proof.ts";
import { verify } from "./schnorr.ts";
import { array, bytes, object, type Shaped, text } from "./schema.ts";
import { H } from "./transcript.ts";

const MAX_REQUEST = 256 * 1024;

const pair = array(bytes(33), 2, 2);
const scalars = array(bytes(32));

export const bodyShape = object({
  v: text, // compared where the body is judged, in the service's order
  context: bytes(32),
  owner: bytes(32),
  choices: array(object({ a: bytes(33), b: bytes(33), com: array(pair), c: scalars, z: scalars })),
  sum: object({ com: array(pair), c: scalars, z: scalars }),
});

export const requestShape = object({
  context: bytes(32),
  body: bodyShape,
  token: object({ key: bytes(32), t: bytes(32), prepared: bytes(64), sig: bytes(null) }),
  signature: bytes(64),
});

export type Body = Shaped<typeof bodyShape>;

export interface Verified {
  readonly tracker: Bytes;
  readonly challenge: bigint;
}

/** Everything that can be said of a cast request without the log: throws DataError with the problem code. */
export async function verifyRequest(contest: Contest, raw: Bytes): Promise<Verified> {
  if (raw.length > MAX_REQUEST) throw new DataError(`request: larger than ${MAX_REQUEST} bytes`, "too-large");
  const json = decode(raw) as { body: Json };
  const { context, body, token, signature } = requestShape(json, "request");
  const bytes = encode(json.body);
  if (!equal(context, contest.context)) throw new DataError("ballot: of another contest", "wrong-context");
  const message = H("es1/token", contest.context, token.key);
  if (!equal(token.prepared.slice(32), message)) {
    throw new DataError("token: prepared for another key or contest", "token-invalid");
  }
  await verifySignature(contest.issuer_key, token.prepared, token.sig);
  if (!equal(body.owner, ownerOf(token.key, token.t))) {
    throw new DataError("owner: not the token key under t", "owner-mismatch");
  }
  verify(token.key, H("es1/cast", bytes), signature, "cast signature");
  const challenge = verifyBody(contest, body);
  return { tracker: trackerOf(bytes), challenge };
}

/** As many options, branches, challenges and responses as the contest has. */
function checkLengths(contest: Contest, body: Body): void {
  const proofs = [...body.choices.map((choice) => [choice, 2] as const), [body.sum, sumValues(contest).length] as const];
  const wrong = proofs.some(([{ com, c, z }, n]) => com.length !== n || c.length !== n - 1 || z.length !== n);
  if (wrong || body.choices.length !== contest.options.length) {
    throw new DataError("body: another number of options or branches than the contest has");
  }
}

/** Points, refusals, proofs; gives the challenge. */
export function verifyBody(contest: Contest, body: Body): bigint {
  if (body.v !== "es1") throw new DataError(`body: version ${body.v}, expected es1`);
  if (!equal(body.context, contest.context)) throw new DataError("body: of another contest", "wrong-context");
  checkLengths(contest, body);
  const A = body.choices.map((choice, i) => decodePoint(choice.a, `choices[${i}].a`));
  const B = body.choices.map((choice, i) => decodePoint(choice.b, `choices[${i}].b`));
  const proofs = [...body.choices, body.sum];
  const coms = proofs.map((proof) => proof.com.map(([a, b]) => [a!, b!] as const));
  const points = coms.map((com) => com.map(([a, b]) => [decodePoint(a, "com"), decodePoint(b, "com")] as const));
  const e = ballotChallenge(contest, body.owner, body.choices.map((item) => item.a), body.choices.map((item) => item.b), coms);
  const answers = proofs.map(({ c, z }) => {
    const sent = c.map((part) => decodeScalar(part, "c"));
    return { c: [...sent, lastChallenge(sent, e)], z: z.map((part) => decodeScalar(part, "z")) };
  });
  const zero = answers.some(({ c, z }) => c.includes(0n) || z.includes(0n));
  if (zero || isRefused(contest, A, B)) throw new DataError("ballot", "ballot-refused");
  const { jointKey: Y, weights } = contest;
  for (const [i, { c, z }] of answers.entries()) {
    const last = i === A.length;
    const [a, b] = last ? [weighted(A, weights), weighted(B, weights)] : [A[i]!, B[i]!];
    const values = last ? sumValues(contest) : [0, 1];
    verifyBranches(a, b, values, Y, { commitments: points[i]!, c, z }, last ? "sum" : `option ${i}`);
  }
  return e;
}
