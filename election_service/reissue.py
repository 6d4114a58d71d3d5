"""Re-issue: a new ballot link for somebody who lost the old one (docs/protocol.md §4).

The registrar makes a new credential and signs that it replaces the old one; two members of the committee approve;
then, in one transaction, the entry `credential.replaced` is logged, the old link is void, and the mail with the new one
may go. An in-service registrar puts that mail into the outbox at once, sealed and held: the new seed is nowhere else.
Refused once the old credential has a token in an open poll, when it is asked for and again when it is done (A100).

A second factor by mail goes on as it was. TOTP secrets belong to a credential: the new one needs a new secret, which
`registrar totp --student ID` makes after the act.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checks.electorates import credential_replaced_message
from audit.entries import CredentialReplacedData
from ballot.link import make_link
from election_service import schema, schema_mail
from election_service.errors import ActRefusedError, RegistrarError
from election_service.mail_text import read_letterhead
from election_service.outbox import LINKS, drop, is_held, queue, release
from election_service.registrar import make_replacement
from election_service.registration import read_opened
from election_service.reissue_file import check_log, read_replacements
from election_service.secrets import REGISTRAR_KEY, load_secret
from election_service.service import Service
from election_service.sql import read_polls
from election_service.voter_mail import VoterMail, read_students
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError

KIND: Final = "credential.replaced"

PlannedAct = tuple[str, dict[str, Any]]
"""Kind and data of an act, without `act` and `approvals`."""


async def reissue_links(service: Service, election: str, students: Sequence[str], reason: str) -> list[PlannedAct]:
    """New credentials for these students by an in-service registrar; returns the acts that the committee approves.

    Their mails are held until then; one that was held for an earlier act is given up, and that act with it.
    RegistrarError where there is an offline registrar, an unknown student, or a token in an open poll.
    """
    async with service.database.transaction() as connection:
        log_id, opened = await read_opened(connection, election)
        if opened.registrar.mode != "service":
            raise RegistrarError(
                "re-issue: entry 0 names an offline registrar", "reissue-offline there, import-reissue here"
            )
        secret = await load_secret(connection, service.master, election, REGISTRAR_KEY)
        head = await read_letterhead(connection, service.config.public_url, election)
        acts = []
        for voter, old in await _replaceable(connection, election, students):
            seed, data = make_replacement(election, log_id, old, reason, secret, service.random)
            link = make_link(service.config.public_url, election, seed, log_id)
            await drop(connection, election, "reissue", voter.student_id, keep=old.hex())
            await queue(
                connection,
                service.master,
                service.random,
                election=election,
                kind="reissue",
                recipient=voter.student_id,
                about=_about(data["new"]),
                mail=voter.letter(head, "reissue", {"link": link}),
                now=service.clock(),
                held=True,
            )
            acts.append((KIND, dict(data)))
    return acts


def _about(new: str) -> str:
    """What a held mail is about: the new credential, in hex."""
    return unb64(new, schnorr.KEY_SIZE, "new").hex()


async def _replaceable(
    connection: AsyncConnection, election: str, students: Sequence[str]
) -> list[tuple[VoterMail, bytes]]:
    """The students with the credentials that are good now; RegistrarError names the first who cannot have another."""
    if len(set(students)) != len(students):
        raise RegistrarError("re-issue: a student is named twice", "name each once")
    table = schema.voters  # locked: an act that replaces one of these credentials comes before or after
    mine = (table.c.election == election) & table.c.student_id.in_(students)
    await connection.execute(select(table.c.student_id).where(mine).order_by(table.c.student_id).with_for_update())
    voters = await read_students(connection, election, students)
    found = []
    for student in students:
        voter = voters.get(student)
        if voter is None or voter.credential is None:
            raise RegistrarError(f"re-issue: {student}: has no credential", "look at the roll: roll import --preview")
        if await has_open_token(connection, election, voter.credential):
            raise RegistrarError(
                f"re-issue: {student}: has a token in an open poll",
                "the voter goes on with the old link; after the close a new one can be issued",
            )
        found.append((voter, voter.credential))
    return found


async def has_open_token(connection: AsyncConnection, election: str, credential: bytes) -> bool:
    """Whether this credential has a token in a poll that runs or is paused."""
    polls = await read_polls(connection, election)
    running = [poll for poll, row in polls.items() if row.state in {"open", "paused"}]
    issued, contests = schema.issued, schema.contests
    query = (
        select(issued.c.context)
        .join(contests, (contests.c.election == issued.c.election) & (contests.c.context == issued.c.context))
        .where(issued.c.election == election, issued.c.credential == credential, contests.c.poll.in_(running))
        .limit(1)
    )
    return (await connection.execute(query)).first() is not None


# ---- what the act asks and does --------------------------------------------------------------------------------------


_NOT_HELD: Final = f"{KIND}: its link is not held any more: propose the newest re-issue of this student"


async def check_link_is_held(connection: AsyncConnection, election: str, data: CredentialReplacedData) -> None:
    """ActRefusedError where nobody would get the new link: a newer re-issue of the same student has taken its place."""
    if not await _sends_links(connection, election):
        return
    student = await _student_of(connection, election, unb64(data.old, schnorr.KEY_SIZE, "old"))
    if student is None or not await is_held(connection, election, "reissue", student, _about(data.new)):
        raise ActRefusedError(_NOT_HELD)


async def _sends_links(connection: AsyncConnection, election: str) -> bool:
    """Whether the service is the registrar; another one has the links, and sends them."""
    _, opened = await read_opened(connection, election)
    return opened.registrar.mode == "service"


async def hand_over(connection: AsyncConnection, election: str, data: CredentialReplacedData, now: int) -> None:
    """Void the old credential and let the new link go, in the transaction of the act's entry; ActRefusedError where a
    newer re-issue came between check and act.
    """
    old, new = (unb64(key, schnorr.KEY_SIZE, "key") for key in (data.old, data.new))
    student = await _student_of(connection, election, old)
    voters = schema.voters
    mine = (voters.c.election == election) & (voters.c.credential == old)
    await connection.execute(update(voters).where(mine).values(credential=new))
    for table in (schema.bearers, schema.second_factors, schema_mail.login_codes):
        lost = (table.c.election == election) & (table.c.credential == old)
        await connection.execute(delete(table).where(lost))
    if student is None:
        return
    for kind in (*LINKS, "code"):
        await drop(connection, election, kind, student, keep=_about(data.new))
    released = await release(connection, election, "reissue", student, _about(data.new), now)
    if not released and await _sends_links(connection, election):
        raise ActRefusedError(_NOT_HELD)
    requests = schema_mail.link_requests
    asked = (requests.c.election == election) & (requests.c.student_id == student)
    await connection.execute(update(requests).where(asked).values(state="done"))


async def _student_of(connection: AsyncConnection, election: str, credential: bytes) -> str | None:
    table = schema.voters
    query = select(table.c.student_id).where(table.c.election == election, table.c.credential == credential)
    return (await connection.execute(query)).scalar_one_or_none()


async def import_replacements(connection: AsyncConnection, election: str, raw: bytes) -> list[PlannedAct]:
    """Check an offline registrar's file against log and roll; returns the acts that the committee approves."""
    file = read_replacements(raw)
    log_id, opened = await read_opened(connection, election)
    check_log(file, election, b64(log_id))
    if opened.registrar.mode != "offline":
        raise RegistrarError("re-issue: the service is the registrar", "registrar reissue")
    registrar = unb64(opened.registrar.key, schnorr.KEY_SIZE, "registrar: key")
    students = [item.student_id for item in file.replacements]
    current = {voter.student_id: old for voter, old in await _replaceable(connection, election, students)}
    acts = []
    for item in file.replacements:
        old, new = (unb64(key, schnorr.KEY_SIZE, "key") for key in (item.old, item.new))
        if current[item.student_id] != old:
            raise RegistrarError(
                f"re-issue: {item.student_id}: replaces a credential that is not the present one",
                "the registrar makes it again, with --earlier for each re-issue that was done",
            )
        try:
            message = credential_replaced_message(log_id, old, new, item.reason)
            schnorr.verify(registrar, message, unb64(item.signature, schnorr.SIGNATURE_SIZE, "signature"))
        except DataError as error:
            raise RegistrarError(f"re-issue: {item.student_id}: {error}", "sign with the key of entry 0") from error
        data = {"old": item.old, "new": item.new, "reason": item.reason, "signature": item.signature}
        acts.append((KIND, data))
    return acts
