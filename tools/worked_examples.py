"""Write the worked examples into docs/protocol.md, Appendix B: ``python -m tools.worked_examples``.

They come from the same fixed seeds as tests/vectors/es1/ (tools/example_election.py).
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from audit.checkpoint import make_checkpoint
from audit.merkle import leaf_hash, tree_root
from ballot.ballot import cast_message, owner_of
from ballot.encryption import coins
from ballot.link import make_link
from ballot.parsed import parse_body
from ballot.token import issue_message, token_message
from keys.canonical import encode
from keys.curve import ORDER, Scalar
from keys.ids import short_code
from keys.transcript import Tag, digest, length_prefixed
from keys.trustee.commitment import message_hash
from tools import example_election as example

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "protocol.md"
BEGIN = "<!-- worked examples: begin (made by tools/worked_examples.py; do not edit by hand) -->\n"
END = "<!-- worked examples: end -->\n"
_WIDTH = 96  # hex digits or characters in a line

INTRODUCTION = """
Made from fixed seeds by `make vectors`. Bytes are hex, long ones broken into lines; documents are shown as their
canonical bytes, broken into lines as well: join the lines without anything between them. Seeds and secret keys are
those of `tools/example_election.py`, where `stream(label)` is `SHA-256("es1 example/" ‖ label ‖ "/" ‖ counter)` for
counter 0, 1, …, one block after the other.
"""
CHECKPOINT = """Entry 1 is the constitution, approved by two members. A leaf is `SHA-256(00 ‖ entry)`, a node
`SHA-256(01 ‖ left ‖ right)`. The checkpoint signs origin, size and root, here in padded base64, as C2SP has it."""
BLANK = """Four candidates and a blank option, m = 1 and M = 2: g = (1, 1, 1, 1, 2). The vote (0, 0, 0, 0, 1) has the
weighted sum 2, whose branch is 2 − m = 1; branch 0 is simulated with c/sum/0 and z/sum/0. e is the one challenge of the
ballot, and c_1 = e − c_0 is not sent. The same ballot stands in `tests/vectors/es1/ballots.json`, with its token and
its signature."""


def _block(*rows: tuple[str, bytes | str]) -> str:
    """An indented block of `name  value` rows, values broken into lines."""
    lines = []
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        text = value.hex() if isinstance(value, bytes) else value
        pieces = [text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH)] or ["(empty)"]
        lines.append(f"    {name:<{width}}{pieces[0]}")
        lines += [f"    {'':<{width}}{piece}" for piece in pieces[1:]]
    return "\n".join(lines) + "\n"


def sections() -> Iterator[tuple[str, str, str]]:
    """Yield title, a sentence and the block of every example."""
    yield (
        "B.1 A hash",
        'What goes into SHA-256 for `H("es1/owner", 616263, 64)`: each input after its length.',
        _block(
            ("L(tag)", length_prefixed(Tag.OWNER.encode())),
            ("L(x1)", length_prefixed(b"abc")),
            ("L(x2)", length_prefixed(b"d")),
            ("H", digest(Tag.OWNER, b"abc", b"d")),
        ),
    )
    first = example.log_opened()
    yield (
        "B.2 Entry 0, log id",
        "The canonical bytes of entry 0; the log id is their SHA-256.",
        _block(("entry 0", first.decode()), ("log id", example.log_id())),
    )
    yield from _log_sections(first)
    yield from _trustee_sections()
    yield from _vote_sections()
    yield from _blank_section()


def _log_sections(first: bytes) -> Iterator[tuple[str, str, str]]:
    second = example.constitution_entry()
    leaves = [leaf_hash(first), leaf_hash(second)]
    root = tree_root(leaves)
    note = make_checkpoint(example.ORIGIN, 2, root, example.stream("log key")(32)).decode()
    yield (
        "B.3 An approved act, leaves, root, checkpoint",
        CHECKPOINT,
        _block(("entry 1", second.decode()), ("leaf 0", leaves[0]), ("leaf 1", leaves[1]), ("root", root))
        + "\n"
        + "".join(f"    {line}".rstrip() + "\n" for line in note.splitlines()),
    )
    voter, body = example.voters()[0], example.electorate()
    yield (
        "B.4 Credential, ballot link, electorate",
        "One voter's seed, the key derived from it, and the link; three such keys, sorted, are the electorate `all`.",
        _block(
            ("seed", voter.seed),
            ("secret", voter.secret),
            ("credential", voter.credential),
            ("link", make_link("https://vote.example.edu", example.ELECTION, voter.seed, example.log_id())),
            ("blob", body.blob),
            ("blob's name", sha256(body.blob).hexdigest()),
            ("root", body.root),
            ("signature", body.signature),
        ),
    )


def _trustee_sections() -> Iterator[tuple[str, str, str]]:
    made = example.ceremony()
    message = made.messages[0]
    yield (
        "B.5 Trustees, 2 of 3",
        "The session, trustee 1's coefficients and message, and what follows for all three.",
        _block(
            *((f"identity {i}", key) for i, key in enumerate(made.session.identities, start=1)),
            ("session", made.session.id),
            ("a_10", made.polynomials[0].coefficients[0].to_bytes()),
            ("a_11", made.polynomials[0].coefficients[1].to_bytes()),
            ("message 1", encode(message).decode()),
            ("its hash", message_hash(message)),
            ("f_1(2)", made.polynomials[0].at(2).to_bytes()),
            ("Y", made.joint.point.to_bytes()),
            ("x_1", made.secret_share(1).to_bytes()),
            ("Y_1", made.joint.verification_share(1).to_bytes()),
        ),
    )


def _vote_sections() -> Iterator[tuple[str, str, str]]:
    rules = example.contest("choose-one", 2, 1, 1, blank=False, recovery=False)
    made = example.vote(rules, example.voters()[0], (1, 0), "choose-one/0")
    yield (
        "B.6 Contest, context",
        "Two options, one choice. Everything below is bound to the context.",
        _block(("document", rules.raw.decode()), ("context", rules.context)),
    )
    yield (
        "B.7 Token",
        "From the token key to the unblinded signature.",
        _block(
            ("token secret", made.waiting.secret),
            ("token key", made.token.key),
            ("msg", token_message(rules.context, made.token.key)),
            ("prepared", made.waiting.prepared),
            ("blinded", made.waiting.blinded),
            ("inv", made.waiting.inverse),
            ("issue message", issue_message(rules.context, made.waiting.blinded)),
            ("request", encode(made.request).decode()),
            ("blind signature", made.blind_signature),
            ("sig", made.token.signature),
        ),
    )
    owner = owner_of(made.token.key, made.t)
    coin = coins(made.ballot.seed, rules.context, owner, made.choices)
    body = made.ballot.data.body
    yield (
        "B.8 Ballot",
        "The vote is (1, 0): the first of two options.",
        _block(
            ("s", made.ballot.seed),
            ("t", made.t),
            ("w", owner),
            *((f"coin({label})", coin(label).to_bytes()) for label in ("r/0", "r/1", "w/0", "c/0/0", "z/0/0", "w/sum")),
            ("body", made.ballot.body.decode()),
            ("tracker", made.ballot.tracker),
            ("shown as", short_code(made.ballot.tracker)),
            ("cast message", cast_message(made.ballot.body)),
            ("signature", made.ballot.data.signature),
            ("receipt", encode(made.receipt).decode()),
        )
        + f"\nA_0 in the body is `{body.choices[0].a}`, which is coin(r/0)·G in base64url.\n",
    )


def _blank_section() -> Iterator[tuple[str, str, str]]:
    rules = example.contest("two-of-four-or-blank", 5, 1, 2, blank=True, recovery=False)
    made = example.vote(rules, example.voters()[2], (0, 0, 0, 0, 1), "two-of-four-or-blank/2")
    owner = owner_of(made.token.key, made.t)
    coin = coins(made.ballot.seed, rules.context, owner, made.choices)
    weighted = Scalar.ZERO
    for number, weight in enumerate(rules.weights):
        weighted = weighted + Scalar(weight) * coin(f"r/{number}")
    c = parse_body(rules, made.ballot.data.body).proofs[-1].challenges
    yield (
        "B.9 A blank vote where two may be chosen",
        BLANK,
        _block(
            ("document", rules.raw.decode()),
            ("context", rules.context),
            ("s", made.ballot.seed),
            ("w", owner),
            *((f"coin(r/{number})", coin(f"r/{number}").to_bytes()) for number in range(rules.options)),
            ("sum of g_i·r_i", weighted.to_bytes()),
            *((f"coin({label})", coin(label).to_bytes()) for label in ("w/sum", "c/sum/0", "z/sum/0")),
            ("e", Scalar(sum(c) % ORDER).to_bytes()),
            ("c_1 of the sum", Scalar(c[1]).to_bytes()),
            ("body", made.ballot.body.decode()),
            ("tracker", made.ballot.tracker),
        ),
    )


def render(text: str) -> str:
    """Return the document with its examples made again."""
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        message = "docs/protocol.md: the marks of the worked examples are gone"
        raise SystemExit(message)
    parts = [f"### {title}\n\n{sentence}\n\n{block}" for title, sentence, block in sections()]
    return before + BEGIN + INTRODUCTION + "\n" + "\n".join(parts) + "\n" + END + after


def main() -> None:
    """Rewrite the appendix."""
    DOCUMENT.write_text(render(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
