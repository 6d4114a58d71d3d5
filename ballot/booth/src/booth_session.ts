// What a voter's session and the test mode have in common: contests with their titles, sealing, and the audit.

import { type Api, type ElectionAnswer, type PollAnswer, type Profile, profilesAnswer, sleep } from "./api.ts";
import type { AuditedBallot, Token } from "./ballot.ts";
import type { Bytes, Random } from "./bytes.ts";
import type { Json } from "./canonical.ts";
import { GENERATOR, warm } from "./curve.ts";
import { noPause, type Pause } from "./encryption.ts";
import { sealVote } from "./envelope.ts";
import { BoothError, must, PeerError } from "./errors.ts";
import type { Evidence } from "./evidence.ts";
import { verifyPrefix } from "./log.ts";
import { readPositions, titleOf } from "./titles.ts";
import { Voting } from "./voting.ts";

export abstract class BoothSession {
  /** whether this is the test mode: then nothing can be cast */
  abstract readonly test: boolean;
  about: ElectionAnswer | undefined;
  /** contests in opened polls that are not yet closed; filled by `load` */
  votings: Voting[] = [];
  /** the service's last answer about this voter, kept for the committee in case it does not hold */
  disputed: Json | undefined;
  protected evidence: Evidence | null | undefined;

  constructor(
    protected readonly api: Api,
    protected readonly random: Random,
    /** how the log's id begins; empty in the test mode */
    private readonly logPrefix: Bytes,
  ) {}

  abstract load(pause?: Pause): Promise<void>;
  protected abstract tokenOf(voting: Voting): Promise<Pick<Token, "key">>;
  protected abstract drawS(context: Bytes): Promise<Bytes>;

  /** Whether it is a rehearsal: what entry 0 of the log says, and before the log was checked what the service says. */
  get rehearsal(): boolean {
    return this.evidence?.view.opened.rehearsal ?? this.about?.rehearsal ?? false;
  }

  /** What the start page says. Refuses a service whose log is not the link's. */
  async open(): Promise<ElectionAnswer> {
    const about = await this.api.about();
    verifyPrefix(about.log, this.logPrefix);
    return (this.about = about);
  }

  /** Lists the checked contests of polls in one of these states (or any), called as the logged constitution calls their positions. */
  protected async list(states?: readonly PollAnswer["state"][]): Promise<void> {
    const { constitution, contests } = this.shown();
    const positions = readPositions(await this.api.file(`blobs/${constitution}`), constitution);
    const { polls } = this.about ?? (await this.open());
    this.votings = contests.flatMap((checked) => {
      const poll = polls.find((candidate) => candidate.poll === checked.contest.poll);
      return poll && (!states || states.includes(poll.state)) ? [new Voting(checked, titleOf(checked.contest, positions), poll)] : [];
    });
    void this.makeTables(contests);
  }

  /** Makes the tables that sealing needs, in pieces of a few milliseconds, while the voter reads. */
  private async makeTables(contests: Evidence["contests"]): Promise<void> {
    for (const point of [GENERATOR, ...contests.map(({ contest }) => contest.jointKey)]) await warm(point, () => sleep(0));
  }

  /**
   * Token and encryption; nothing is cast. The tracker is `voting.envelope.tracker`. The same choice again changes
   * nothing, another one is encrypted afresh, with new s and t; what was sent stays as it is.
   */
  async seal(voting: Voting, vote: readonly boolean[], pause: Pause = noPause): Promise<void> {
    await this.act(voting, async () => {
      if (voting.tracker || voting.envelope?.state === "casting" || voting.envelope?.holds(vote)) return;
      voting.envelope = null;
      const token = await this.tokenOf(voting);
      const { contest } = voting;
      voting.envelope = await sealVote(contest, vote, token, () => this.drawS(contest.context), this.random, pause);
    });
  }

  /** Opens the sealed ballot for a second device, and forgets it: it is never cast, and the token stays. */
  audit(voting: Voting): AuditedBallot {
    must(voting.envelope, "envelope");
    const revealed = voting.envelope.open();
    voting.envelope = null;
    return revealed;
  }

  /** Whether a ballot exists on this page only and may still be cast. */
  get unsent(): boolean {
    const refused = ({ problem }: Voting): boolean => problem instanceof PeerError && !problem.uncertain;
    return !this.test && this.votings.some((voting) => voting.envelope && !refused(voting));
  }

  /** What the candidates say, by option id; nothing where it cannot be had: a ballot does not need it. */
  async profiles(voting: Voting): Promise<{ readonly [option: string]: Profile }> {
    try {
      return (await this.api.lookUp(voting.contest.context, "profiles", profilesAnswer)).profiles;
    } catch {
      return {};
    }
  }

  /** Keeps a contest's failure with the contest: one that fails never takes another with it. */
  protected act(voting: Voting, act: () => Promise<void>): Promise<void> {
    const done = voting.last.then(async () => {
      voting.problem = null;
      try {
        await act();
      } catch (error) {
        if (!(error instanceof BoothError)) throw error;
        voting.problem = error;
      }
    });
    voting.last = done.catch(() => undefined);
    return done;
  }

  protected shown(): Evidence {
    must(this.evidence, "evidence");
    return this.evidence;
  }
}
