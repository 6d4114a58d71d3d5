"""The booth's session step by step: cast or audit, codes by mail, titles, the test mode."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from audit.merkle import leaf_hash
from ballot.audited import AuditedBallot, verify_audited
from ballot.contest import ContestRules
from keys.canonical import b64, unb64
from keys.errors import DataError
from tally.complaint import ComplaintData, verify_complaint
from tests.booth.harness import Answer, Booth, Fetch
from tests.booth.service import BEARER, ORIGIN, PlayedService, problem, prove, two_contests
from tests.simulator import ELECTION

Steps = list[list[Any]]
START: Steps = [["open"], ["login", None], ["load"]]


@pytest.fixture
def service() -> PlayedService:
    return two_contests()


def run(booth: Booth, service: PlayedService, *steps: list[Any], link: str = "", device: str = "phone") -> list[Any]:
    """What came of each step after the login and the loading."""
    arguments = {"link": link or service.link, "origin": ORIGIN, "random": device}
    history: list[Any] = booth.call("steps", service=service, steps=[*START, *steps], **arguments)
    return history[len(START) :]


def rules_of(service: PlayedService, name: str) -> ContestRules:
    return next(box.rules for box in service.election.boxes[1] if box.plan.id == name)


def test_an_audited_ballot_is_the_one_that_was_shown_and_another_one_is_cast(
    booth: Booth, service: PlayedService
) -> None:
    """A49: the tracker first; then Python recomputes the body from what was revealed; then a new ballot is cast."""
    sealed, audited, again, cast = run(
        booth, service, ["seal", "head", [0, 1, 0]], ["audit", "head"], ["seal", "head", [1, 0, 0]], ["cast_all"]
    )
    shown = bytes.fromhex(sealed["contests"]["head"]["sealed"])
    revealed = msgspec.convert(audited["ok"], AuditedBallot)
    verify_audited(rules_of(service, "head"), revealed, shown)
    for lie in ([1, 0, 0], [0, 0, 1]):
        with pytest.raises(DataError, match="does not encrypt this vote"):
            verify_audited(rules_of(service, "head"), msgspec.structs.replace(revealed, vote=lie), shown)
    assert audited["contests"]["head"] | {"sealed": None} == audited["contests"]["head"]
    assert audited["contests"]["head"]["token"], "the token is kept"
    assert again["contests"]["head"]["sealed"] not in {None, shown.hex()}
    assert cast["contests"]["head"]["tracker"] == again["contests"]["head"]["sealed"]
    assert [tracker for _, tracker in service.stored.values()] == [
        b64(bytes.fromhex(again["contests"]["head"]["sealed"]))
    ]
    assert len(service.of("/tokens")) == 1
    token_key = json.loads(str(service.of("/ballots")[0].body))["token"]["key"]
    assert token_key not in json.dumps(audited["ok"])


@pytest.mark.parametrize("vote", [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
def test_until_the_choice_the_service_sees_the_same_bytes(booth: Booth, vote: list[int]) -> None:
    """A49, A66: for every vote, and whether an audit or a cast follows, the same requests in the same order."""
    seen = []
    for fate in (["audit", "head"], ["cast", "head"]):
        service = two_contests()
        run(booth, service, ["seal", "head", vote], ["facts"])
        before = [(request.path, request.body) for request in service.requests]
        service.requests.clear()
        run(booth, service, ["seal", "head", vote], fate)
        seen.append(before)
    other = two_contests()
    run(booth, other, ["seal", "head", [0, 0, 1]], ["audit", "head"])
    assert seen[0] == seen[1] == [(request.path, request.body) for request in other.requests]


def test_what_was_cast_is_never_opened_and_not_sealed_again(booth: Booth, service: PlayedService) -> None:
    """A49: also while the replies are lost."""
    service.misbehaves("/ballots", *[lambda _: None] * 3)
    _, lost, refused, ignored, done = run(
        booth,
        service,
        ["seal", "head", [1, 0, 0]],
        ["cast", "head"],
        ["audit", "head"],
        ["seal", "head", [0, 1, 0]],
        ["cast", "head"],
    )
    assert lost["contests"]["head"]["state"] == "casting"
    assert refused["error"] == "internal"
    assert ignored["contests"]["head"]["sealed"] == lost["contests"]["head"]["sealed"]
    assert done["contests"]["head"]["state"] == "cast"
    assert len({request.body for request in service.of("/ballots")}) == 1


def test_requests_have_one_size_for_every_choice(booth: Booth) -> None:
    """A66: the blank vote included."""
    sizes = set()
    for vote in ([1, 0, 0], [0, 1, 0], [0, 0, 1]):
        service = two_contests()
        run(booth, service, ["seal", "head", vote], ["cast_all"])
        sizes.add(tuple(len(str(request.body)) for request in service.requests))
    assert len(sizes) == 1


def test_a_contest_can_be_left_for_later(booth: Booth, service: PlayedService) -> None:
    (_, first), (_, later) = (
        run(booth, service, ["seal", name, vote], ["cast_all"], device=name)
        for name, vote in (("head", [1, 0, 0]), ("council", [0, 0, 0, 0]))
    )
    assert (first["contests"]["head"]["state"], first["contests"]["council"]["state"]) == ("cast", "open")
    assert later["contests"]["council"]["state"] == "cast"
    assert len(service.stored) == 2


# -- codes by mail ---------------------------------------------------------------------------------------------------


class CodedService(PlayedService):
    """The service asks for a code: the first try sends one, 123456 is right."""

    def login(self, _request: Fetch, body: dict[str, Any]) -> Answer:
        codes = {None: "code-sent", "000000": "code-wrong", "111111": "code-expired", "222222": "too-many-codes"}
        code = codes.get(body["code"])
        if code is None:
            return super().login(_request, body)
        return problem(429 if code == "too-many-codes" else 401, code)


@pytest.fixture
def coded() -> CodedService:
    service = two_contests()
    return CodedService(service.election, service.voter, second_factor="email")


def test_a_code_by_mail_is_given_for_the_nonce_that_asked_for_it(booth: Booth, coded: CodedService) -> None:
    steps: Steps = [["open"], *(["login", code] for code in (None, "000000", "123456")), ["load"]]
    arguments = {"link": coded.link, "origin": ORIGIN, "random": "phone"}
    history = booth.call("steps", service=coded, steps=steps, **arguments)
    assert [step["error"] for step in history] == [None, "code-sent", "code-wrong", None, None]
    assert len(coded.of("/login/nonce")) == 1
    assert len({json.loads(str(request.body))["signature"] for request in coded.of("/login")}) == 1
    assert set(history[-1]["contests"]) == {"head", "council"}


@pytest.mark.parametrize("code", ["111111", "222222"])
def test_another_code_begins_with_another_nonce(booth: Booth, coded: CodedService, code: str) -> None:
    steps: Steps = [["open"], ["login", None], ["login", code], ["new_code"], ["login", "123456"]]
    arguments = {"link": coded.link, "origin": ORIGIN, "random": "phone"}
    history = booth.call("steps", service=coded, steps=steps, **arguments)
    assert [step["error"] for step in history][2:] == [
        {"111111": "code-expired", "222222": "too-many-codes"}[code],
        "code-sent",
        None,
    ]
    assert len(coded.of("/login/nonce")) == 2


# -- what contests are called ----------------------------------------------------------------------------------------


def test_contests_are_called_as_the_logged_constitution_calls_their_positions(
    booth: Booth, service: PlayedService
) -> None:
    (facts,) = run(booth, service, ["facts"])
    assert facts["contests"]["council"]["title"] == {"names": {"en": "Faculty"}, "block": ""}
    assert facts["ok"] == {"rehearsal": True, "unsent": False, "test": False}


def test_another_constitution_than_the_logged_one_is_refused(booth: Booth, service: PlayedService) -> None:
    """A53: two positions' names swapped by the service are seen before anything is shown."""
    service.misbehaves("/blobs", lambda answer: replace(answer, raw=str(answer.raw).replace("Faculty", "President")))
    arguments = {"link": service.link, "origin": ORIGIN, "random": "phone"}
    history = booth.call("steps", service=service, steps=START, **arguments)
    assert (history[-1]["error"], history[-1]["contests"]) == ("wrong-log", {})


