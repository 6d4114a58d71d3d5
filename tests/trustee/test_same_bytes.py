"""The stand-alone tool and the command line: the same random bytes give the same file and the same messages (A91)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from keys import hpke
from keys.canonical import b64, encode, unb64
from keys.curve import Point, Scalar, base_multiply
from keys.keyfile import Cost
from keys.trustee import Ceremony, ComplainedData, SharedData, Stage, StepData, TrusteeSession
from keys.trustee.canary import verify_canary
from keys.trustee.errors import CeremonyError
from keys.trustee.file import TrusteeFile, new_trustee_file, open_trustee_file, seal_trustee_file
from keys.trustee.messages import CanaryData, sign_step
from keys.trustee.share import seal_share
from keys.trustee.tool import canary, next_step
from tally.share import ShareContext, Trustee, make_share, verify_share
from tally.sums import ContestSums
from tally.wire import ShareData
from tests.booth.harness import Booth, BoothRefusalError
from tests.keys import hpke_by_hand
from tests.keys.trustees import ELECTION, LOG_ID, Stream, finished, new_session, play

PASSPHRASE = "ოთხი სიტყვა, café 7"
CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=2)
KINDS = ("hashed", "committed", "shared", "confirmed", "complained")
AES_256 = 2

Draw = Callable[[int], bytes]


@pytest.fixture
def sealing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Draw], None]:
    """HPKE with ephemeral keys from a stream: the library takes none, so RFC 9180 by hand stands in for it."""

    def install(random: Draw) -> None:
        def seal(public: bytes, info: bytes, plaintext: bytes) -> bytes:
            return hpke_by_hand.seal_first(random(32), public, info, plaintext, AES_256)

        monkeypatch.setattr(hpke, "seal", seal)

    return install


def logged(ceremony: Ceremony) -> list[dict[str, Any]]:
    """The ceremony's messages as they stand in a log."""
    rounds = (ceremony.hashed, ceremony.committed, ceremony.shared, ceremony.confirmed)
    found = [
        {"kind": f"trustee.{kind}", "data": msgspec.to_builtins(messages[i])}
        for kind, messages in zip(KINDS, rounds, strict=False)
        for i in sorted(messages)
    ]
    if ceremony.complained is not None:
        found.append({"kind": "trustee.complained", "data": msgspec.to_builtins(ceremony.complained)})
    return found


def described(ceremony: Ceremony) -> dict[str, Any]:
    session = ceremony.session
    return {
        "log_id": session.log_id.hex(),
        "attempt": session.attempt,
        "k": session.k,
        "identities": [key.hex() for key in session.identities],
        "steps": logged(ceremony),
    }


def test_a_new_file_has_the_same_content(tool: Booth) -> None:
    file = new_trustee_file(ELECTION, Stream("new"))
    assert tool.call("new_file", election=ELECTION, random="new") == encode(file).hex()
    assert tool.call("identity", file=encode(file).hex()) == file.identity_key.hex()


def test_a_sealed_file_is_the_same_bytes_and_each_opens_the_others(tool: Booth) -> None:
    file = finished().files[0]
    content = encode(file).hex()
    sealed = seal_trustee_file(file, PASSPHRASE, Stream("seal"), CHEAP)
    cost = {"memory": CHEAP.memory, "iterations": CHEAP.iterations, "lanes": CHEAP.lanes}
    made = tool.call("seal", file=content, passphrase=PASSPHRASE, random="seal", cost=cost)
    assert made == sealed.hex()
    assert tool.call("open", sealed=sealed.hex(), passphrase=PASSPHRASE) == content
    assert open_trustee_file(bytes.fromhex(made), PASSPHRASE) == file
    with pytest.raises(BoothRefusalError, match="wrong-passphrase"):
        tool.call("open", sealed=sealed.hex(), passphrase="another")


def test_a_file_with_the_cost_of_real_ones_opens(tool: Booth) -> None:
    file = new_trustee_file(ELECTION, Stream("real"))
    sealed = seal_trustee_file(file, PASSPHRASE, Stream("cost"))
    assert tool.call("open", sealed=sealed.hex(), passphrase=PASSPHRASE) == encode(file).hex()


