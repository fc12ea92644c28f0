"""The shape of scenario files and fixture files, version 1; `schemas/scenario.schema.json` is made of it."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from policy_engine.files import FileModel
from policy_engine.harness.scenarios.values import (
    FilePath,
    Json,
    JsonObject,
    Name,
    Names,
    OneOrMore,
    Paths,
    SomeTexts,
    Text,
    Texts,
    Time,
    as_version,
)
from policy_engine.harness.tampering import Tampering

__all__ = [
    "MAX_DEPTH",
    "CallFile",
    "ExpectFile",
    "FactsFile",
    "FixturesFile",
    "GroupFile",
    "HttpFile",
    "PrincipalFile",
    "ScenarioFile",
    "TestFile",
    "TokenFile",
]

MAX_DEPTH: Final = 8
"""How deep groups may lie in groups."""


def _as_expect(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return {"outcome": value} if isinstance(value, str) else value


def _as_row(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    """One outcome for every call of the row, or calls by outcome."""
    return {value: ("all",)} if isinstance(value, str) else value


def _as_lists(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(name, str) for name in value)):
        return value
    raise ValueError("should be a list of pinned names, or the server's answer")


class TokenFile(FileModel):
    """A token that was recorded."""

    file: FilePath
    """The file that holds it, and nothing else."""


class FactsFile(FileModel):
    """What policies see of the token of a principal that is given as an entity."""

    scopes: Texts = ()
    """Its scopes."""
    grant: Text | None = None
    """The grant that it was obtained by."""
    client_id: Text | None = None
    """The client that obtained it."""
    acr: Text | None = None
    """How the person authenticated, in a word."""
    amr: Texts = ()
    """By which means."""
    issued_at: Time | None = None
    """When it was issued."""
    expires_at: Time | None = None
    """When it expires."""


class PrincipalFile(FileModel):
    """Somebody who asks: with a token (of a machine, a person, claims; a recorded one), or as an entity."""

    client: Text | None = None
    """A machine's token: its client id."""
    user: Text | None = None
    """A person's token: their id, as the issuer writes it."""
    through: Text | None = None
    """The application that obtained the person's token; an agent, where its issuer lists it as one."""
    token: TokenFile | None = None
    """A token that was recorded."""
    entity: Text | None = None
    """No token, but the principal itself: `Client::"machines/ci-bot"`."""
    nobody: Literal[True] | None = None
    """No token at all."""
    issuer: Text | None = None
    """The issuer that signs the token, by name; without `client` and `user`, one of `claims` alone."""
    profile: Text | None = None
    """The same, by its profile, where one issuer alone has that."""
    scope: str | None = None
    """Scopes of the token, separated by spaces."""
    claims: JsonObject = Field(default_factory=dict)
    """Further claims, or other values; null leaves one out."""
    header: JsonObject = Field(default_factory=dict)
    """Likewise, members of the header."""
    lifetime: Annotated[int, Field(ge=1, le=10 * 365 * 86_400)] = 600
    """Seconds from `now` until the token expires."""
    token_for: Text | None = None
    """The server that the token is for; omitted: the one that is called."""
    tamper: Tampering | None = None
    """What is wrong with the token."""
    through_entity: Text | None = None
    """The agent that acts for a person who is given as an entity."""
    category: Literal["service", "ai_agent", "workload"] | None = None
    """What kind of machine the entity is."""
    groups: Texts = ()
    """Groups of the entity, without the issuer's part."""
    roles: Texts = ()
    """Roles of the entity, without the issuer's part."""
    email: Text | None = None
    """The verified address of a person who is given as an entity."""
    attributes: JsonObject = Field(default_factory=dict)
    """Further attributes of the entity: declared ones have the type that they are declared with."""
    facts: FactsFile | None = None
    """What policies see of the entity's token; omitted: nothing."""


class HttpFile(FileModel):
    """What a proxy knows of the HTTP request."""

    method: Literal["POST", "GET", "DELETE"] = "POST"
    """The method; `GET` and `DELETE` carry no message."""
    url: str = ""
    """The URL as the caller sent it."""
    headers: dict[Text, str] = Field(default_factory=dict)
    """Headers by name."""


