// Checking a ballot completely (protocol §7), in the service's order: cheapest first. The booth itself does not need it;
// it is here so that tests can hold the Python and the TypeScript reading of the protocol against each other (A91), and
// for tools in a browser.

import { ownerOf, trackerOf } from "./ballot.ts";
import { type Bytes, equal } from "./bytes.ts";
import { verifySignature } from "./blindrsa.ts";
import { decode, encode, type Json } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import { decodePoint, decodeScalar, type Point } from "./curve.ts";
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

export type Request = Shaped<typeof requestShape>;

/** Everything that can be said of a cast request without the log: throws DataError with the problem code. */
export async function verifyRequest(contest: Contest, raw: Bytes): Promise<Verified> {
  if (raw.length > MAX_REQUEST) throw new DataError(`request: larger than ${MAX_REQUEST} bytes`, "too-large");
  const json = decode(raw) as { body: Json };
  const request = requestShape(json, "request");
  const bytes = encode(json.body);
  await verifyEnvelope(contest, request, bytes);
  return { tracker: trackerOf(bytes), challenge: verifyBody(contest, request.body) };
}

/** Everything that needs no point of the body: context, token, owner, signature. `bytes` are those of the body. */
export async function verifyEnvelope(contest: Contest, { context, body, token, signature }: Request, bytes: Bytes): Promise<void> {
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
}

/** As many options, branches, challenges and responses as the contest has. */
function checkLengths(contest: Contest, body: Body): void {
  const proofs = [...body.choices.map((choice) => [choice, 2] as const), [body.sum, sumValues(contest).length] as const];
  const wrong = proofs.some(([{ com, c, z }, n]) => com.length !== n || c.length !== n - 1 || z.length !== n);
  if (wrong || body.choices.length !== contest.options.length) {
    throw new DataError("body: another number of options or branches than the contest has");
  }
}

/** A proof of a ballot with its ciphertext, decoded: the option's, or the weighted sum's. */
export interface ParsedProof {
  readonly values: readonly number[];
  readonly commitments: readonly (readonly [Point, Point])[];
  /** complete, the computed one last */
  readonly c: readonly bigint[];
  readonly z: readonly bigint[];
}

/** A ballot whose points and scalars are good and which §6 does not refuse; its equations are not tried yet. */
export interface ParsedBody {
  readonly contest: Contest;
  readonly A: readonly Point[];
  readonly B: readonly Point[];
  /** one for each option, then the sum's */
  readonly proofs: readonly ParsedProof[];
  readonly challenge: bigint;
}

/** Points, then what §6 refuses before any equation is tried. */
export function parseBody(contest: Contest, body: Body): ParsedBody {
  if (body.v !== "es1") throw new DataError(`body: version ${body.v}, expected es1`);
  if (!equal(body.context, contest.context)) throw new DataError("body: of another contest", "wrong-context");
  checkLengths(contest, body);
  const A = body.choices.map((choice, i) => decodePoint(choice.a, `choices[${i}].a`));
  const B = body.choices.map((choice, i) => decodePoint(choice.b, `choices[${i}].b`));
  const sent = [...body.choices, body.sum];
  const coms = sent.map((proof) => proof.com.map(([a, b]) => [a!, b!] as const));
  const points = coms.map((com) => com.map(([a, b]) => [decodePoint(a, "com"), decodePoint(b, "com")] as const));
  const challenge = ballotChallenge(contest, body.owner, body.choices.map((item) => item.a), body.choices.map((item) => item.b), coms);
  const proofs = sent.map(({ c, z }, i) => {
    const given = c.map((part) => decodeScalar(part, "c"));
    const values = i === A.length ? sumValues(contest) : [0, 1];
    return { values, commitments: points[i]!, c: [...given, lastChallenge(given, challenge)], z: z.map((part) => decodeScalar(part, "z")) };
  });
  const zero = proofs.some(({ c, z }) => c.includes(0n) || z.includes(0n));
  if (zero || isRefused(contest, A, B)) throw new DataError("ballot", "ballot-refused");
  return { contest, A, B, proofs, challenge };
}

/** Every equation of a ballot, one by one: the definition. */
export function verifyProofs({ contest: { jointKey, weights }, A, B, proofs }: ParsedBody): void {
  for (const [i, proof] of proofs.entries()) {
    const last = i === A.length;
    const [a, b] = last ? [weighted(A, weights), weighted(B, weights)] : [A[i]!, B[i]!];
    verifyBranches(a, b, proof.values, jointKey, proof, last ? "sum" : `option ${i}`);
  }
}

/** Points, refusals, proofs; gives the challenge. */
export function verifyBody(contest: Contest, body: Body): bigint {
  const parsed = parseBody(contest, body);
  verifyProofs(parsed);
  return parsed.challenge;
}
