// The test mode (link /vote/ELECTION#test): the same encryption for a real contest, without login, token or cast. It shows
// that the code works, not that a booth that knows of the mode is honest (protocol §8).

import type { Api } from "./api.ts";
import type { Token } from "./ballot.ts";
import { BoothSession } from "./booth_session.ts";
import type { Bytes, Random } from "./bytes.ts";
import { equal } from "./bytes.ts";
import { freshKey } from "./derive.ts";
import { noPause, type Pause } from "./encryption.ts";
import { check } from "./errors.ts";
import { contestAnswer, verifyEvidence } from "./evidence.ts";

export class TestSession extends BoothSession {
  readonly test = true;

  constructor(
    private readonly election: string,
    api: Api,
    random: Random,
  ) {
    super(api, random, new Uint8Array(0));
  }

  /** Takes the first contest of the newest poll and checks it as a voter's booth would, but for the voter. */
  async load(pause: Pause = noPause): Promise<void> {
    const { contests } = await this.api.contests();
    const newest = Math.max(...contests.map(({ poll }) => poll));
    const first = contests.find(({ poll }) => poll === newest);
    if (!first) return;
    const answer = await this.api.lookUp(first.context, "evidence", contestAnswer);
    this.evidence = await verifyEvidence({ ...answer, contests: [answer] }, new Uint8Array(0), this.election, null, pause);
    check(equal(this.evidence.contests[0]!.contest.context, first.context), "contest", "wrong-context");
    await this.list();
  }

  /** A key as fresh as a token's, which nobody signed: what is encrypted under it cannot be cast. */
  protected async tokenOf(): Promise<Pick<Token, "key">> {
    return freshKey(this.random);
  }

  protected async drawS(): Promise<Bytes> {
    return this.random(32);
  }
}
