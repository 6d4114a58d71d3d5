"""Write tests/vectors/es1/*.json from fixed seeds: ``python -m tools.make_vectors``. Twice gives the same bytes.

Raw bytes are lower-case hex, documents are strings that hold their canonical bytes. `log.json` and `ceremony.json`
carry what a reader needs to follow entry 0, the approvals and the trustees' session; `ballots.json` covers every shape
of contest that the booth can meet.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit.checkpoint import make_checkpoint
from audit.merkle import leaf_hash, tree_root
from ballot.contest import ContestRules
from ballot.encryption import coins
from ballot.link import make_link
from keys.canonical import encode
from keys.curve import Point
from keys.derive import credential_key
from keys.ids import fingerprint, short_code
from keys.transcript import Tag, challenge, digest, u64
from keys.trustee.commitment import message_hash
from keys.trustee.session import identity_secret
from tally.share import ShareContext, make_share
from tally.sums import sum_bodies
from tools import example_election as example

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "es1"
SOURCE = "docs/protocol.md, made by tools/make_vectors.py (make vectors) from the seeds of tools/example_election.py"

# name, options, min, max, blank, the marks of each vote that is encrypted
SHAPES = (
    ("one-option", 1, 0, 1, False, ((0,), (1,))),
    ("choose-one", 2, 1, 1, False, ((1, 0), (0, 1))),
    ("one-or-blank", 3, 1, 1, True, ((1, 0, 0), (0, 0, 1))),
    ("two-of-four-or-blank", 5, 1, 2, True, ((1, 1, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0, 0, 1))),
    ("approve-any", 4, 0, 4, False, ((0, 0, 0, 0), (1, 0, 1, 0), (1, 1, 1, 1))),
    ("all-of-three", 3, 3, 3, False, ((1, 1, 1),)),
)


def hashing() -> dict[str, Any]:
    """H, Hq, short codes, derivation."""
    parts: tuple[tuple[bytes, ...], ...] = ((), (b"",), (b"ab", b"c"), (b"a", b"bc"), (bytes(32), u64(1), b"x" * 300))
    seed = example.stream("voter/0")(32)
    return {
        "hashes": [
            {
                "tag": tag.value,
                "parts": [part.hex() for part in chosen],
                "digest": digest(tag, *chosen).hex(),
                "scalar": challenge(tag, *chosen).to_bytes().hex(),
            }
            for tag in (Tag.CONTEXT, Tag.BALLOT)
            for chosen in parts
        ],
        "short_codes": [
            {"bytes": raw.hex(), "code": short_code(raw), "fingerprint": fingerprint(raw)}
            for raw in (bytes(32), b"\xff" * 32, bytes(range(32)))
        ],
        "credential": {
            "seed": seed.hex(),
            "election": example.ELECTION,
            "secret": credential_key(seed, example.ELECTION).hex(),
        },
    }


def ceremony() -> dict[str, Any]:
    """Session, coefficients, messages, shares, joint key."""
    made = example.ceremony()
    numbers = range(1, example.TRUSTEES + 1)
    return {
        "log_id": example.log_id().hex(),
        "attempt": made.session.attempt,
        "k": made.session.k,
        "identities": [key.hex() for key in made.session.identities],
        "session": made.session.id.hex(),
        "coefficients": [[a.to_bytes().hex() for a in polynomial.coefficients] for polynomial in made.polynomials],
        "messages": [encode(message).decode() for message in made.messages],
        "message_hashes": [message_hash(message).hex() for message in made.messages],
        "joint_key": made.joint.point.to_bytes().hex(),
        "secret_shares": [made.secret_share(number).to_bytes().hex() for number in numbers],
        "verification_shares": [made.joint.verification_share(number).to_bytes().hex() for number in numbers],
    }


def log() -> dict[str, Any]:
    """Entry 0, the approved entry 1, their leaves and root, a checkpoint, an electorate, a link."""
    entries = [example.log_opened(), example.constitution_entry()]
    leaves = [leaf_hash(entry) for entry in entries]
    root = tree_root(leaves)
    voter, body = example.voters()[0], example.electorate()
    return {
        "entries": [entry.decode() for entry in entries],
        "log_id": example.log_id().hex(),
        "leaves": [leaf.hex() for leaf in leaves],
        "root": root.hex(),
        "log_key_seed": example.stream("log key")(32).hex(),
        "checkpoint": make_checkpoint(example.ORIGIN, len(entries), root, example.stream("log key")(32)).decode(),
        "constitution": example.CONSTITUTION.decode(),
        "electorate": {
            "id": "all",
            "blob": body.blob.hex(),
            "root": body.root.hex(),
            "signature": body.signature.hex(),
        },
        "link": make_link("https://vote.example.edu", example.ELECTION, voter.seed, example.log_id()),
    }


def ballots() -> dict[str, Any]:
    """Every shape of contest, with whole ballots: coins, body, tracker, cast request, receipt."""
    contests = []
    for name, options, least, most, blank, votes in SHAPES:
        rules = example.contest(name, options, least, most, blank=blank, recovery=False)
        made = [
            _ballot(rules, example.voters()[number], marks, f"{name}/{number}") for number, marks in enumerate(votes)
        ]
        contests.append({"contest": rules.raw.decode(), "context": rules.context.hex(), "ballots": made})
    return {"contests": contests}


def _ballot(rules: ContestRules, voter: example.Voter, marks: tuple[int, ...], label: str) -> dict[str, Any]:
    made = example.vote(rules, voter, marks, label)
    owner = digest(Tag.OWNER, made.token.key, made.t)
    coin = coins(made.ballot.seed, rules.context, owner, marks)
    return {
        "credential_seed": voter.seed.hex(),
        "token_secret": made.waiting.secret.hex(),
        "token_key": made.token.key.hex(),
        "prepared": made.waiting.prepared.hex(),
        "blinded": made.waiting.blinded.hex(),
        "inverse": made.waiting.inverse.hex(),
        "request": encode(made.request).decode(),
        "blind_signature": made.blind_signature.hex(),
        "token_signature": made.token.signature.hex(),
        "vote": list(marks),
        "s": made.ballot.seed.hex(),
        "t": made.t.hex(),
        "owner": owner.hex(),
        "coins": {label: coin(label).to_bytes().hex() for label in ("r/0", "w/0", "c/0/1", "z/0/1", "w/sum")},
        "body": made.ballot.body.decode(),
        "tracker": made.ballot.tracker.hex(),
        "tracker_shown": short_code(made.ballot.tracker),
        "cast": encode(made.ballot.data).decode(),
        "receipt": encode(made.receipt).decode(),
    }


def tally() -> dict[str, Any]:
    """The sums of three ballots, and the shares of trustees 1 and 3."""
    rules = example.contest("choose-one", 2, 1, 1, blank=False, recovery=False)
    votes = [
        example.vote(rules, voter, marks, f"tally/{number}")
        for number, (voter, marks) in enumerate(zip(example.voters(), ((1, 0), (0, 1), (1, 0)), strict=True))
    ]
    sums = sum_bodies(rules.context, rules.options, [made.ballot.data.body for made in votes])
    session = example.ceremony().session
    where = ShareContext(example.log_id(), session.id)
    shares = [
        make_share(where, sums, i, example.ceremony().secret_share(i), _identity(i), example.stream(f"share/{i}"))
        for i in (1, 3)
    ]
    return {
        "contest": rules.raw.decode(),
        "bodies": [made.ballot.body.decode() for made in votes],
        "sums": [[_hex(a), _hex(b)] for a, b in sums.pairs],
        "shares": [encode(share).decode() for share in shares],
        "counts": [2, 1],
    }


def _identity(number: int) -> bytes:
    return identity_secret(example.stream(f"trustee/{number}")(32), example.ELECTION)


def _hex(point: Point) -> str | None:
    return None if point.is_identity else point.to_bytes().hex()


def files() -> Iterator[tuple[str, str]]:
    """Yield name and content of every vector file."""
    for make in (hashing, ceremony, log, ballots, tally):
        document = {"source": SOURCE, **make()}
        yield f"{make.__name__}.json", json.dumps(document, indent=1) + "\n"


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files():
        (FOLDER / name).write_text(content, encoding="utf-8")
        print(f"{name}: {len(content)} bytes")


if __name__ == "__main__":
    main()
