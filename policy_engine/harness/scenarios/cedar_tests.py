"""Tests in the format of `cedar run-tests`, taken over as cases that have no tokens.

A test names a principal, an action, a resource and a context. The principal becomes an entity of a scenario,
with the groups, attributes and tags that the test gives it, and the rest becomes the message that leads to
that action. What lies around a resource is the project's own.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, ValidationError

from policy_engine.files import Document, FileModel, check, read_document
from policy_engine.harness.cases import Asked, Case, Expectation
from policy_engine.harness.scenarios.calls import read_call
from policy_engine.harness.scenarios.expectations import DENIALS
from policy_engine.harness.scenarios.files import CallFile, FactsFile, PrincipalFile
from policy_engine.harness.scenarios.nearest import nearest
from policy_engine.harness.scenarios.principals import read_principal
from policy_engine.harness.scenarios.spot import Problems, Spot
from policy_engine.harness.scenarios.values import Json, JsonObject, Text, Texts
from policy_engine.harness.world import World
from policy_engine.mcp import METHODS

__all__ = ["SUFFIX", "load_cedar_tests"]

SUFFIX: Final = ".json"

_UID: Final = re.compile(r'([A-Za-z]+)::("(?:[^"\\]|\\.)*")')
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,4}")
_NOW: Final = 1_767_225_600.0
_GROUPS: Final = ("Group", "ClientGroup")
_ROLES: Final = ("Role", "ClientRole")


Model = TypeVar("Model", bound=FileModel)
Shape = TypeVar("Shape", list[Any], dict[str, Any])


class _Request(FileModel):
    """What is asked."""

    principal: Text
    action: Text
    resource: Text
    context: JsonObject = Field(default_factory=dict)


class _Test(FileModel):
    """One test."""

    name: Text | None = None
    request: _Request
    entities: Json
    decision: Literal["allow", "deny"]
    reason: Texts
    num_errors: int


class _Tests(FileModel):
    """The file, below a key of its own."""

    tests: Annotated[tuple[_Test, ...], Field(strict=False)]


def load_cedar_tests(path: Path, label: str, world: World) -> dict[str, Case]:
    """The tests of a file, by the ids of their cases.

    Raises:
        ConfigError: the first problem with its place; all others are in its `others`.
    """
    read = read_document(path)
    if not isinstance(read.data, list):
        raise read.error((), "not a list of tests", "write what `cedar run-tests` takes")
    places = {("tests", *path_): place for path_, place in read.places.items()}
    document = Document(data={"tests": read.data}, file=path, places=places, variables=read.variables)
    world.clock.set(_NOW)
    problems = Problems()
    found: dict[str, Case] = {}
    for number, test in enumerate(check(_Tests, document).tests):
        with problems.noted():
            spot = Spot(document, ("tests", number))
            key = f"{label}::{test.name or number + 1}"
            if key in found:
                raise (spot / "name").error(f"a test is called `{test.name}` already", "give it another name")
            found[key] = _case(key, test, spot, world)
    problems.none_or_raise()
    return found


def _case(key: str, test: _Test, spot: Spot, world: World) -> Case:
    name = key.rpartition("::")[2]
    if test.num_errors:
        raise (spot / "num_errors").error(
            "which policies fail isn't said", "write a scenario: `expect: {errors: [ID]}`"
        )
    for index, policy in enumerate(test.reason):
        if policy not in world.policies.policies:
            known = world.policies.policies
            raise (spot / "reason" / index).error(f"no policy has the id `{policy}`", nearest(policy, known))
    speaker = read_principal(name, _principal(test, spot), spot, world)
    asked = _asked(name, test.request, spot / "request", world)
    return Case(
        id=key,
        group=(),
        who=speaker.who(asked.server),
        asked=asked,
        expect=Expectation(
            allowed=test.decision == "allow",
            codes=None if test.decision == "allow" else DENIALS,
            principal=speaker.principal,
            includes=frozenset(test.reason),
            origin=spot.origin,
        ),
        now=_NOW,
    )


def _principal(test: _Test, spot: Spot) -> PrincipalFile:
    type_, id_ = _uid(test.request.principal, spot / "request" / "principal")
    entity = _entity_of(type_, id_, test.entities, spot)
    issuer = f"{id_.partition('/')[0]}/"
    parents = [_pair(each) for each in _of(list, entity.get("parents"))]
    attributes = dict(_of(dict, entity.get("attrs")))
    given: dict[str, Any] = {
        "entity": test.request.principal,
        "groups": [name.removeprefix(issuer) for kind, name in parents if kind in _GROUPS],
        "roles": [name.removeprefix(issuer) for kind, name in parents if kind in _ROLES],
        "facts": _made(FactsFile, _facts(test.request.context.get("token")), spot / "request" / "context"),
    }
    for key in ("email", "category"):
        if key in attributes:
            given[key] = attributes.pop(key)
    for key in ("issuer", "subject", "client_id"):
        attributes.pop(key, None)
    actor = test.request.context.get("actor")
    if actor is not None:
        kind, name = _pair(actor)
        given["through_entity"] = f"{kind}::{json.dumps(name)}"
    given["attributes"] = {**attributes, **_of(dict, entity.get("tags"))}
    return _made(PrincipalFile, given, spot / "entities")


def _made(model: type[Model], values: Mapping[str, Any], spot: Spot) -> Model:
    """What a scenario would say."""
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        part = ".".join(map(str, invalid.errors()[0]["loc"]))
        raise spot.error(f"`{part}` isn't as a scenario could say it", "look at its type") from None


def _of(kind: type[Shape], value: Any) -> Shape:  # noqa: ANN401 -- JSON
    """A value of a kind, or an empty one."""
    return value if isinstance(value, kind) else kind()


def _facts(token: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    known = FactsFile.model_fields
    facts = {name: value for name, value in token.items() if name in known} if isinstance(token, dict) else {}
    return {name: value for name, value in facts.items() if isinstance(value, str | list)}


def _entity_of(type_: str, id_: str, entities: Any, spot: Spot) -> Mapping[str, Any]:  # noqa: ANN401 -- JSON
    if isinstance(entities, str):
        place, folder = spot / "entities", spot.file.parent.resolve()
        path = (folder / entities).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise place.error(
                "the entities aren't in a file below this folder", "name one, or write them out"
            )
        entities = read_document(path).data
    if not isinstance(entities, list):
        raise (spot / "entities").error("not a list of entities", "write `[{uid: …, attrs: …, parents: …}]`")
    for each in entities:
        if isinstance(each, dict) and _pair(each.get("uid")) == (type_, id_):
            return each
    return {}


def _asked(name: str, request: _Request, spot: Spot, world: World) -> Asked:
    _, action = _uid(request.action, spot / "action")
    type_, resource = _uid(request.resource, spot / "resource")
    server, _, rest = resource.partition("/")
    if type_ == "Tool" and action == resource:
        arguments = _plain(request.context.get("arguments", {}))
        call: dict[str, Any] = {"tool": rest, "arguments": arguments}
    else:
        found = next(_methods(action, type_), None)
        if found is None:
            raise (spot / "action").error(
                f"no message leads to `{request.action}` on a `{type_}`",
                "write a scenario: `method`, `params`",
            )
        method, parameter = found
        call = {"method": method, **({"params": {parameter: rest}} if parameter else {})}
    entry = _made(CallFile, {**call, "server": server}, spot / "resource")
    return read_call(name, entry, spot / "resource", world).asked


def _methods(action: str, type_: str) -> Iterator[tuple[str, str | None]]:
    for (_, kind, name), row in METHODS.items():
        if kind == "request" and row.action == action and type_ in row.resources and row.parameter != "ref":
            yield name, row.parameter


def _plain(value: Any) -> Any:  # noqa: ANN401 -- JSON
    """Arguments as a client sends them: Cedar's JSON of decimals is a number."""
    match value:
        case {"__extn": {"fn": "decimal", "arg": str(text)}} if _DECIMAL.fullmatch(text):
            return float(text)
        case dict():
            return {name: _plain(part) for name, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case _:
            return value


def _uid(text: str, spot: Spot) -> tuple[str, str]:
    found = _UID.fullmatch(text)
    try:
        name = json.loads(found[2]) if found else None
    except ValueError:
        name = None
    if found is None or not isinstance(name, str):
        raise spot.error(f"`{text}` names no entity", 'write `Type::"id"`')
    return found[1], name


def _pair(uid: Any) -> tuple[str, str]:  # noqa: ANN401 -- JSON
    """Type and id of an entity, in any of Cedar's forms; empty if it has none of them."""
    match uid:
        case {"__entity": inner}:
            return _pair(inner)
        case {"type": str(type_), "id": str(id_)}:
            return type_, id_
        case _:
            return "", ""
