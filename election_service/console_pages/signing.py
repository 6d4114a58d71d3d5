"""What a page needs on which acts are signed: the log and the committee to sign for, and the reader's own key file.

Everything here is public but for the sealed key file, which only its passphrase opens (console/signing_keys.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from election_service.console.roles import Capability
from election_service.console.signing_keys import SigningKey, read_signing_key
from election_service.console_pages.visit import ConsoleVisit
from election_service.facts import LogFacts
from election_service.pages.shell import Pages
from keys.canonical import b64, encode
from keys.ids import fingerprint


@dataclass(frozen=True, slots=True)
class SigningDesk:
    """``members``: canonical JSON, id → key in base64url. ``key``: of who reads the page; None: the file is chosen from
    a disk. ``known``: whether that key is one of the committee's. ``script``: of the build, None where there is none.
    """

    election: str
    log: str
    log_fingerprint: str
    members: str
    threshold: int
    server: str
    key: SigningKey | None
    known: bool
    script: str | None
    integrity: str | None

    @property
    def key_file(self) -> str:
        """The sealed file as text; empty where the service does not have it."""
        return "" if self.key is None or self.key.key_file is None else self.key.key_file.decode()

    @property
    def member(self) -> str:
        """The reader's id in the log, as far as it is known."""
        return "" if self.key is None else self.key.member


async def signing_desk(pages: Pages, visit: ConsoleVisit, facts: LogFacts) -> SigningDesk | None:
    """The desk of who may approve here; None for everybody else, who only looks."""
    if not visit.may(Capability.APPROVE):
        return None
    async with visit.service.database.snapshot() as connection:
        key = await read_signing_key(connection, visit.place, visit.who.account)
    return SigningDesk(
        election=visit.place,
        log=b64(facts.log_id),
        log_fingerprint=fingerprint(facts.log_id),
        members=encode({name: b64(public) for name, public in facts.members.items()}).decode(),
        threshold=facts.threshold,
        server=visit.service.config.public_url,
        key=key,
        known=key is not None and facts.members.get(key.member) == key.public_key,
        script=pages.assets.named.get("committee_js"),
        integrity=pages.assets.named.get("committee_js_sri"),
    )


def integrity_of(desk: SigningDesk | None, acts: Sequence[object]) -> str | None:
    """The script of a page on which somebody signs something; None for a page that only shows."""
    return desk.integrity if desk is not None and acts else None
