"""The tally's data as it stands in the log (docs/protocol.md §9, §10).

Everywhere below: points are base64url of 33 bytes, scalars of 32, signatures of 64; `context` is base64url of 32
bytes; options come in the order of the contest document. `null` stands for the identity, which has no encoding.
"""

from typing import Literal

from keys.canonical import Natural, Wire


class SumsData(Wire, frozen=True):
    """`tally.sums`: the sums over a contest's logged ballots, `null` where the contest has none.

    `sums` holds one pair [A*, B*] per option, A* = sum of the ballots' A_i, B* = sum of their B_i.
    """

    context: str
    ballots: Natural
    sums: list[tuple[str | None, str | None]] | None


class PartialDecryption(Wire, frozen=True):
    """One option's decryption by one trustee: D = x·A* and the proof (a, b, z) that it is."""

    d: str
    a: str
    b: str
    z: str


class ShareData(Wire, frozen=True):
    """`tally.share`: one trustee's decryptions of a contest, `null` where A* is `null`.

    `i` is the trustee's number from 1; `signature` by the identity key over
    H("es1/trustee-tally", session, i, JCS(data without signature)).
    """

    context: str
    i: Natural
    shares: list[PartialDecryption | None]
    signature: str


class CountsData(Wire, frozen=True):
    """`tally.counts`: votes per option, and the trustees whose shares gave them (ascending; none for zero ballots)."""

    context: str
    trustees: list[Natural]
    counts: list[Natural]


class WithheldData(Wire, frozen=True):
    """`tally.withheld`: a contest with at least one ballot and fewer than the constitution's `min_ballots`."""

    context: str
    ballots: Natural


Turnout = Literal["valid", "invalid"]
OutcomeKind = Literal["elected", "tie", "nobody", "invalid-turnout", "withheld"]


class ContestResult(Wire, frozen=True):
    """One contest in `result.declared.results`, which is ascending by `contest` (as ASCII).

    contest     id of the contest within its poll
    position    id of the position in the constitution
    electorate  id of the electorate
    size        credentials in the electorate
    ballots     logged ballots, blank ones included: the participants of this body
    turnout     the turnout test's answer for this contest (see tally/turnout.py for what each scope tests)
    counts      votes per option in the document's order; null where they are withheld
    outcome     "elected": `elected` holds the option; "tie": several options lead with equal votes; "nobody": no
                option but the blank one has a vote; "invalid-turnout": the binding test failed, whatever the counts
                say; "withheld": too few ballots to be opened
    elected     option ids, in the document's order; empty unless outcome is "elected"
    """

    contest: str
    position: str
    electorate: str
    size: Natural
    ballots: Natural
    turnout: Turnout
    counts: list[Natural] | None
    outcome: OutcomeKind
    elected: list[str]


class DeclaredData(Wire, frozen=True):
    """`result.declared`: the results of a poll; `reasoning` = lower-case hex SHA-256 of the reasoning blob."""

    poll: Natural
    results: list[ContestResult]
    reasoning: str
