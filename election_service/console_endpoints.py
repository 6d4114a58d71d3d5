"""The endpoints of the committee's console; part of the one table (endpoints.py)."""

from typing import Final

from election_service.act_endpoints import ACT_ENDPOINTS
from election_service.console.roles import Capability
from election_service.console.trustee_types import TrusteeKeyItem, TrusteeKeyRequest, TrusteesAnswer
from election_service.people_endpoints import PEOPLE_ENDPOINTS
from election_service.routes import console_trustees
from election_service.routes.call import Endpoint
from election_service.setup_endpoints import SETUP_ENDPOINTS

BASE: Final = "/api/committee/elections/{e}"

CONSOLE_ENDPOINTS: Final = (
    *PEOPLE_ENDPOINTS,
    Endpoint(
        "GET",
        BASE + "/trustees",
        "committee",
        None,
        TrusteesAnswer,
        console_trustees.show_trustees,
        "The trustees: who has done what, and whether enough of them can decrypt.",
        needs=Capability.SEE,
    ),
    Endpoint(
        "POST",
        BASE + "/trustees/key",
        "committee",
        TrusteeKeyRequest,
        TrusteeKeyItem,
        console_trustees.tell_key,
        "Tell one's own identity key; it counts when an act names it.",
        needs=Capability.TRUSTEE,
    ),
    *SETUP_ENDPOINTS,
    *ACT_ENDPOINTS,
)
