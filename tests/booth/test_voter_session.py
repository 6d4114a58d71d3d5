"""The booth's session against a service that loses replies, lies, or is honest: nothing lost, nothing believed."""

import json
from typing import Any

import pytest

from ballot.receipt import load_receipt, make_receipt, verify_receipt
from keys.canonical import b64, unb64
from tests.booth.harness import Answer, Booth, BoothRefusalError
from tests.booth.service import BEARER, ORIGIN, PlayedService, problem, two_contests
from tests.simulated.randomness import seeded

VOTES = {"head": [1, 0, 0], "council": [0, 1, 0, 1]}


@pytest.fixture
def service() -> PlayedService:
    return two_contests()


def lose(_: Answer) -> None:
    """The request arrived, the reply did not."""


def honest(answer: Answer) -> Answer:
    return answer


def vote(
    booth: Booth, service: PlayedService, *, rounds: int = 1, device: str = "phone", **votes: list[int]
) -> list[Any]:
    """The state of every contest after each round of casting."""
    arguments = {"link": service.link, "origin": ORIGIN, "code": None, "random": device}
    history: list[Any] = booth.call("session", service=service, votes=votes or VOTES, rounds=rounds, **arguments)
    return history


def check_receipts(service: PlayedService, state: dict[str, Any]) -> None:
    """Every contest has a receipt that anybody can verify, for the ballot that the service stored."""
    stored = {tracker for _, tracker in service.stored.values()}
    for contest in state.values():
        assert contest["problem"] is None
        receipt = load_receipt(contest["receipt"].encode())
        _, tracker = verify_receipt(receipt, service.election.receipt.public, service.election.log_id)
        assert tracker.hex() == contest["tracker"]
        assert b64(tracker) in stored


def test_a_voter_of_two_contests_gets_two_receipts(booth: Booth, service: PlayedService) -> None:
    (state,) = vote(booth, service)
    assert set(state) == {"head", "council"}
    check_receipts(service, state)
    assert len(service.stored) == 2


def test_casting_carries_no_login_and_the_seed_never_leaves(booth: Booth, service: PlayedService) -> None:
    """A64, A70: casts without bearer, cookie or referrer; no request holds the seed or asks for one's own key."""
    vote(booth, service)
    for request in service.requests:
        assert request.referrer == "no-referrer"
        assert service.link.partition("#")[2] not in request.path + str(request.body)
        assert b64(service.voter.seed) not in request.path + str(request.body)
        anonymous = request.path.endswith("/ballots") or request.path.startswith("/log/")
        assert request.credentials == ("omit" if anonymous else "same-origin")
        assert ("authorization" in request.headers) == request.path.endswith(("/voter", "/tokens"))
        assert (BEARER in str(request.body)) is False
    assert len(service.of("/ballots")) == 2


def test_contests_are_cast_in_random_order(booth: Booth, service: PlayedService) -> None:
    orders = set()
    for device in range(8):
        service.stored.clear()
        service.tokens.clear()
        service.requests.clear()
        vote(booth, service, device=f"device {device}")
        orders.add(tuple(json.loads(str(request.body))["context"] for request in service.of("/ballots")))
    assert len(orders) == 2


@pytest.mark.parametrize("path", ["/ballots", "/tokens", "/voter", ""])
def test_a_lost_reply_is_followed_by_the_very_same_bytes(booth: Booth, service: PlayedService, path: str) -> None:
    """A42: one ballot, one tracker, one token, however many replies are lost."""
    service.misbehaves(path, lose, lose)
    (state,) = vote(booth, service, head=VOTES["head"])
    if path in {"/ballots", "/tokens"}:
        assert len({request.body for request in service.of(path)}) == 1
        assert len(service.of(path)) == 3
    assert len(service.stored) == 1
    check_receipts(service, {"head": state["head"]})


