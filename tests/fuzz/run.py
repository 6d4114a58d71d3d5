"""Schemathesis against the published description of a running service, as one caller after another.

What it is asked: no 5xx, and nothing that the description does not promise: no other status, media type, header or
body. It is helped past the first check of each endpoint: paths that lead somewhere, bodies that are good but for one
member, and the revision that is in force.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis import HookContext
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.case import Case
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER
from schemathesis.schemas import BaseSchema

from tests.fuzz.world import PLACES, Caller, World

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "missing_required_header",
)
# Left out, and why:
#   positive_data_acceptance: a body that fits the schema is still refused where a point, a signature or a proof in it
#     does not hold; no schema can say that.
#   negative_data_rejection: our hook puts good bodies where Schemathesis means to send broken ones. That every member
#     is held to its type is tests/service/test_http.py and tests/console/test_safety.py.
#   ignored_auth, object_level_authorization: callers are run one by one here, "nobody" among them; who may do what is
#     tests/console/test_safety.py and test_running_access.py.
#   use_after_free, ensure_resource_availability: they take an id in an answer for a new resource; ours answer with the
#     state of the whole, and drafts of elections are not deleted.
_OWN_STATUSES: Final = {  # 428 is what RFC 6585 has for a missing If-Match, and Schemathesis does not expect
    "missing_required_header": {"enabled": True, "expected-statuses": [400, 401, 403, 404, 428]}
}
_AT_RANDOM: Final = 0.6  # of the time
_SEEDED: Final = 0.85  # of values in a path lead somewhere
_IN_FORCE: Final = "If-Match"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the description does not allow: the operation, who asked, what is wrong, how to see it again."""

    operation: str
    caller: str
    what: str
    request: str


@dataclass(slots=True)
class Tally:
    """Answers of each operation by class of status, and each kind of finding once."""

    answers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(sum(counts.values()) for counts in self.answers.values())

    def count(self, operation: str, status: int) -> None:
        self.answers[operation][f"{status // 100}xx"] += 1
        self.statuses[operation][status] += 1

    def report(self, finding: Finding) -> None:
        self.findings.setdefault((finding.operation, finding.what.splitlines()[0]), finding)

    def never_done(self) -> list[str]:
        """Operations that never answered with success."""
        return sorted(operation for operation, counts in self.answers.items() if not counts["2xx"])


@dataclass(frozen=True, slots=True)
class Wishes:
    """How long, or how much: ``seconds`` for this caller, or ``examples`` for each operation (then always the same)."""

    seed: int
    seconds: int | None = None
    examples: int | None = None


def fuzz(address: str, world: World, caller: Caller, wishes: Wishes, tally: Tally) -> None:
    """One caller's round; what it finds is in ``tally``."""
    fuzz_as_described(_description(address), address, world, caller, wishes, tally)


def fuzz_as_described(
    described: dict[str, Any], address: str, world: World, caller: Caller, wishes: Wishes, tally: Tally
) -> None:
    """The same by another description than the service's own."""
    for path, methods in described["paths"].items():
        for method in methods:
            tally.answers[f"{method.upper()} {path}"]  # an operation that is never asked has a row as well
    _give_examples(described, world, caller)
    for config in _configs(address, world, caller, wishes):
        _run(schemathesis.openapi.from_dict(described, config=config), address, world, caller, tally)


def _run(schema: BaseSchema, address: str, world: World, caller: Caller, tally: Tally) -> None:
    def count(_context: HookContext, case: Case[Any], response: Response) -> None:
        tally.count(case.operation.label, response.status_code)

    schema.hook("after_call")(count)
    _help_with_bodies(schema, world.bodies)
    with _knowing_revisions(address, caller):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                for finding in _findings(event.recorder, caller):
                    tally.report(finding)
            elif isinstance(event, events.NonFatalError):
                tally.report(Finding(event.label, caller.name, f"{event.info.title}: {event.value!r}", ""))


