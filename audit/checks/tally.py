"""sums; shares and counts: what is decrypted is the sum of the logged ballots, and decrypts to the counts (A25-A28)."""

from typing import Final

from audit.checks.order import contest_of, name_of
from audit.entries import Entry
from audit.errors import LogError
from audit.state import ContestState, LogState
from tally.counts import Bounds, make_counts, verify_counts
from tally.errors import ShareError, ShareSignatureError
from tally.share import share_context, trustees_of, verify_share
from tally.sums import ContestSums, verify_sums
from tally.wire import CountsData, ShareData, SumsData, WithheldData
from tally.withheld import is_withheld, verify_withheld

SUMS: Final = "sums"
COUNTS: Final = "shares and counts"


def verify_logged_sums(log: LogState, entry: Entry) -> None:
    """The sums are those recomputed here; too few ballots are never summed for decryption (A67)."""
    if isinstance(entry.data, SumsData):
        contest = contest_of(log, entry.kind, entry.data.context)
        log.book.count(SUMS)
        verify_sums(entry.data, _sums(contest))
        if log.rules is not None and is_withheld(contest.sums.ballots, log.rules.min_ballots):
            raise LogError(f"tally.sums: contest {name_of(contest)}: expected tally.withheld, it has too few ballots")
    elif isinstance(entry.data, WithheldData):
        contest = contest_of(log, entry.kind, entry.data.context)
        log.book.count(SUMS)
        if log.rules is not None:
            minimum = log.rules.min_ballots
            verify_withheld(entry.data, contest.rules.context, contest.sums.ballots, minimum)


def verify_shares_and_counts(log: LogState, entry: Entry) -> None:
    """Every share is signed; false ones are named and passed over; the counts follow from the k smallest good ones."""
    if isinstance(entry.data, ShareData):
        log.book.count(COUNTS)
        _verify_share(log, entry.data)
    elif isinstance(entry.data, CountsData):
        log.book.count(COUNTS)
        _verify_counts(log, entry.data)


def _sums(contest: ContestState) -> ContestSums:
    if contest.final_sums is None:
        contest.final_sums = contest.sums.sums()
    return contest.final_sums


def _verify_share(log: LogState, data: ShareData) -> None:
    contest = contest_of(log, "tally.share", data.context)
    if log.ceremony is None or log.joint_key is None:
        raise LogError("tally.share: there is no joint key")
    trustees = trustees_of(log.ceremony.session, log.joint_key)
    if data.i not in trustees:
        raise LogError(f"tally.share: unknown trustee {data.i}")
    if not _sums(contest).ballots:
        raise LogError(f"tally.share: contest {name_of(contest)}: expected no share, there are no ballots to decrypt")
    if data.signature in contest.share_signatures:
        raise LogError(f"tally.share: this very share of trustee {data.i} stands in the log already")
    contest.share_signatures.add(data.signature)
    try:
        found = verify_share(share_context(log.ceremony.session), trustees[data.i], _sums(contest), data)
    except ShareSignatureError:
        raise  # nobody's share: whoever wrote the log is at fault
    except ShareError as error:
        contest.bad_shares.append(str(error))
        log.book.note(f"contest {name_of(contest)}: signed and false, passed over: {error}")
        return
    contest.decryptions.setdefault(data.i, found)


def _verify_counts(log: LogState, data: CountsData) -> None:
    contest = contest_of(log, "tally.counts", data.context)
    contest.counts = data
    if log.joint_key is None:
        raise LogError("tally.counts: there is no joint key")
    document = contest.rules.document
    bounds = Bounds(document.min, document.max, contest.rules.weights)
    recomputed = make_counts(_sums(contest), bounds, contest.decryptions, log.joint_key.k)
    verify_counts(data, recomputed)
