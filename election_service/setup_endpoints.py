"""The endpoints of the set-up; part of the console's (console_endpoints.py)."""

from typing import Final, Literal

from election_service.console import setup_types as types
from election_service.console.roles import Capability
from election_service.routes import console_candidates, console_roll, console_rules, console_setup
from election_service.routes.call import Endpoint, Handler
from keys.canonical import Wire

SERVICE_BASE: Final = "/api/committee/elections"
BASE: Final = SERVICE_BASE + "/{e}"

Kind = type[Wire]


def _read(path: str, answer: Kind, handle: Handler, summary: str, needs: Capability) -> Endpoint:
    return Endpoint("GET", BASE + path, "committee", None, answer, handle, summary, needs=needs)


def _change(
    method: Literal["POST", "PUT", "DELETE"],
    path: str,
    request: Kind | None,
    answer: Kind,
    handle: Handler,
    summary: str,
    needs: Capability,
) -> Endpoint:
    return Endpoint(method, BASE + path, "committee", request, answer, handle, summary, needs=needs, revised=True)


SETUP_ENDPOINTS: Final = (
    Endpoint(
        "POST",
        SERVICE_BASE,
        "committee",
        types.ElectionStart,
        types.Started,
        console_setup.start,
        "Begin an election as a draft; whoever does is its chair.",
        needs=Capability.CREATE,
    ),
    Endpoint(
        "POST",
        BASE + "/clone",
        "committee",
        types.ElectionClone,
        types.Started,
        console_setup.clone,
        "Begin an election with the set-up of this one: all but roll, keys and dates; or a rehearsal of it.",
        needs=Capability.SEE,
    ),
    _read(
        "/checklist",
        types.ChecklistView,
        console_setup.show_checklist,
        "What is missing before the next poll can open.",
        Capability.SEE,
    ),
    _read("/setup", types.SetupView, console_setup.show_setup, "What entry 0 fixes.", Capability.SEE),
    _change(
        "PUT",
        "/setup",
        types.SetupValues,
        types.SetupView,
        console_setup.change_setup,
        "Change it, until the log is made.",
        Capability.SET_UP,
    ),
    _change(
        "POST",
        "/setup/log",
        None,
        types.SetupView,
        console_setup.begin_log,
        "Make the log, once; `If-Match` names the set-up that it is made with.",
        Capability.INVITE,
    ),
    _read("/texts", types.TextsView, console_setup.show_texts, "Titles, introductions, contact, zone.", Capability.SEE),
    _change(
        "PUT",
        "/texts",
        types.TextsValues,
        types.TextsView,
        console_setup.change_texts,
        "Replace them.",
        Capability.SET_UP,
    ),
    _read(
        "/schedule",
        types.ScheduleView,
        console_setup.show_schedule,
        "When the next poll is to be open, with what the rules' calendar says.",
        Capability.SEE,
    ),
    _change(
        "PUT",
        "/schedule",
        types.ScheduleValues,
        types.ScheduleView,
        console_setup.change_schedule,
        "Replace both times.",
        Capability.SET_UP,
    ),
    _read("/mail-test", types.MailTestView, console_setup.show_mail_test, "The last test mail.", Capability.SEE),
    _change(
        "POST",
        "/mail-test",
        None,
        types.MailTestView,
        console_setup.mail_test,
        "Send a test mail to oneself.",
        Capability.SET_UP,
    ),
    _read("/rules", types.RulesView, console_rules.show_rules, "The rules, their faults and readings.", Capability.SEE),
    _change(
        "PUT",
        "/rules",
        types.RulesValues,
        types.RulesView,
        console_rules.change_rules,
        "Replace the rules in the making by a file.",
        Capability.SET_UP,
    ),
    _change(
        "POST",
        "/rules/finish",
        None,
        types.PreparedActs,
        console_rules.finish_rules,
        "Store the finished rules, for an act to name.",
        Capability.SET_UP,
    ),
    _change(
        "PUT",
        "/rules/readings",
        types.ReadingsValues,
        types.RulesView,
        console_rules.change_readings,
        "Choose readings to be signed.",
        Capability.SET_UP,
    ),
    _read(
        "/prepared-acts",
        types.PreparedActs,
        console_rules.show_prepared_acts,
        "Acts that the set-up has ready for a first signature.",
        Capability.SEE,
    ),
    _read(
        "/roll",
        types.RollView,
        console_roll.show_roll,
        "The roll as it is imported, and the file that waits, with every fault by row.",
        Capability.UPLOAD_ROLL,
    ),
    _change(
        "POST",
        "/roll",
        types.RollPart,
        types.RollView,
        console_roll.add_roll_part,
        "Upload a file, part by part.",
        Capability.UPLOAD_ROLL,
    ),
    _change(
        "PUT",
        "/roll/columns",
        types.RollMapping,
        types.RollView,
        console_roll.map_roll,
        "Say which column is which field, and who may vote.",
        Capability.UPLOAD_ROLL,
    ),
    _change(
        "POST",
        "/roll/import",
        None,
        types.RollView,
        console_roll.import_roll,
        "Import the file as a whole; with one fault nothing changes.",
        Capability.UPLOAD_ROLL,
    ),
    _change(
        "DELETE",
        "/roll/upload",
        None,
        types.RollView,
        console_roll.cancel_roll,
        "Delete the file that waits.",
        Capability.UPLOAD_ROLL,
    ),
    _read(
        "/links",
        types.LinksView,
        console_roll.show_links,
        "Who has a ballot link, and what became of the mails.",
        Capability.SEE_VOTERS,
    ),
    _change(
        "POST",
        "/links",
        None,
        types.LinksView,
        console_roll.send_links,
        "Make a ballot link for everybody who may vote, and mail it; once.",
        Capability.SEND_MAIL,
    ),
    _read(
        "/candidates",
        types.CandidateList,
        console_candidates.show_candidates,
        "Who stands in the next poll whose contests are not made.",
        Capability.SEE_VOTERS,
    ),
    _change(
        "POST",
        "/candidates",
        types.CandidateValues,
        types.CandidateList,
        console_candidates.enter_candidate,
        "Enter a candidacy, held against roll and rules.",
        Capability.SET_UP,
    ),
    _change(
        "PUT",
        "/candidates",
        types.CandidateListValues,
        types.CandidateList,
        console_candidates.replace_list,
        "Replace the list; with one fault nothing changes.",
        Capability.SET_UP,
    ),
    _read(
        "/profiles/{person}",
        types.ProfileView,
        console_candidates.show_profile,
        "What a candidate says.",
        Capability.SEE_VOTERS,
    ),
    _change(
        "PUT",
        "/profiles/{person}",
        types.ProfileValues,
        types.ProfileView,
        console_candidates.change_profile,
        "Replace statements and photo; the photo is drawn anew.",
        Capability.SET_UP,
    ),
    _read(
        "/contests",
        types.ContestsMade,
        console_candidates.show_next_contests,
        "How many contests the next poll has.",
        Capability.SEE,
    ),
    _change(
        "POST",
        "/contests",
        None,
        types.ContestsMade,
        console_candidates.make_contests,
        "Make the contests of the next poll from blocks and candidates, each with a key of its own.",
        Capability.SET_UP,
    ),
)
