// One contest on its way from choice to receipt.

import type { PollAnswer } from "./api.ts";
import type { Token } from "./ballot.ts";
import type { Bytes } from "./bytes.ts";
import type { Encodable } from "./canonical.ts";
import type { Contest } from "./contest.ts";
import type { Envelope } from "./envelope.ts";
import type { BoothError } from "./errors.ts";
import type { CheckedContest } from "./evidence.ts";
import type { Title } from "./titles.ts";
import type { TokenRequest } from "./token.ts";

/**
 * "open": nothing was asked for yet; "issued": there is a token, and no ballot of it was found; "sealed": an encrypted
 * ballot waits for its fate; "casting": it was sent, no receipt yet; "cast": a receipt, or a ballot found in the log.
 */
export type VotingState = "open" | "issued" | "sealed" | "casting" | "cast";

export class Voting {
  /** the tracker of a ballot that was cast, now or earlier with this link */
  tracker: Bytes | null | undefined;
  receipt: Bytes | null | undefined;
  /** why it cannot go on; null while it can */
  problem: BoothError | null | undefined;
  /** what to hand to the committee when something was wrong */
  evidence: Encodable | undefined;
  token: Token | null | undefined;
  tokenRequest: TokenRequest | null | undefined;
  envelope: Envelope | null | undefined;
  /** the end of the last act on it: acts follow one another, so that a second tap finds the first one done */
  last: Promise<void> = Promise.resolve();

  constructor(
    readonly checked: CheckedContest,
    readonly title: Title,
    /** as the service sees it now */
    readonly poll: PollAnswer,
  ) {}

  get contest(): Contest {
    return this.checked.contest;
  }

  /** When the poll closes, "YYYY-MM-DDTHH:MM:SSZ", extensions included; null before the opening. */
  get closes(): string | null {
    return this.poll.closes ?? this.checked.closes;
  }

  /** Whether an earlier visit got the token: then a ballot may have been cast with it that the log does not show yet. */
  get begun(): boolean {
    return this.checked.issued !== null;
  }

  get state(): VotingState {
    if (this.tracker) return "cast";
    if (this.envelope) return this.envelope.state === "casting" ? "casting" : "sealed";
    return this.token || this.checked.issued ? "issued" : "open";
  }
}
