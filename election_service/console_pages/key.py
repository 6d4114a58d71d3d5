"""`/committee/{e}/key`: one's signing key: made in the browser, or brought along; fingerprint, and a file to keep."""

import re
import unicodedata
from typing import Final

from election_service.console.flash import Flash
from election_service.console.roles import Capability
from election_service.console.signing_keys import SigningKey, read_signing_key, store_signing_key
from election_service.console_pages.frame import read_place, render
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Redirect, Route
from election_service.errors import InputError, NotFoundError
from election_service.facts import LogFacts
from election_service.languages import translatable
from election_service.pages.shell import Pages

PATH: Final = "/committee/{e}/key"
FILE: Final = PATH + "/file"
_KEPT: Final = translatable("Your key is stored: %(fingerprint)s. Keep a copy of the file in another place.")
_NOT_KEPT: Final = translatable("Your public key is known now: %(fingerprint)s. The file stays with you.")


async def _facts(visit: ConsoleVisit) -> LogFacts | None:
    """The facts of the log; None for a draft."""
    place = await read_place(visit.service, visit.place, visit.language)
    return None if place.draft else await visit.service.facts(visit.place)


async def show_key(pages: Pages, visit: ConsoleVisit) -> Answer:
    """What one has, and how to make one."""
    return await _show(pages, visit)


async def _show(pages: Pages, visit: ConsoleVisit, problem: str = "", status: int = 200) -> Answer:
    async with visit.service.database.snapshot() as connection:
        key = await read_signing_key(connection, visit.place, visit.who.account)
    facts = await _facts(visit)
    in_force = "" if key is None or facts is None else _in_force(key, facts)
    return await render(
        pages,
        visit,
        "committee/key.html",
        section="key",
        status=status,
        script=pages.assets.named.get("committee_js_sri"),
        key=key,
        log_made=facts is not None,
        in_force=in_force,
        member=key.member if key is not None else suggest_member(visit.who.email, visit.who.name),
        problem=problem,
        script_name=pages.assets.named.get("committee_js"),
        integrity=pages.assets.named.get("committee_js_sri"),
        server=visit.service.config.public_url,
    )


def _in_force(key: SigningKey, facts: LogFacts) -> str:
    """Whether the log names this key: "yes", "other" for another key of this member, "no" for no such member."""
    named = facts.members.get(key.member)
    return "no" if named is None else "yes" if named == key.public_key else "other"


def suggest_member(email: str, name: str) -> str:
    """An id for somebody: what stands before the @, in the letters of ids; else "member"."""
    for text in (email.partition("@")[0], name):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        found = re.sub(r"[^a-z0-9]+", ".", plain).strip(".")[:40].strip(".")
        if found:
            return found
    return "member"


async def take_key(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Take the sealed file that the browser made, or that was chosen; nothing of a passphrase ever arrives here."""
    upload = visit.files.get("file")
    raw = upload.content if upload is not None else visit.form.get("key_file", "").encode()
    keep = "elsewhere" not in visit.form
    try:
        if not raw:
            raise InputError("key file: expected one, got nothing", "choose the file, or make a key")  # noqa: TRY301
        key = await store_signing_key(
            visit.service,
            visit.place,
            visit.who.account,
            raw.strip(),
            keep_file=keep,
            replace="lost" in visit.form,
            facts=await _facts(visit),
        )
    except InputError as error:
        return await _show(pages, visit, f"{error} – {error.hint}" if error.hint else str(error), 400)
    said = Flash(_KEPT if keep else _NOT_KEPT, {"fingerprint": key.fingerprint})
    return Redirect(visit.link(PATH.replace("{e}", visit.place)), flash=said)


async def send_key_file(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """One's own sealed file, to keep a copy of; NotFoundError where it is not here."""
    async with visit.service.database.snapshot() as connection:
        key = await read_signing_key(connection, visit.place, visit.who.account)
    if key is None or key.key_file is None:
        raise NotFoundError("key: the service has no file of yours")
    return Download(key.key_file, "application/octet-stream", f"{key.member}.key")


READ: Final = {PATH: Route(show_key, Capability.APPROVE), FILE: Route(send_key_file, Capability.APPROVE)}
SENT: Final = {
    PATH: Route(take_key, Capability.APPROVE, fields=("key_file", "file", "elsewhere", "lost"), upload=True),
}