def test_hpke_seals_the_same_and_opens_the_librarys(tool: Booth) -> None:
    secret, info, plaintext = Stream("secret")(32), b"purpose", bytes(range(32))
    public = hpke.public_key(secret)
    expected = hpke_by_hand.seal_first(Stream("e")(32), public, info, plaintext, AES_256)
    assert (
        tool.call("hpke_seal", key=public.hex(), info=info.hex(), plaintext=plaintext.hex(), random="e")
        == expected.hex()
    )
    sealed = hpke.seal(public, info, plaintext)
    assert tool.call("hpke_open", secret=secret.hex(), info=info.hex(), sealed=sealed.hex()) == plaintext.hex()
    for bent in (
        sealed[:-1],
        sealed[:31] + bytes([sealed[31] ^ 1]) + sealed[32:],
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
    ):
        with pytest.raises(BoothRefusalError):
            tool.call("hpke_open", secret=secret.hex(), info=info.hex(), sealed=bent.hex())


LOW_ORDER = (
    bytes(32),
    bytes([1]) + bytes(31),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
)


def test_sealing_keys_of_low_order_are_refused_by_both(tool: Booth) -> None:
    keys = [*LOW_ORDER, *(key[:31] + bytes([key[31] | 0x80]) for key in LOW_ORDER), hpke.public_key(b"\x07" * 32)]
    verdicts = []
    for key in keys:
        try:
            hpke.check_public_key(key)
        except hpke.SealError:
            verdicts.append(False)
        else:
            verdicts.append(True)
    assert tool.call("hpke_keys", keys=[key.hex() for key in keys]) == verdicts
    assert verdicts == [False] * 14 + [True]


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 2), (5, 4)])
def test_a_whole_ceremony_is_the_same_bytes(tool: Booth, sealing: Callable[[Draw], None], n: int, k: int) -> None:
    session, files, _ = new_session(n, k)
    ceremony = Ceremony(session)
    steps = 0
    for round_ in range(5):
        for position, file in enumerate(files):
            seed = f"{round_}/{position}"
            answer = tool.call("next_step", file=encode(file).hex(), random=seed, **described(ceremony))
            random = Stream(seed)
            sealing(random)
            files[position], data = next_step(file, ceremony, random)
            assert answer["file"] == encode(files[position]).hex()
            if data is None:
                assert answer["step"] is None
                continue
            steps += 1
            assert encode(answer["step"]["data"]) == encode(data)
            ceremony = ceremony.add(data)
            assert logged(ceremony)[-1]["kind"].startswith("trustee.")
    assert (ceremony.stage, steps) == (Stage.DONE, 4 * n)
    joint = ceremony.joint_key
    points = [point.to_bytes().hex() for point in (joint.point, *joint.verification_shares)]
    assert tool.call("ceremony", **described(ceremony)) == {"stage": "done", "points": points, "guilty": None}


def bad_share(n: int = 3) -> tuple[Ceremony, list[TrusteeFile], Stream]:
    """Trustee 2 seals f(0) to trustee 3 in place of f(3)."""
    session, files, random = new_session(n, 2, seed="bad")
    ceremony = play(Ceremony(session), files, random, rounds=2)

    def meddle(data: StepData) -> StepData:
        if not isinstance(data, SharedData) or data.i != 2 or files[1].current is None:
            return data
        wrong = Scalar.from_bytes(unb64(files[1].current.coefficients[0], 32, "a"))
        sealed = seal_share(session, 2, ceremony.messages[2], wrong)
        shares = (data.shares[0], msgspec.structs.replace(data.shares[1], sealed=b64(sealed)))
        return sign_step(session, msgspec.structs.replace(data, shares=shares), files[1].identity_secret, random)

    return play(ceremony, files, random, rounds=1, meddle=meddle), files, random


