"""What anybody may read: the shape of every public answer, frozen (A72), and nothing in any of them that opens a ballot
(A50).

A new member of a public answer fails here until somebody has looked at it and written it down.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from ballot.contest import ContestRules
from ballot.encryption import MadeBallot, coins, make_ballot
from election_service.endpoints import BASE, ENDPOINTS
from election_service.publication import export_log
from election_service.seal import seal_waiting
from keys.canonical import b64, unb64
from tests.service.house import ELECTION, House, Person, new_seed
from tests.service.pages_reader import page_paths

PUBLIC = {
    "": "contact election log now origin polls polls.closes polls.complaints polls.opens polls.poll polls.state "
    "rehearsal second_factor texts texts.* texts.*.intro texts.*.title title zone",
    "/login/nonce": "expires_in nonce",
    "/login": "bearer expires_in",
    "/ballots": "signature tracker",
    "/contests/{context}/ballots": "ballots ballots.key ballots.seq ballots.tracker",
    "/contests": "contests contests.contest contests.context contests.electorate contests.max contests.min "
    "contests.options contests.options.blank contests.options.id contests.options.name contests.options.name.* "
    "contests.poll contests.position contests.size contests.state",
    "/contests/{context}/evidence": "checkpoint electorate_seq entries entries.entry entries.proof entries.seq seq",
    "/contests/{context}/profiles": "profiles profiles.* profiles.*.photo profiles.*.statements "
    "profiles.*.statements.*",
    "/turnout": "polls polls.at polls.contests polls.contests.ballots polls.contests.contest polls.contests.context "
    "polls.contests.size polls.exact polls.poll",
    "/acts": "acts acts.act acts.approvals acts.approvals.member acts.approvals.signature acts.data acts.data.* "
    "acts.expires acts.kind acts.not_before acts.seq acts.state",
    "/documents": "polls polls.entries polls.files polls.final polls.poll",
    "/agenda": "complaints missing petitions petitions.closed petitions.electorate petitions.petition petitions.size "
    "petitions.supporters petitions.until tasks tasks.due tasks.names tasks.names.* tasks.names.*.* tasks.task "
    "tasks.task.barred tasks.task.clause tasks.task.days tasks.task.kind tasks.task.options tasks.task.procedure "
    "tasks.task.seat tasks.task.tour tasks.task.voters votes votes.closed votes.electorate votes.size votes.until "
    "votes.vote votes.votes",
    "/seats": "honorary seats seats.acting seats.acting_name seats.acting_name.* seats.by seats.cause seats.name "
    "seats.name.* seats.person seats.position seats.seat seats.since seats.state seats.until",
    "/polls/{n}/notices": "notices notices.clause notices.due notices.severity notices.text",
}
# what no answer to anybody may be called
SECRET_NAMES = {
    "email",
    "student",
    "student_id",
    "full_name",
    "credential",
    "seed",
    "secret",
    "code",
    "vote",
    "choice",
    "r",
}


def members(kind: Any, path: str = "") -> Iterator[str]:
    """Every member of an answer, with its place."""
    kind = msgspec.inspect.type_info(kind) if not isinstance(kind, msgspec.inspect.Type) else kind
    if isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            place = f"{path}.{field.encode_name}".lstrip(".")
            yield place
            yield from members(field.type, place)
    elif isinstance(kind, msgspec.inspect.ListType):
        yield from members(kind.item_type, path)
    elif isinstance(kind, msgspec.inspect.DictType):
        yield f"{path}.*"
        yield from members(kind.value_type, f"{path}.*")
    elif isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            yield from members(one, path)


def shapes() -> dict[str, str]:
    """Path → members of its answer, for all that anybody may ask."""
    return {
        endpoint.path.removeprefix(BASE): " ".join(sorted(set(members(endpoint.response))))
        for endpoint in ENDPOINTS
        if endpoint.role == "anyone" and endpoint.response is not None
    }


def test_a72_every_public_answer_has_the_shape_that_was_looked_at() -> None:
    assert shapes() == PUBLIC


def test_a72_no_public_answer_has_a_member_for_a_person() -> None:
    for path, names in shapes().items():
        named = {name.rpartition(".")[2] for name in names.split() if name != "votes.vote"}  # the id of an open vote
        assert named & SECRET_NAMES == set(), path


@dataclass
class Known:
    """A ballot of which everything is known."""

    person: Person
    rules: ContestRules
    made: MadeBallot
    vote: tuple[int, ...]

    @property
    def secrets(self) -> dict[str, bytes]:
        """The seed s and every r that opens a ciphertext, in every writing."""
        owner = unb64(self.made.data.body.owner, 32, "owner")
        coin = coins(self.made.seed, self.rules.context, owner, self.vote)
        raws = {"s": self.made.seed, **{f"r/{i}": coin(f"r/{i}").to_bytes() for i in range(len(self.vote))}}
        written = {f"{name} text": b64(raw)[:42].encode() for name, raw in raws.items()}
        return raws | written | {f"{name} hex": raw.hex().encode() for name, raw in raws.items()}


async def cast(house: House, person: Person, vote: tuple[int, ...]) -> Known:
    rules = await house.rules(house.contexts[0])
    made = make_ballot(rules, await house.token(person, rules), vote, person.seed, os.urandom)
    assert (await house.post("/ballots", made.data)).status == 200
    return Known(person, rules, made, vote)


async def everything(house: House) -> dict[str, bytes]:
    """Every answer that can be had by GET: API, pages, the whole log; path → headers and body."""
    context = b64(house.contexts[0])
    fill = {"{e}": ELECTION, "{n}": "1", "{context}": context, "{person}": "s1", "{act}": b64(bytes(16))}
    fill["{name}"] = "protocol-1-en.pdf"
    booth = f"/vote/{ELECTION}"
    paths = ["/api/openapi.json", booth, f"{booth}/complaint", f"/check/{ELECTION}", f"/audit/{ELECTION}"]
    for endpoint in ENDPOINTS:
        path = endpoint.path
        for name, value in fill.items():
            path = path.replace(name, value)
        if endpoint.method == "GET":
            paths.append(path + "?opens=2030-01-01T00:00:00Z&closes=2030-01-02T00:00:00Z" * bool(endpoint.query))
    folder = house.folder / f"everything-{os.urandom(4).hex()}"
    async with house.service.database.snapshot() as connection:
        await export_log(connection, ELECTION, folder)
    logged = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    paths += [f"/log/{ELECTION}/{path}" for path in logged]
    found = {}
    assert house.http is not None
    for path in [*paths, *await page_paths(house)]:
        headers = {"Accept": "text/html,application/json", "Authorization": f"Bearer {house.people[0].bearer}"}
        answer = await house.http.get(path, headers=headers)
        found[path] = str(answer.headers).encode() + await answer.read()
        assert answer.status in (200, 400, 401, 409), (path, answer.status)
    return found


async def test_a50_no_answer_opens_a_ballot_before_or_after_the_close(open_house: House) -> None:
    """Neither the seed of a cast ballot nor the randomness of any ciphertext is in anything the service says."""
    house = open_house
    votes = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    known = [await cast(house, person, vote) for person, vote in zip(house.people, votes, strict=False)]
    needles = {f"{number} {name}": raw for number, one in enumerate(known) for name, raw in one.secrets.items()}
    assert len(needles) == 3 * 4 * 3
    trackers = {b64(one.made.tracker).encode() for one in known}
    for close in (False, True):
        await seal_waiting(house.service, ELECTION)
        if close:
            await house.close_early()
            await house.tally()
        answers = await everything(house)
        assert {(name, path) for name, raw in needles.items() for path, text in answers.items() if raw in text} == set()
        list_ = answers[f"/api/elections/{ELECTION}/contests/{b64(house.contexts[0])}/ballots"]
        assert all(tracker in list_ for tracker in trackers), "the search finds what is public"


async def test_a72_nothing_public_names_a_voter_before_the_close(open_house: House) -> None:
    """Every address that answers to GET, the whole log included: no credential, unspent token, or name of the roll."""
    house = open_house
    await house.list_people()
    await cast(house, house.people[1], (1, 0, 0))
    rules = await house.rules(house.contexts[0])
    token = await house.token(house.people[2], rules)
    await seal_waiting(house.service, ELECTION)
    needles = {"unspent token": b64(token.key).encode(), "address": b"@example.edu", "name": b"Person "}
    for number, person in enumerate(house.people):
        written = b64(person.credential), person.credential.hex(), *([person.bearer] if person.bearer else [])
        needles |= {f"person {number}: {text[:8]}": text.encode() for text in written}
        needles |= {f"seed {number}": b64(person.seed)[:42].encode()}
    answers = await everything(house)
    allowed = f"/log/{ELECTION}/blobs/"  # the electorates: sets of credentials, which the registrar has signed
    found = {(name, path) for name, raw in needles.items() for path, text in answers.items() if raw in text}
    assert {item for item in found if not item[1].startswith(allowed)} == set()


async def test_a72_the_drafts_of_acts_count_and_name_nobody(open_house: House) -> None:
    house = open_house
    await house.change_poll("poll.paused")
    document = await (await house.get("/polls/1/closing")).json()
    assert set(document) == {"contests", "poll"}
    assert {name for item in document["contests"] for name in item} == {"context", "ballots", "tokens", "token_root"}


async def test_a72_refusals_say_what_is_wrong_and_nothing_else(open_house: House) -> None:
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.token(person, rules)
    stranger = await house.login_request(Person(new_seed()))
    bad = [
        await house.post("/ballots", b"{}"),
        await house.post("/login", {**stranger, "signature": b64(bytes(64))}),
        await house.get("/voter", "nobody"),
        await house.get("/nothing"),
        await house.post("/tokens", house.request_token(person, rules), person.bearer),
    ]
    for answer in bad:
        document = json.loads(await answer.read())
        own = {"blinded", "recovery", "blind_signature"} if document["code"] == "token-already-issued" else set()
        assert set(document) - {"refusal"} == {"type", "title", "status", "detail", "code"} | own
        text = json.dumps(document)
        assert b64(person.credential) not in text
        assert person.bearer not in text