def _description(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/api/openapi.json") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _give_examples(described: dict[str, Any], world: World, caller: Caller) -> None:
    """A request of each operation that leads somewhere, from which Schemathesis then departs in one respect."""
    for methods in described["paths"].values():
        for operation in methods.values():
            known = _parameters(world, caller)
            if PLACES.get(operation["operationId"]) in caller.elections:
                known["path.e"] = (PLACES[operation["operationId"]],)
            for parameter in operation["parameters"]:
                values = known.get(f"{parameter['in']}.{parameter['name']}", ())
                if values:
                    number = parameter["schema"].get("type") == "integer"
                    parameter["example"] = int(values[0]) if number else values[0]
            for body in world.bodies.get(operation["operationId"], ())[:1]:
                operation["requestBody"]["content"]["application/json"]["example"] = body


def _parameters(world: World, caller: Caller) -> dict[str, Sequence[str]]:
    return {**world.parameters, "path.e": caller.elections}


def _configs(address: str, world: World, caller: Caller, wishes: Wishes) -> Iterator[schemathesis.Config]:
    """First what departs from good requests at random, then, where there is time, every bound of every schema."""
    values = _parameters(world, caller)
    parameters = {name: {"dictionary": name.replace(".", "-"), "probability": _SEEDED} for name in values}
    parameters["path.account"]["probability"] = 1.0  # nobody locks the chair who asks
    common = {
        "base-url": address,
        "headers": dict(caller.headers),
        "dictionaries": {name.replace(".", "-"): {"values": list(found)} for name, found in values.items()},
        "parameters": parameters,
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}, **_OWN_STATUSES},
        "continue-on-failure": True,
        "request-timeout": 30,
        "output": {"sanitization": {"enabled": False}},
        "seed": wishes.seed,
    }
    generation = {"database": "none", "no-shrink": True, "with-security-parameters": False}
    fuzzing = {"coverage": {"enabled": False}, "stateful": {"enabled": False}}
    if wishes.seconds is None:
        generation |= {"max-examples": wishes.examples, "deterministic": True}
        yield _config(common, phases=fuzzing, generation=generation)
        return
    first = round(wishes.seconds * _AT_RANDOM)
    yield _config(common, phases=fuzzing, generation={**generation, "mode": "positive"}, **{"max-time": first})
    bounds = {name: {"enabled": False} for name in ("examples", "fuzzing", "stateful")}
    yield _config(common, phases=bounds, generation=generation, **{"max-time": max(1, wishes.seconds - first)})


def _config(common: Mapping[str, Any], **more: Any) -> schemathesis.Config:
    return schemathesis.Config.from_dict({**common, **more})


def _findings(recorder: ScenarioRecorder, caller: Caller) -> Iterator[Finding]:
    for nodes in recorder.checks.values():
        for node in nodes:
            if node.failure_info is not None:
                failure = node.failure_info.failure
                what = f"{node.name}: {failure.title}: {failure.message}"
                operation = failure.operation or recorder.label
                yield Finding(operation, caller.name, what, node.failure_info.code_sample)


# ---- help ------------------------------------------------------------------------------------------------------------


@schemathesis.serializer("application/json")
def _canonical(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Canonical JSON where the value has any, as the service asks for; otherwise whatever the value is in JSON."""
    if isinstance(value, bytes):
        return value
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr)
    return text.encode("utf-8", "surrogatepass")


def _help_with_bodies(schema: BaseSchema, bodies: Mapping[str, Sequence[Any]]) -> None:
    """A third of the bodies as Schemathesis makes them, a third good, a third good but for one member."""

    def with_good_ones(context: HookContext, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        assert context.operation is not None
        name = context.operation.definition.raw.get("operationId", "")
        good = st.sampled_from(list(bodies[name])) if name in bodies else None
        return strategy if good is None else st.one_of(strategy, good, _changed(good, strategy))

    schema.hook("before_generate_body")(with_good_ones)


@st.composite
def _changed(draw: st.DrawFn, good: st.SearchStrategy[Any], others: st.SearchStrategy[Any]) -> Any:
    """A good body with one member of another one, or without it where the other has none."""
    body, other = draw(good), draw(others)
    name = draw(st.sampled_from(sorted(body)))
    if isinstance(other, dict) and name in other:
        return {**body, name: other[name]}
    return {key: value for key, value in body.items() if key != name}


@contextmanager
def _knowing_revisions(address: str, caller: Caller) -> Iterator[None]:
    """A valid `If-Match` becomes the revision in force: nobody guesses it, and behind it are all changes."""

    def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        meta = case.meta
        if _IN_FORCE not in case.headers or (meta is not None and meta.is_negative_at(ParameterLocation.HEADER)):
            return
        found = _revision(address + _resource(case.formatted_path), caller)
        if found is not None:
            case.headers[_IN_FORCE] = found

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


def _resource(path: str) -> str:
    """The address of what an operation changes: /api/committee/elections/{e}/people, …/profiles/{person}, …"""
    parts = path.split("/")
    return "/".join(parts[:7] if "profiles" in parts[5:6] else parts[:6])


def _revision(url: str, caller: Caller) -> str | None:
    request = urllib.request.Request(url, headers=dict(caller.headers))
    try:
        with urllib.request.urlopen(request) as answer:
            found: str | None = answer.headers.get("ETag")
            return found
    except OSError:
        return None