def test_a25_a_bad_share_gives_the_same_complaint_and_the_same_guilty(tool: Booth) -> None:
    ceremony, files, _ = bad_share()
    answer = tool.call("next_step", file=encode(files[2]).hex(), random="c", **described(ceremony))
    file, data = next_step(files[2], ceremony, Stream("c"))
    assert isinstance(data, ComplainedData)
    assert answer == {
        "file": encode(file).hex(),
        "step": {"kind": "trustee.complained", "data": msgspec.to_builtins(data)},
    }
    void = ceremony.add(data)
    assert tool.call("ceremony", **described(void)) == {"stage": "void", "points": None, "guilty": void.guilty}
    assert void.guilty == 2
    again = tool.call("next_step", file=answer["file"], random="d", **described(void))
    assert again == {"file": answer["file"], "step": None}


def test_a24_who_confirmed_never_signs_a_second_transcript(tool: Booth) -> None:
    ceremony, files, random = bad_share()
    good = play(Ceremony(ceremony.session), files, random, rounds=3)
    file, _ = next_step(files[2], good, random)
    with pytest.raises(BoothRefusalError, match="although this file confirmed"):
        tool.call("next_step", file=encode(file).hex(), random="x", **described(ceremony))


def test_a24_a_file_that_did_not_make_the_logged_message_is_refused(tool: Booth) -> None:
    session, files, random = new_session(seed="copied")
    ceremony = play(Ceremony(session), files, random, rounds=1)
    fresh = msgspec.structs.replace(files[0], current=None)
    with pytest.raises(CeremonyError, match="did not make"):
        next_step(fresh, ceremony, random)
    with pytest.raises(BoothRefusalError, match="not-my-message"):
        tool.call("next_step", file=encode(fresh).hex(), random="x", **described(ceremony))


def test_after_a_key_there_is_no_other_session(tool: Booth) -> None:
    done = finished()
    again = TrusteeSession(LOG_ID, 2, 2, done.ceremony.session.identities)
    file, _ = next_step(done.files[0], done.ceremony, Stream("finish"))
    with pytest.raises(BoothRefusalError, match="wrong-session"):
        tool.call("next_step", file=encode(file).hex(), random="x", **described(Ceremony(again)))


def test_canaries_are_the_same_bytes(tool: Booth) -> None:
    done = finished()
    for file in done.files:
        data = canary(file, LOG_ID, done.joint, 7, Stream("canary"))
        given = tool.call("canary", file=encode(file).hex(), poll=7, random="canary", **described(done.ceremony))
        assert encode(given) == encode(data)
        verify_canary(LOG_ID, done.joint, msgspec.convert(given, CanaryData))
        for name, value in (
            ("i", data.i % 3 + 1),
            ("poll", 8),
            ("d", data.a),
            ("a", data.d),
            ("z", b64(Scalar(5).to_bytes())),
        ):
            with pytest.raises(BoothRefusalError):
                tool.call("verify_canary", data={**given, name: value}, **described(done.ceremony))


def sums_of(pairs: list[tuple[Point, Point]]) -> tuple[ContestSums, dict[str, Any]]:
    context = bytes(range(32))
    plain = [[None if point.is_identity else point.to_bytes().hex() for point in pair] for pair in pairs]
    sums = ContestSums(context, 5, tuple(pairs))
    return sums, {"context": context.hex(), "ballots": 5, "pairs": plain}


def test_shares_of_sums_are_the_same_bytes(tool: Booth) -> None:
    done = finished()
    where = ShareContext(LOG_ID, done.ceremony.session.id)
    some, other = base_multiply(Scalar(11)), base_multiply(Scalar(12))
    sums, plain = sums_of([(some, other), (other, Point.IDENTITY), (Point.IDENTITY, some)])
    for number, file in enumerate(done.files, start=1):
        data = make_share(where, sums, number, file.secret_share(done.joint), file.identity_secret, Stream("share"))
        given = tool.call("share", file=encode(file).hex(), sums=plain, random="share", **described(done.ceremony))
        assert encode(given) == encode(data)
        trustee = Trustee(number, file.identity_key, done.joint.verification_share(number))
        decryptions = verify_share(where, trustee, sums, msgspec.convert(given, ShareData))
        expected = [None if point.is_identity else point.to_bytes().hex() for point in decryptions]
        assert tool.call("verify_share", data=given, sums=plain, **described(done.ceremony)) == expected