def test_a_ballot_whose_replies_are_all_lost_is_kept_and_sent_again(booth: Booth, service: PlayedService) -> None:
    service.misbehaves("/ballots", lose, lose, lose)
    first, second = vote(booth, service, rounds=2, head=VOTES["head"])
    assert (first["head"]["problem"]["code"], first["head"]["problem"]["uncertain"]) == ("network", True)
    assert first["head"]["envelope"] == service.of("/ballots")[0].body
    assert len({request.body for request in service.of("/ballots")}) == 1
    check_receipts(service, {"head": second["head"]})


@pytest.mark.parametrize("fault", ["one bit", "another contest's", "short", "zero", "all ones"])
def test_a_wrong_blind_signature_casts_nothing_and_loses_nothing(
    booth: Booth, service: PlayedService, fault: str
) -> None:
    """A33: the booth finalizes only what verifies, and asks for the same token again."""

    def spoil(answer: Answer) -> Answer:
        raw = bytearray(unb64(answer.document["blind_signature"], None, "test"))
        raw[60] ^= fault == "one bit"
        wrong = {
            "another contest's": bytes(raw[::-1]),
            "short": bytes(raw[1:]),
            "zero": bytes(128),
            "all ones": b"\xff" * 128,
        }
        return Answer(200, {"blind_signature": b64(wrong.get(fault, bytes(raw)))})

    service.misbehaves("/tokens", spoil)
    first, second = vote(booth, service, rounds=2, head=VOTES["head"])
    assert first["head"]["problem"]["code"] == "token-invalid"
    assert (first["head"]["token"], first["head"]["envelope"]) == (False, None)
    assert len({request.body for request in service.of("/tokens")}) == 1
    check_receipts(service, {"head": second["head"]})


@pytest.mark.parametrize("lie", ["another tracker", "bad signature", "another key", "another log", "another contest"])
def test_a_receipt_that_is_not_for_the_ballot_sent_is_shown_as_failure(
    booth: Booth, service: PlayedService, lie: str
) -> None:
    """A47: the booth knows its tracker before it sends, believes no other, and keeps the evidence."""
    head, council = (box.rules.context for box in service.election.boxes[1])

    def spoil(answer: Answer) -> Answer:
        own = unb64(answer.document["tracker"], 32, "test")
        secret, log = service.election.receipt.secret, service.election.log_id
        if lie == "another tracker":
            own = own[::-1]
        if lie == "another key":
            secret = b"\x07" * 32
        context = council if lie == "another contest" else head
        receipt = make_receipt(secret, log[::-1] if lie == "another log" else log, context, own, seeded("lie"))
        signature = unb64(receipt.signature, 64, "test")
        if lie == "bad signature":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return Answer(200, {"tracker": b64(own), "signature": b64(signature)})

    service.misbehaves("/ballots", spoil)
    (state,) = vote(booth, service, head=VOTES["head"])
    assert state["head"]["problem"]["code"] == "receipt-invalid"
    assert (state["head"]["receipt"], state["head"]["tracker"]) == (None, None)
    assert state["head"]["evidence"]["request"] == service.of("/ballots")[0].body == state["head"]["envelope"]


def test_another_device_goes_on_with_the_same_token(booth: Booth, service: PlayedService) -> None:
    """The recovery blob: the phone is lost between token and ballot; the link goes on elsewhere."""
    service.misbehaves("/ballots", *[lambda _: problem(503, "busy")] * 3)
    service.stored.clear()
    (lost,) = vote(booth, service, device="phone", head=VOTES["head"])
    assert lost["head"]["problem"]["code"] == "busy"
    service.stored.clear()  # the proxy in front answered; nothing had arrived
    (state,) = vote(booth, service, device="laptop", head=[0, 1, 0])
    check_receipts(service, {"head": state["head"]})
    phone, laptop = json.loads(str(service.of("/ballots")[0].body)), json.loads(str(service.of("/ballots")[-1].body))
    assert phone["token"]["key"] == laptop["token"]["key"]
    assert len(service.of("/tokens")) == 1


def test_a_second_visit_finds_the_ballot_that_was_cast(booth: Booth, service: PlayedService) -> None:
    """A51: sealed ballots are found in the whole list; nothing is asked for again and nothing is sent."""
    (first,) = vote(booth, service, device="phone")
    service.sealed = True
    before = len(service.of("/tokens") + service.of("/ballots"))
    (again,) = vote(booth, service, device="laptop")
    assert {name: state["tracker"] for name, state in again.items()} == {
        name: state["tracker"] for name, state in first.items()
    }
    assert before == len(service.of("/tokens") + service.of("/ballots"))


