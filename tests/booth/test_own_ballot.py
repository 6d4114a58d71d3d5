"""A second device looks for the ballot of its token: it believes the log, and no list (A46; docs/protocol.md §5)."""

import json
from typing import Any

import pytest

from audit.entries import SealedData
from ballot.ballot import BallotData, owner_of, tracker, tracker_of
from keys.canonical import b64, encode, unb64
from tests.booth.harness import Answer, Booth, Fetch
from tests.booth.service import PlayedService, two_contests
from tests.booth.test_voter_session import VOTES, vote
from tests.simulated.malice import Copy
from tests.simulator import ELECTION

NAME = "head"
BUNDLE = 256  # entries
CROWD = 64  # ballots


@pytest.fixture
def service() -> PlayedService:
    return two_contests()


def cast_on_the_telephone(booth: Booth, service: PlayedService) -> tuple[str, str]:
    """Token key of the ballot, and its code in hex; from now on it is in the log."""
    (first,) = vote(booth, service, device="phone", head=VOTES[NAME])
    service.sealed = True
    ((key, data),) = service.received.items()
    service.ballots(data.context)
    code: str = first[NAME]["tracker"]
    return key, code


def on_the_laptop(booth: Booth, service: PlayedService) -> dict[str, Any]:
    (state,) = vote(booth, service, device="laptop", nothing=[])
    found: dict[str, Any] = state[NAME]
    return found


def stranger(service: PlayedService) -> BallotData:
    """The ballot of somebody else in the same contest, in the log."""
    election = service.election
    voter, box = election.voters[0], next(box for box in election.boxes[1] if box.plan.id == NAME)
    election.issue(voter, box)
    data = election.cast(voter, box, "beka")
    election.log.append("ballot", data)
    return data


def test_a46_a_strangers_code_in_the_list_is_not_shown_as_the_voter_s_own(booth: Booth, service: PlayedService) -> None:
    """Clash: the first device showed a stranger's code and told the token key; now the list confirms the code."""
    key, own = cast_on_the_telephone(booth, service)
    theirs = b64(tracker(stranger(service).body))
    service.listed[key] = service.row(key) | {"tracker": theirs}
    state = on_the_laptop(booth, service)
    assert (state["problem"], state["state"], state["tracker"]) == (None, "cast", own)


LIES = {
    "the list leads to a stranger's ballot": "other-ballot",
    "the own token under a stranger's body": "other-ballot",
    "the own body with another choice": "signature",
    "the own ballot in another contest": "other-contest",
    "an entry that is no ballot": "",
    "a bundle that the log did not sign": "proof-invalid",
    "a checkpoint of nobody": "signature-invalid",
    "a place that is not published": "not-published",
    "no such bundle": "404",
}


def lie(service: PlayedService, key: str, which: str) -> None:
    """The service holds the log key: it can log and sign what it likes, and serve what it did not sign."""
    theirs, row = stranger(service), service.row(key)
    copy = Copy.of(service.election)
    entries, place, last = copy.plain(), row["seq"], len(copy.entries) - 1
    data = entries[place]["data"]
    match which:
        case "the list leads to a stranger's ballot":
            place = last
        case "the own token under a stranger's body":
            data["body"] = json.loads(encode(theirs.body))
        case "the own body with another choice":
            data["body"]["choices"].reverse()
        case "the own ballot in another contest":
            data["context"] = b64(next(b.rules.context for b in service.election.boxes[1] if b.plan.id != NAME))
        case "an entry that is no ballot":
            place = 0
        case "a place that is not published":
            place = last + 1
    files = copy.rewritten(entries)
    if which == "a bundle that the log did not sign":
        files = {
            name: raw.replace(b'"v":"es1"', b'"v":"es2"') if "entries" in name else raw for name, raw in files.items()
        }
    elif which == "a checkpoint of nobody":
        files["checkpoint"] = files["checkpoint"].replace(b"\n", b"\n1", 1)
    elif which == "no such bundle":
        files = {name: raw for name, raw in files.items() if "entries" not in name}
    service.files = files
    service.listed[key] = row | {"seq": place}


@pytest.mark.parametrize("which", LIES)
def test_a46_what_the_log_does_not_bear_out_is_no_cast_ballot(booth: Booth, service: PlayedService, which: str) -> None:
    key, _ = cast_on_the_telephone(booth, service)
    lie(service, key, which)
    state = on_the_laptop(booth, service)
    assert (state["state"], state["tracker"]) == ("issued", None)
    assert LIES[which] in state["problem"]["message"]


def test_the_lies_are_of_ballots_that_look_right(booth: Booth, service: PlayedService) -> None:
    """The own ballot, as it stands in the log, is bound to the token key by its body."""
    key, own = cast_on_the_telephone(booth, service)
    data = service.received[key]
    assert data.body.owner == b64(owner_of(unb64(key, 32, "key"), unb64(data.token.t, 32, "t")))
    assert tracker_of(encode(data.body)).hex() == own


@pytest.mark.parametrize("listed", [5, 2 * CROWD + 5])
def test_what_is_asked_for_does_not_tell_which_ballot(booth: Booth, service: PlayedService, listed: int) -> None:
    """A66: whole bundles, all that hold the ballots of the contest or of a crowd among them."""
    rows: list[dict[str, Any]] = []
    while len(service.election.log.entries) < 4 * BUNDLE:
        seq = len(service.election.log.entries)
        service.election.log.append("sealed", SealedData(poll=1, ballots=1))
        rows.append({"key": b64(seq.to_bytes(32, "big")), "tracker": b64(bytes(32)), "seq": seq})
    others = rows[:: len(rows) // listed][:listed]
    key, own = cast_on_the_telephone(booth, service)
    asked = []
    for before in (listed // 3, listed // 3 + 1):
        whole = [*others[:before], service.row(key), *others[before:]]

        def answer(_: Answer, whole: list[dict[str, Any]] = whole) -> Answer:
            return Answer(200, {"ballots": whole})

        service.misbehaves("/list", answer, answer)
        service.requests.clear()
        assert on_the_laptop(booth, service)["tracker"] == own
        asked.append(sorted(request.path for request in service.requests if is_tile(request)))
        groups = max(1, len(whole) // CROWD)
        crowd = [row["seq"] for i, row in enumerate(whole) if i * groups // len(whole) == before * groups // len(whole)]
        assert len(crowd) >= min(CROWD, len(whole))
        bundles = [path for path in asked[-1] if "/entries/" in path]
        assert len(bundles) == len({seq // BUNDLE for seq in crowd})
    assert asked[0] == asked[1]


def is_tile(request: Fetch) -> bool:
    return request.path.startswith(f"/log/{ELECTION}/tile/")
