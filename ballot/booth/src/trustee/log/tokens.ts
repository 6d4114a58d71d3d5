// tokens, quantities: each request by an entitled credential, one each, exactly those that `poll.closed` announces;
// ballots ≤ tokens ≤ electorate (audit/checks/tokens.py; A43, A48).

import { type Bytes, compare, concat, equal, hex, toNumber } from "../../bytes.ts";
import { encode, type Json } from "../../canonical.ts";
import { leafHash } from "../../merkle.ts";
import { verify } from "../../schnorr.ts";
import type { Frontier } from "../../tiles.ts";
import { digest, H } from "../../transcript.ts";
import { isEntitled } from "./electorates.ts";
import type { Entry } from "./kinds.ts";
import { type ContestState, type LogState, refuse } from "./state.ts";

export function takeToken(log: LogState, { seq, data, json }: Entry<"token">): void {
  const what = `entry ${seq}: token`;
  const { context, credential, blinded, signature } = data;
  const state = log.poll!.opened.find(({ contest }) => equal(contest.context, context));
  refuse(state, `${what}: no contest of this poll`);
  const { contest } = state;
  const value = toNumber(blinded);
  refuse(blinded.length === contest.issuer_key.length && value > 0n && value < toNumber(contest.issuer_key), `${what}: blinded is no number below the modulus`);
  verify(credential, H("es1/issue", context, blinded), signature, what);
  const place = concat(context, credential);
  refuse(compare(log.lastToken, place) < 0, `${what}: not ascending by context and credential`);
  log.lastToken = place;
  refuse(isEntitled(log, log.electorates.get(contest.electorate)!, hex(credential)), `${what}: its credential is not entitled`);
  state.tokens += 1;
  state.tokenTree.append(leafHash(encode(json as Json)));
}

/** The last token of a poll has come, or the log has ended: then some may be missing, since it was copied while it grew. */
export function finishTokens(log: LogState, atEnd: boolean): void {
  const { poll } = log;
  if (poll?.state !== "closed" || poll.tokensDone) return;
  log.lastToken = new Uint8Array(0);
  const sum = (count: (contest: ContestState) => number): number => poll.opened.reduce((total, contest) => total + count(contest), 0);
  if (atEnd && sum(({ tokens }) => tokens) < sum(({ announced }) => announced!.tokens)) {
    log.notes.push(`poll ${poll.number}: its tokens are not all logged yet`);
    return;
  }
  poll.tokensDone = true;
  for (const { contest, announced, tokens, tokenTree, ballots } of poll.opened) {
    const what = `contest ${poll.number}/${contest.contest}`;
    refuse(tokens === announced!.tokens && equal(rootOf(tokenTree), announced!.token_root), `${what}: the tokens are not those that the close announced`);
    refuse(ballots === announced!.ballots, `${what}: ${ballots} ballots, the close announced ${announced!.ballots}`);
    refuse(ballots <= tokens && tokens <= contest.size, `${what}: more ballots than tokens, or more tokens than voters`);
  }
}

const rootOf = (tree: Frontier): Bytes => (tree.size ? tree.root() : digest(new Uint8Array(0)));
