// The test mode (link /vote/ELECTION#test): the same encryption for a real contest, without login, token or cast. It shows
// that the code works, not that a booth that knows of the mode is honest (protocol §8).

import type { Api, ContestInfo } from "./api.ts";
import type { Token } from "./ballot.ts";
import { BoothSession } from "./booth_session.ts";
import type { Bytes, Random } from "./bytes.ts";
import { equal } from "./bytes.ts";
import { freshKey } from "./derive.ts";
import { noPause, type Pause } from "./encryption.ts";
import { check } from "./errors.ts";
import { contestAnswer, verifyContestEvidence } from "./evidence.ts";

export class TestSession extends BoothSession {
  readonly test = true;
  /** what there is to try; filled by `load` */
  contests: readonly ContestInfo[] = [];

  constructor(
    private readonly election: string,
    api: Api,
    random: Random,
  ) {
    super(api, random, new Uint8Array(0));
  }

  /** Offers the contests of the newest poll and takes the first of them. */
  async load(pause: Pause = noPause): Promise<void> {
    const { contests } = await this.api.contests();
    const newest = Math.max(...contests.map(({ poll }) => poll));
    this.contests = contests.filter(({ poll }) => poll === newest);
    const [first] = this.contests;
    if (first) await this.choose(first, pause);
  }

  /** Goes on with another contest: checks it as a voter's booth would, but for the voter. */
  async choose({ context }: ContestInfo, pause: Pause = noPause): Promise<void> {
    const answer = await this.api.lookUp(context, "evidence", contestAnswer);
    this.evidence = await verifyContestEvidence(answer, this.election, pause);
    check(equal(this.evidence.contests[0]!.contest.context, context), "contest", "wrong-context");
    await this.list(["planned", "open", "paused", "closed", "tallied", "declared"]);
  }

  /** A key as fresh as a token's, which nobody signed: what is encrypted under it cannot be cast. */
  protected async tokenOf(): Promise<Pick<Token, "key">> {
    return freshKey(this.random);
  }

  protected async drawS(): Promise<Bytes> {
    return this.random(32);
  }
}