@pytest.mark.parametrize(
    ("contest", "position", "title"),
    [
        ("faculty.law", "faculty", {"names": {"en": "Faculty", "ka": "ფაკულტეტი"}, "block": "Law"}),
        (
            "faculty.computer-science.2",
            "faculty",
            {"names": {"en": "Faculty", "ka": "ფაკულტეტი"}, "block": "Computer science 2"},
        ),
        ("faculty", "faculty", {"names": {"en": "Faculty", "ka": "ფაკულტეტი"}, "block": ""}),
        ("question.of-the-day", None, {"names": {"en": "Question of the day"}, "block": ""}),
        ("other.law", "other", {"names": {"en": "Other law"}, "block": ""}),
    ],
)
def test_a_title_is_position_and_block(booth: Booth, contest: str, position: str | None, title: dict[str, Any]) -> None:
    names = {"faculty": {"en": "Faculty", "ka": "ფაკულტეტი"}}
    assert booth.call("title", contest=contest, position=position, names=names) == title


# -- complaints, profiles, the end -----------------------------------------------------------------------------------


def test_a_complaint_is_signed_by_the_credential(booth: Booth, service: PlayedService) -> None:
    filed, empty = run(booth, service, ["complain", 1, "  Ballots went missing.  "], ["complain", 1, "   "])
    assert (filed["ok"], filed["error"]) == (41, None)
    assert empty["error"] == "malformed"
    (data,) = (msgspec.json.decode(str(request.body), type=ComplaintData) for request in service.of("/complaints"))
    verify_complaint(service.election.log_id, data)
    assert (data.text, data.credential) == ("Ballots went missing.", b64(service.voter.credential))


def test_profiles_that_cannot_be_had_are_none(booth: Booth, service: PlayedService) -> None:
    (profiles,) = run(booth, service, ["profiles", "head"])
    assert profiles == profiles | {"ok": {}, "error": None}