class CallFile(FileModel):
    """Something that is asked: a tool, another method, an HTTP request, or a text as it stands."""

    tool: Text | None = None
    """The tool that is called."""
    arguments: Json = None
    """Its arguments."""
    method: Text | None = None
    """Another method, such as `tools/list`."""
    params: Json = None
    """Its parameters."""
    message: Text | None = None
    """The message as it stands, whether it can be read or not."""
    server: Text | None = None
    """The server; omitted where only one is configured."""
    http: HttpFile | None = None
    """What is known of the HTTP request."""
    unpinned: bool = False
    """The tool isn't in the catalogue, and that is meant."""
    lists: Annotated[
        Any, BeforeValidator(_as_lists, json_schema_input_type=list[str] | dict[str, Any] | None)
    ] = Field(default=None)
    """What the server lists: pinned names, or the result itself; omitted: all that is pinned."""


class ExpectFile(FileModel):
    """What should come of a call; whatever isn't said may be anything, but policies that fail."""

    outcome: Text | None = None
    """All in one: `allow`, `deny`, or a code, then `by` the policies that decide."""
    decision: Literal["allow", "deny"] | None = None
    """Whether it is allowed."""
    code: Text | None = None
    """The decision's code."""
    detail: Text | None = None
    """Its detail."""
    status: int | None = None
    """The HTTP status that a proxy answers with."""
    principal: Text | None = None
    """Whom the token is taken for: `Client::"machines/ci-bot"`; `none`; `any`, where it doesn't matter."""
    policies: SomeTexts = None
    """The policies that decide, all of them."""
    errors: Texts = ()
    """The policies that fail."""
    visible: SomeTexts = None
    """What is left of a list."""
    scopes: SomeTexts = None
    """The scopes that the caller is told to ask for."""


class TestFile(FileModel):
    """One expectation, of some principals and some calls."""

    name: Name | None = None
    """What it is called; omitted: by its principals and calls."""
    who: OneOrMore
    """Who asks: one or several."""
    asks: OneOrMore
    """For what: one call or several."""
    expect: Annotated[ExpectFile, BeforeValidator(_as_expect, json_schema_input_type=str | ExpectFile)]
    """What should come of it."""
    skip: Text | None = None
    """Why it isn't decided."""


Row = Annotated[
    dict[Text, Names],
    BeforeValidator(_as_row, json_schema_input_type=Text | dict[Text, Name | list[Name]]),
]
"""Calls by what should come of them."""


class GroupFile(FileModel):
    """Expectations that belong together."""

    who: Names = ()
    """Whose row the matrix has besides those that it names."""
    asks: Names = ()
    """Which columns the matrix has besides those that it names."""
    matrix: dict[Name, Row] = Field(default_factory=dict)
    """By principal: calls by what should come of them; every other call is denied."""
    table: Text | None = None
    """The same as a table: a row for each principal, a column for each call."""
    tests: Annotated[tuple[TestFile, ...], Field(strict=False)] = ()
    """One by one."""
    skip: Text | None = None
    """Why none of it is decided."""
    groups: dict[Name, "GroupFile"] = Field(default_factory=dict)
    """Groups within."""


class FixturesFile(FileModel):
    """A file of fixtures: what scenarios in its folder, and below, can name."""

    version: Annotated[Literal[1], BeforeValidator(as_version)]
    """Version of this format."""
    use: Paths = ()
    """Other files of fixtures, from elsewhere."""
    principals: dict[Name, PrincipalFile] = Field(default_factory=dict)
    """Who may ask, by name."""
    calls: dict[Name, CallFile] = Field(default_factory=dict)
    """What may be asked, by name."""


class ScenarioFile(FixturesFile, GroupFile):
    """A scenario file."""

    now: Time = 1_767_225_600.0
    """The time that all of it happens at; omitted: the first second of 2026."""
    config: FilePath | None = None
    """The configuration that it is for; omitted: the nearest `policy-engine.yaml` above."""
