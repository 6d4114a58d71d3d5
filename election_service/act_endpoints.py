"""The endpoints of acts that are being prepared, and of signing keys; part of the one table (endpoints.py).

Proposing and approving need no session: they are signatures (`/api/elections/{e}/acts`).
"""

from typing import Final

from election_service.console.act_types import (
    ActDetail,
    OwnKey,
    OwnKeyChange,
    Preparation,
    PreparedAct,
    PreparedList,
    ReissueRequest,
)
from election_service.console.roles import Capability
from election_service.routes import console_acts
from election_service.routes.call import Endpoint

_BASE: Final = "/api/committee/elections/{e}"

ACT_ENDPOINTS: Final = (
    Endpoint(
        "GET",
        _BASE + "/planned-acts",
        "committee",
        None,
        PreparedList,
        console_acts.list_planned,
        "Acts that are ready to be proposed without a form: rules, readings, electorates, booth, re-issues.",
        needs=Capability.SEE,
    ),
    Endpoint(
        "POST",
        _BASE + "/preparations",
        "committee",
        Preparation,
        PreparedAct,
        console_acts.prepare_act,
        "The data of an act as a form asks for it, tried against the state of the election; nothing changes.",
        needs=Capability.PROPOSE,
    ),
    Endpoint(
        "POST",
        _BASE + "/reissues",
        "committee",
        ReissueRequest,
        PreparedAct,
        console_acts.prepare_reissue,
        "A new ballot link for a student, held until members have approved it; returns the act.",
        needs=Capability.PROPOSE,
    ),
    Endpoint(
        "GET",
        _BASE + "/acts/{act}",
        "committee",
        None,
        ActDetail,
        console_acts.show_one_act,
        "One act, the code that members compare, and what stands against it now.",
        needs=Capability.SEE,
    ),
    Endpoint(
        "GET",
        _BASE + "/key",
        "committee",
        None,
        OwnKey,
        console_acts.show_own_key,
        "One's own signing key, with the sealed file.",
        needs=Capability.APPROVE,
    ),
    Endpoint(
        "PUT",
        _BASE + "/key",
        "committee",
        OwnKeyChange,
        OwnKey,
        console_acts.change_own_key,
        "Store one's sealed key file, or its public part.",
        needs=Capability.APPROVE,
        revised=True,
    ),
)
