"""Candidates, what they say, and contests, for programs."""

from election_service.candidates import Candidacy, replace_candidacies
from election_service.console.candidate_entry import ProfileForm, add_candidate, read_form, read_list, set_profile
from election_service.console.contest_making import log_next_contests
from election_service.console.drafts import RESOURCES
from election_service.console.made_log import need_facts
from election_service.console.preparations import next_poll_facts
from election_service.console.setup_types import (
    CandidateItem,
    CandidateList,
    CandidateListValues,
    CandidateValues,
    ContestsMade,
    ProfileValues,
    ProfileView,
)
from election_service.errors import NotFoundError
from election_service.follow_up import nomination_law
from election_service.persons import read_persons
from election_service.profiles import read_profiles
from election_service.routes.call import Call
from election_service.routes.console_changing import begin_change, changing, note_change, revision_of
from keys.canonical import unb64

_FIRST_ROW = 2  # as in a list, whose header is row 1


async def show_candidates(call: Call) -> CandidateList:
    """Everybody who stands."""
    await need_facts(call.service, call.election)
    async with call.service.database.snapshot() as connection:
        found = await read_list(connection, call.election)
    return CandidateList(
        revision=await revision_of(call, RESOURCES.candidates),
        poll=found.poll,
        candidates=[
            CandidateItem(
                student_id=item.line.student_id,
                position=item.line.position,
                block=item.line.block,
                full_name=item.full_name,
                person=item.person,
                statements={} if item.profile is None else dict(item.profile.statements),
                photo=None if item.profile is None else item.profile.photo,
            )
            for item in found.listed
        ],
    )


async def enter_candidate(call: Call) -> CandidateList:
    """One candidacy more."""
    request: CandidateValues = call.request
    facts = await need_facts(call.service, call.election)
    async with changing(call, RESOURCES.candidates, "candidate-entered", request.position[:64]) as connection:
        await add_candidate(connection, call.election, facts, request.student_id, request.position, request.block)
    return await show_candidates(call)


async def replace_list(call: Call) -> CandidateList:
    """The whole list, or nothing of it."""
    request: CandidateListValues = call.request
    facts = await need_facts(call.service, call.election)
    lines = [
        Candidacy(row, item.student_id, item.position, item.block)
        for row, item in enumerate(request.candidates, _FIRST_ROW)
    ]
    async with changing(call, RESOURCES.candidates, "candidates-imported", str(len(lines))) as connection:
        law = await nomination_law(connection, call.election, facts)
        await replace_candidacies(connection, call.election, lines, law)
    return await show_candidates(call)


async def show_profile(call: Call) -> ProfileView:
    """What a candidate says."""
    student = await _student(call)
    async with call.service.database.snapshot() as connection:
        found = (await read_profiles(connection, call.election, [student])).get(student)
    return ProfileView(
        revision=await revision_of(call, _profile(call)),
        statements={} if found is None else dict(found.statements),
        photo=None if found is None else found.photo,
    )


async def change_profile(call: Call) -> ProfileView:
    """Other statements, another photo."""
    request: ProfileValues = call.request
    student = await _student(call)
    photo = None if request.photo is None else unb64(request.photo, None, "photo")
    form = await read_form(ProfileForm(request.statements, photo))
    async with changing(call, _profile(call), "profile-changed", call.path["person"]) as connection:
        await set_profile(connection, call.election, student, form)
    return await show_profile(call)


def _profile(call: Call) -> str:
    return f"profile-{call.path['person']}"


async def _student(call: Call) -> str:
    """The student id of the person in the path; NotFoundError for nobody."""
    person = call.path["person"]
    async with call.service.database.snapshot() as connection:
        known = await read_persons(connection, call.election)
    found = [student for student, option in known.items() if option == person]
    if not found:
        raise NotFoundError(f"candidate: nobody is {person[:64]!r}")
    return found[0]


async def show_next_contests(call: Call) -> ContestsMade:
    """How many the next poll has."""
    _, poll = next_poll_facts(await need_facts(call.service, call.election))
    made = 0 if poll is None else len(poll.contests)
    return ContestsMade(revision=await revision_of(call, RESOURCES.contests), contests=made)


async def make_contests(call: Call) -> ContestsMade:
    """Log them all."""
    await begin_change(call, RESOURCES.contests)
    made = await log_next_contests(call.service, call.election)
    await note_change(call, "contests-made", str(made))
    return await show_next_contests(call)
