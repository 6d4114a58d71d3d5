"""An election whose people have names in four scripts; some names act where a program forgets that they are texts."""

from functools import cache

import msgspec

from audit.source import MemorySource
from ballot.contest import ContestRules, load_contest
from election_service.documents.record import PollRecord, read_record
from keys.canonical import encode
from tests.simulated.plan import ContestPlan
from tests.simulated.year import contest, direct
from tests.simulator import Election, Plan

NAMES = {
    "nino": {"en": "Nino Beridze", "ka": "ნინო ბერიძე", "az": "Nino Beridze", "ru": "Нино Беридзе"},
    "gunel": {"en": "Gunel Aliyeva", "ka": "გიუნელ ალიევა", "az": "Günəl Əliyeva", "ru": "Гюнель Алиева"},
    "ilqar": {"en": "Ilgar Ismayilzade", "az": "İlqar İsmayılzadə"},
    "xatuna": {"ka": "ხათუნა ჭყონია-წიკლაური"},
    "aygun": {"az": "Aygün Şıxəliqızı Çobanzadə"},
    "yuri": {"ru": "Юрий Щёголев-Эйхенбаум"},
    "formula": {"en": "=SUM(1+1)*cmd|' /C calc'!A0"},
    "markup": {"en": "<b>**__--[x](http://evil.invalid)--__**</b> {nb} %(page)s \\u003c"},
    "emoji": {"en": "Ana 🎓 \u05d0\u05d1"},
}


class NamedElection(Election):
    """A simulated election whose candidates have the names above."""

    def contest_document(self, poll: int, plan: ContestPlan) -> ContestRules:
        document = super().contest_document(poll, plan).document
        options = [
            msgspec.structs.replace(option, name=NAMES.get(option.id, option.name))
            if not option.blank
            else msgspec.structs.replace(option, name={"en": "None of these"})
            for option in document.options
        ]
        return load_contest(encode(msgspec.structs.replace(document, options=options)), rehearsal=self.plan.rehearsal)


CONTESTS = (
    contest(
        "president",
        {"nino": 11, "gunel": 7, "ilqar": 4, "blank": 2, "token": 1, "none": 5},
        options="nino gunel ilqar blank",
    ),
    contest("law", {"nino": 6, "xatuna": 4, "markup": 1, "formula": 1, "none": 4}),
    contest("med", {"aygun": 5, "yuri": 3, "emoji": 1, "blank": 1, "none": 4}),
)


def sample_plan() -> Plan:
    """Three contests; the first of the law faculty is elected president as well."""
    readings = {"positions.head-of-faculty.seat.approval": "none"}
    return direct(CONTESTS, 30, {"law": range(16), "med": range(16, 30)}, readings, seed="documents")


@cache
def sample() -> Election:
    """Certified."""
    return finish_with_complaint(set_up_named())


def set_up_named() -> NamedElection:
    election = NamedElection(sample_plan())
    for step in (election.open_log, election.ceremony, election.make_electorates, election.prepare_poll):
        step()
    election.open_poll()
    return election


def finish_with_complaint(election: NamedElection) -> Election:
    """From the votes to the certification; somebody complains, with a formula."""
    election.vote()
    election.close()
    election.tally()
    election.declare()
    number = election.complain(
        2, '=HYPERLINK("http://evil.invalid") დარბაზი შუადღისას დაკეტილი იყო <script>alert(1)</script>'
    )
    election.decide(
        "complaint", number=number, ground="rejected", text="the room was open; Zal açıq idi; зал был открыт"
    )
    election.certify()
    return election


def source(election: Election) -> MemorySource:
    return MemorySource(election.log.files())


@cache
def record() -> PollRecord:
    return read_record(source(sample()), 1)