class CarelessService(PlayedService):
    """Answers as if everybody were logged in."""

    def view(self, request: Fetch, body: dict[str, Any]) -> Answer:
        return super().view(replace(request, headers={"authorization": f"Bearer {BEARER}"}), body)


def test_after_the_end_nothing_of_the_voter_is_left(booth: Booth, service: PlayedService) -> None:
    """A86: the next person at a shared device finds no session, and no key with which to go on."""
    careless = CarelessService(service.election, service.voter)
    *_, forgotten, tried = run(booth, careless, ["seal", "head", [1, 0, 0]], ["cast_all"], ["forget"], ["load"])
    assert forgotten["contests"] == {}
    assert (tried["error"], tried["contests"]) == ("internal", {})
    assert "authorization" not in careless.of("/voter")[-1].headers


# -- the test mode ---------------------------------------------------------------------------------------------------


def evidence_of(service: PlayedService, context: str) -> Answer:
    """What GET …/contests/{context}/evidence answers."""
    rules = next(box.rules for box in service.election.boxes[1] if b64(box.rules.context) == context)
    view = service.view(
        replace(service.requests[-1], headers={"authorization": "Bearer bearer-of-the-test"}), {}
    ).document
    leaves = [leaf_hash(raw) for raw in service.election.log.entries]
    place = next(item for item in view["contests"] if item["seq"] == service.seq_of(rules))
    assert view["entries"][0]["proof"] == prove(leaves, 0)
    return Answer(
        200,
        {name: view[name] for name in ("checkpoint", "entries")}
        | {name: place[name] for name in ("seq", "electorate_seq")},
    )


class PublicService(PlayedService):
    """A service as somebody without a link sees it."""

    def __call__(self, request: Any) -> Answer | None:
        path = request.path.removeprefix(f"/api/elections/{ELECTION}")
        if path == "/contests":
            self.requests.append(request)
            contests = [
                {"context": b64(box.rules.context), "poll": 1, "contest": box.plan.id, "state": "open"}
                for box in self.election.boxes[1]
            ]
            return Answer(200, {"contests": contests})
        if path.endswith("/evidence"):
            self.requests.append(request)
            return evidence_of(self, path.split("/")[2])
        return super().__call__(request)


@pytest.fixture
def public() -> PublicService:
    service = two_contests()
    return PublicService(service.election, service.voter)


TEST_LINK = f"https://vote.example/vote/{ELECTION}#test"


def test_the_test_mode_seals_and_audits_without_login_token_or_cast(booth: Booth, public: PublicService) -> None:
    steps: Steps = [["load"], ["facts"], ["seal", "head", [0, 1, 0]], ["audit", "head"]]
    _, facts, sealed, audited = booth.call(
        "steps", service=public, steps=steps, link=TEST_LINK, origin=ORIGIN, random="x"
    )
    assert facts["ok"] | {"test": True, "unsent": False} == facts["ok"]
    shown = bytes.fromhex(sealed["contests"]["head"]["sealed"])
    verify_audited(rules_of(public, "head"), msgspec.convert(audited["ok"], AuditedBallot), shown)
    assert {request.method for request in public.requests} == {"GET"}
    assert not any("authorization" in request.headers for request in public.requests)


@pytest.mark.parametrize("lie", ["another contest", "an entry altered", "no ceremony"])
def test_the_test_mode_believes_the_log_alone(booth: Booth, public: PublicService, lie: str) -> None:
    """A32, A53: what it encrypts to is proven as in the real mode."""
    honest = evidence_of

    class Lying(PublicService):
        def __call__(self, request: Any) -> Answer | None:
            if not request.path.endswith("/evidence"):
                return super().__call__(request)
            self.requests.append(request)
            wanted, other = (b64(box.rules.context) for box in self.election.boxes[1])
            document = honest(self, other if lie == "another contest" else wanted).document
            if lie == "an entry altered":
                document["entries"][-1]["entry"] = document["entries"][-1]["entry"].replace('"seq":', '"seq":1', 1)
            if lie == "no ceremony":
                document["entries"] = [
                    entry for entry in document["entries"] if "trustee.confirmed" not in entry["entry"]
                ]
            return Answer(200, document)

    service = Lying(public.election, public.voter)
    (loaded,) = booth.call("steps", service=service, steps=[["load"]], link=TEST_LINK, origin=ORIGIN, random="x")
    expected = {"another contest": "wrong-context", "an entry altered": "proof-invalid", "no ceremony": "joint-key"}
    assert (loaded["error"], loaded["contests"]) == (expected[lie], {})


def test_keys_of_an_audit_are_32_bytes(booth: Booth, service: PlayedService) -> None:
    """docs/protocol.md §8: exactly these members, for the stand-alone page and `election-audit ballot`."""
    _, audited = run(booth, service, ["seal", "council", [0, 1, 0, 1]], ["audit", "council"])
    assert set(audited["ok"]) == {"context", "owner", "vote", "seed"}
    assert audited["ok"]["vote"] == [0, 1, 0, 1]
    assert all(len(unb64(audited["ok"][name], 32, name)) == 32 for name in ("context", "owner", "seed"))