def test_a_spent_token_says_that_a_ballot_was_cast(booth: Booth, service: PlayedService) -> None:
    vote(booth, service, device="phone", head=VOTES["head"])
    (again,) = vote(booth, service, device="laptop", head=[0, 1, 0])
    assert again["head"]["problem"]["code"] == "token-spent"
    assert again["head"]["receipt"] is None
    assert len(service.stored) == 1


def test_a_token_that_another_device_asks_for_meanwhile_is_used(booth: Booth, service: PlayedService) -> None:
    """409 token-already-issued carries what the other device stored."""
    vote(booth, service, device="phone", head=VOTES["head"])
    service.stored.clear()
    hidden = service.issued

    def forget(answer: Answer) -> Answer:
        for place in answer.document["contests"]:
            place["issued"] = None
        return answer

    service.misbehaves("/voter", forget)
    (state,) = vote(booth, service, device="laptop", head=[0, 1, 0])
    check_receipts(service, {"head": state["head"]})
    assert len(service.of("/tokens")) == 2
    assert hidden(json.loads(str(service.of("/tokens")[1].body))["context"]) is not None


def test_a_recovery_blob_that_does_not_open_is_an_alarm(booth: Booth, service: PlayedService) -> None:
    vote(booth, service, device="phone", head=VOTES["head"])

    def exchange(answer: Answer) -> Answer:
        for place in answer.document["contests"]:
            if place["issued"]:
                place["issued"]["recovery"] = b64(bytes(252))
        return answer

    service.misbehaves("/voter", exchange)
    (state,) = vote(booth, service, device="laptop", head=[0, 1, 0], council=VOTES["council"])
    assert state["head"]["problem"]["code"] == "recovery-alarm"
    check_receipts(service, {"council": state["council"]})


def test_one_contest_that_fails_takes_no_other_with_it(booth: Booth, service: PlayedService) -> None:
    service.misbehaves("/tokens", lambda _: problem(409, "poll-not-open"), honest)
    (state,) = vote(booth, service)
    assert sorted(contest["problem"] is None for contest in state.values()) == [False, True]
    assert len(service.stored) == 1


def test_a_login_that_ran_out_is_renewed_without_a_new_token(booth: Booth, service: PlayedService) -> None:
    service.misbehaves("/tokens", lambda _: problem(401, "login-required"))
    (state,) = vote(booth, service, head=VOTES["head"])
    check_receipts(service, {"head": state["head"]})
    assert len(service.of("/login")) == 2
    assert len({request.body for request in service.of("/tokens")}) == 1


def test_a_service_with_another_log_gets_no_login(booth: Booth, service: PlayedService) -> None:
    """The link pins the log; the booth works with no other and signs nothing for it."""
    service.misbehaves("", lambda answer: Answer(200, {**answer.document, "log": b64(bytes(32))}))
    with pytest.raises(BoothRefusalError, match="wrong-log"):
        vote(booth, service)
    assert [request.path for request in service.requests] == [service.requests[0].path]


@pytest.mark.parametrize(
    ("pathname", "fragment"),
    [
        ("/vote/a", ""),
        ("/vote/a", "#AAAA"),
        ("/vote/A", None),
        ("/vote/", None),
        ("/vote/a/b", None),
        ("/", None),
        ("/vote/a", "x"),
    ],
)
def test_an_incomplete_link_is_refused(booth: Booth, pathname: str, fragment: str | None) -> None:
    good = "#" + b64(bytes(range(48)))
    assert booth.call("link", pathname="/vote/a", fragment=good)["prefix"] == bytes(range(32, 48)).hex()
    text = good if fragment is None else good + "A" if fragment == "x" else fragment
    with pytest.raises(BoothRefusalError, match="link-invalid" if text else "link-missing"):
        booth.call("link", pathname=pathname, fragment=text)
