"""The one table of endpoints. The router, OpenAPI and the table in docs/protocol.md §A are made from it or held to
it.
"""

from typing import Final

from audit.entries import Approval
from ballot.ballot import BallotData
from ballot.token import TokenRequest
from election_service.api_types import (
    Act,
    ActList,
    ActProposal,
    Agenda,
    BearerAnswer,
    CastAnswer,
    ContestBallots,
    ElectionInfo,
    EntryAnswer,
    LoginRequest,
    NonceAnswer,
    NonceRequest,
    NoticeList,
    SeatRegister,
    TokenAnswer,
    TrusteeMessageRequest,
    VoterView,
)
from election_service.console_endpoints import CONSOLE_ENDPOINTS
from election_service.contest_types import ContestEvidence, ContestList, ContestProfiles, TurnoutList
from election_service.document_endpoints import DOCUMENT_ENDPOINTS
from election_service.routes import committee, contests, elections, law, trustee, voting
from election_service.routes.call import Endpoint
from election_service.running_endpoints import RUNNING_ENDPOINTS
from tally.complaint import ComplaintData
from tally.open_vote import OpenVoteData
from tally.petition import PetitionData

BASE: Final = "/api/elections/{e}"
MINUTE: Final = 60  # seconds

ENDPOINTS: Final = (
    Endpoint(
        "GET", BASE, "anyone", None, ElectionInfo, elections.show_election, "The election, its log and its polls."
    ),
    Endpoint(
        "POST",
        BASE + "/login/nonce",
        "anyone",
        NonceRequest,
        NonceAnswer,
        voting.ask_nonce,
        "A nonce to sign; the same for credentials that are not known.",
    ),
    Endpoint(
        "POST",
        BASE + "/login",
        "anyone",
        LoginRequest,
        BearerAnswer,
        voting.log_in,
        "A bearer token for a signed nonce and the second factor.",
    ),
    Endpoint(
        "GET",
        BASE + "/voter",
        "bearer",
        None,
        VoterView,
        voting.show_voter,
        "The voter's contests, with the log entries that prove them.",
    ),
    Endpoint(
        "POST",
        BASE + "/tokens",
        "bearer",
        TokenRequest,
        TokenAnswer,
        voting.ask_token,
        "The blind signature of a one-time ballot token; the same request gets the same answer.",
        signed=True,
    ),
    Endpoint(
        "POST",
        BASE + "/ballots",
        "anyone",
        BallotData,
        CastAnswer,
        voting.cast,
        "Cast a ballot, without any login; the same ballot gets the same receipt.",
        signed=True,
    ),
    Endpoint(
        "GET",
        BASE + "/contests/{context}/ballots",
        "anyone",
        None,
        ContestBallots,
        elections.show_ballots,
        "All sealed ballots of a contest, in the order of the log.",
    ),
    Endpoint(
        "GET",
        BASE + "/contests",
        "anyone",
        None,
        ContestList,
        contests.show_contests,
        "Every contest of the log with its options.",
        max_age=MINUTE,
    ),
    Endpoint(
        "GET",
        BASE + "/contests/{context}/evidence",
        "anyone",
        None,
        ContestEvidence,
        contests.show_evidence,
        "The log entries that prove a contest: a voter's view without a voter, to try a ballot out.",
        max_age=MINUTE,
    ),
    Endpoint(
        "GET",
        BASE + "/contests/{context}/profiles",
        "anyone",
        None,
        ContestProfiles,
        contests.show_profiles,
        "Photos and statements of all candidates of a contest at once.",
        max_age=MINUTE,
    ),
    Endpoint(
        "GET",
        BASE + "/turnout",
        "anyone",
        None,
        TurnoutList,
        elections.show_live_turnout,
        "How many have voted: coarse and not of small blocks while a poll is open, exact after the close.",
        max_age=MINUTE,
    ),
    Endpoint("GET", BASE + "/acts", "anyone", None, ActList, committee.show_acts, "All acts of the committee."),
    Endpoint(
        "POST",
        BASE + "/acts",
        "member",
        ActProposal,
        Act,
        committee.propose_act,
        "Propose an act, with the first approval.",
    ),
    Endpoint(
        "POST",
        BASE + "/acts/{act}/approvals",
        "member",
        Approval,
        Act,
        committee.approve_act,
        "Approve an act; the approval that completes it does it.",
    ),
    Endpoint(
        "GET",
        BASE + "/polls/{n}/opening",
        "anyone",
        None,
        None,
        committee.show_opening,
        "The data of poll.opened, without act and approvals, that a member would sign.",
        query={"closes": "when the poll closes, YYYY-MM-DDTHH:MM:SSZ"},
    ),
    Endpoint(
        "GET",
        BASE + "/polls/{n}/closing",
        "anyone",
        None,
        None,
        committee.show_closing,
        "The data of poll.closed of a paused poll, without act and approvals, that a member would sign.",
    ),
    Endpoint(
        "POST",
        BASE + "/trustee-messages",
        "trustee",
        TrusteeMessageRequest,
        EntryAnswer,
        trustee.take_message,
        "A trustee's step of the ceremony, canary, or share.",
    ),
    Endpoint(
        "GET",
        BASE + "/agenda",
        "anyone",
        None,
        Agenda,
        law.show_agenda,
        "What the rules ask for: tasks with their deadlines, unread clauses, petitions, open votes, complaints.",
    ),
    Endpoint(
        "GET", BASE + "/seats", "anyone", None, SeatRegister, law.show_seats, "The register: who holds which seat."
    ),
    Endpoint(
        "GET",
        BASE + "/polls/{n}/notices",
        "anyone",
        None,
        NoticeList,
        law.show_notices,
        "The calendar's warnings for an opening; refused, with the clause, where the poll may not open.",
        query={
            "opens": "when the poll opens, YYYY-MM-DDTHH:MM:SSZ",
            "closes": "when it closes, YYYY-MM-DDTHH:MM:SSZ",
        },
    ),
    Endpoint(
        "POST",
        BASE + "/complaints",
        "credential",
        ComplaintData,
        EntryAnswer,
        law.file_complaint,
        "A complaint about a declared result, signed by a credential of the poll; the committee has to answer it.",
    ),
    Endpoint(
        "POST",
        BASE + "/petitions",
        "credential",
        PetitionData,
        EntryAnswer,
        law.support_petition,
        "The support of a petition by a credential of its electorate.",
    ),
    Endpoint(
        "POST",
        BASE + "/open-votes",
        "credential",
        OpenVoteData,
        EntryAnswer,
        law.vote_openly,
        "A vote in an open vote of a board; everybody sees who voted how.",
    ),
    *CONSOLE_ENDPOINTS,
    *RUNNING_ENDPOINTS,
    *DOCUMENT_ENDPOINTS,
)
