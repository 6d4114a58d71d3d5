"""`/committee/{e}/profiles/{person}`: what a candidate says, in each language, and the photo."""

from dataclasses import dataclass
from typing import Final

from election_service.console.candidate_entry import ProfileForm, read_form, read_list, set_profile
from election_service.console.roles import Capability
from election_service.console_pages.changing import REFUSALS, Refused, changing, refused, revision_of, status_of, typed
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.errors import NotFoundError
from election_service.languages import LANGUAGES, translatable
from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.persons import read_persons
from election_service.profiles import MAX_STATEMENT, read_profiles
from election_service.roll import read_names

_STATEMENTS: Final = tuple(f"statement_{name}" for name in LANGUAGES)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose profile it is; ``person``: the option id, which stands in the address."""

    student_id: str
    person: str
    name: str


async def find_person(visit: ConsoleVisit) -> Person:
    """The candidate in the address; NotFoundError for nobody."""
    person = visit.parts["person"]
    async with visit.service.database.snapshot() as connection:
        students = {option: student for student, option in (await read_persons(connection, visit.place)).items()}
        if person not in students:
            raise NotFoundError(f"candidate: nobody is {person[:64]!r}")
        names = await read_names(connection, visit.place, [students[person]])
    return Person(students[person], person, names[students[person]])


async def show_profile(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The form."""
    person = await find_person(visit)
    async with visit.service.database.snapshot() as connection:
        profile = (await read_profiles(connection, visit.place, [person.student_id])).get(person.student_id)
        listed = (await read_list(connection, visit.place)).listed
    lines = [item.line for item in listed if item.person == person.person]
    known = await about(visit)
    statements = {} if profile is None else profile.statements
    stored = {f"statement_{name}": statements.get(name, "") for name in LANGUAGES}
    return await render(
        pages,
        visit,
        "committee/candidate_profile.html",
        section="candidates",
        status=status_of(why),
        why=why,
        person=person,
        values=typed(visit, stored, why),
        stored=stored,
        photo=None if profile is None else profile.photo,
        most=MAX_STATEMENT,
        stands=[(known.position(line.position, visit.language).text, line.block) for line in lines],
        revision=await revision_of(visit, _resource(person)),
    )


def _resource(person: Person) -> str:
    return f"profile-{person.person}"


async def take_profile(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Replace statements and photo; without a new photo the old one stays, unless it is to go."""
    person = await find_person(visit)
    file = visit.files.get("photo")
    given = file.content if file is not None and file.content else None
    form = ProfileForm(
        {name: visit.form.get(f"statement_{name}", "") for name in LANGUAGES},
        b"" if "remove_photo" in visit.form and given is None else given,
    )
    try:
        read = await read_form(form)
        async with changing(visit, _resource(person), "profile-changed", person.person) as connection:
            await set_profile(connection, visit.place, person.student_id, read)
    except REFUSALS as error:
        return await show_profile(pages, visit, refused(error))
    return said(
        visit,
        f"/committee/{visit.place}/profiles/{person.person}",
        translatable("The profile is stored. Look at it as voters will."),
    )


READ: Final = {"/committee/{e}/profiles/{person}": Route(show_profile, Capability.SEE_VOTERS)}
SENT: Final = {
    "/committee/{e}/profiles/{person}": Route(
        take_profile, Capability.SET_UP, fields=(*_STATEMENTS, "photo", "remove_photo"), upload=True
    )
}
