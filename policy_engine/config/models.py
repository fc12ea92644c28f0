"""The shape of `policy-engine.yaml`, version 1; `schemas/policy-engine.schema.json` is generated from it."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from policy_engine.config.authserver import AuthServerConfig, RegistryConfig, with_registry
from policy_engine.config.introspection import IntrospectionConfig
from policy_engine.files import FileModel

__all__ = [
    "AttributesConfig",
    "AudienceConfig",
    "AuditConfig",
    "ClaimsConfig",
    "ClientConfig",
    "Config",
    "IssuerConfig",
    "KeysConfig",
    "KindClaims",
    "PrefixConfig",
    "ReuseConfig",
    "ServerConfig",
]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
"""A name of a server or an issuer: the left part of entity ids."""

Text = Annotated[str, StringConstraints(min_length=1)]

FilePath = Annotated[Path, Field(strict=False)]
"""A path, taken from the folder of the file that it is written in."""


def _as_list(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return [value] if isinstance(value, str) else value


def _as_audience(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return {"user": value, "client": value} if isinstance(value, str | list) else value


def _as_clients(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if isinstance(value, str):
        raise ValueError("should be a mapping from client ids, or `registry`")  # noqa: TRY004 -- the one that is reported
    return value


def _as_issuers(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if value is None or value == {}:
        raise ValueError("no issuers yet; add one: policy-engine issuers add URL --profile NAME")
    return value


def _as_version(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    return value if type(value) is int else str(value)  # `true` and `1.0` equal 1


def _as_flag(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    texts = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if not texts and not isinstance(value, bool | str):
        raise ValueError("should be true, false, a string or a list of strings")
    return value


def _as_fact(value: Any) -> Any:  # noqa: ANN401 -- checked against what is declared
    if value is None or isinstance(value, dict):
        raise ValueError("should be a string, a list of strings, true, false or an integer")
    return tuple(value) if isinstance(value, list) else value


def _as_catalogue(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    if isinstance(value, str):
        return Path(value)
    if not isinstance(value, Path | dict):
        raise ValueError("should be a path, or the catalogue itself")  # noqa: TRY004 -- the one that is reported
    return value


CatalogueSource = Annotated[Any, BeforeValidator(_as_catalogue, json_schema_input_type=str | dict[str, Any])]

Flag = Annotated[Any, BeforeValidator(_as_flag, json_schema_input_type=bool | str | list[str])]

Fact = Annotated[Any, BeforeValidator(_as_fact, json_schema_input_type=bool | int | str | list[str])]
"""A value of an attribute; its type is the one that is declared, see `check_attributes`."""

AttributeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name that policies can write after a dot."""

AttributeTypeName = Literal["string", "strings", "bool", "long"]

Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=Text | list[Text]), Field(strict=False)
]
"""One string, or a list of them."""

Paths = Annotated[
    tuple[FilePath, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(strict=False),
]


class AudienceConfig(FileModel):
    """The audiences that an issuer writes into tokens for one server, by the kind of principal."""

    user: Texts = ()
    """Audiences of people's tokens."""
    client: Texts = ()
    """Audiences of machines' tokens."""


Audience = Annotated[
    AudienceConfig, BeforeValidator(_as_audience, json_schema_input_type=Texts | AudienceConfig)
]


class ServerConfig(FileModel):
    """One MCP server that is protected."""

    resource: Text
    """Canonical URI of the server (RFC 8707, RFC 9728), and the audience that a token must carry."""
    audiences: dict[Name, Audience] = Field(default_factory=dict)
    """Other audiences, by issuer: for issuers that can't write the canonical URI."""
    shares_audience: bool = False
    """Another server has the same audience at the same issuer; both must say so."""
    introspection: Name | None = None
    """The issuer that is asked about opaque tokens; omitted: the one whose prefix a token has."""
    catalogue: CatalogueSource = None
    """The pinned tools/list of the server: a JSON file, or its content."""
    unpinned: Literal["deny", "allow"] = "deny"
    """What becomes of calls of tools that aren't in the catalogue."""
    changed: Literal["deny", "warn"] = "deny"
    """What becomes of a tool, or another item, that the server lists otherwise than the catalogue has it."""
    origins: Texts = ()
    """Web pages that may call it, by `Origin`; those of the origin of `resource` always may."""


class KeysConfig(FileModel):
    """Where the keys of an issuer come from: exactly one of the three."""

    file: FilePath | None = None
    """A JWK Set in a file."""
    uri: Text | None = None
    """An https address of a JWK Set; trusted as it is written here."""
    jwks: dict[str, Any] | None = Field(default=None, repr=False)
    """The JWK Set itself."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "KeysConfig":
        if [self.file, self.uri, self.jwks].count(None) != 2:  # noqa: PLR2004 -- one of three
            raise ValueError("give exactly one of `file`, `uri` and `jwks`")
        return self


class ClientConfig(FileModel):
    """A machine, or an application that acts for people, known at an issuer."""

    grants: Texts
    """The grants it uses; `client_credentials` never goes with a grant of people."""
    category: Literal["service", "ai_agent", "workload"] | None = None
    """What kind of machine it is; `service` unless its token says otherwise."""
    groups: Texts = ()
    """Its `ClientGroup`s."""
    roles: Texts = ()
    """Its `ClientRole`s."""
    attributes: dict[Text, Fact] = Field(default_factory=dict)
    """Further attributes: those declared under `attributes.Client` have their type, others are tags."""
    acts_for_users: bool = False
    """People's tokens from this application carry it as `context.actor`."""


class PrefixConfig(ClientConfig):
    """Machines at an issuer that speaks for nobody else, by the beginning of their ids."""

    grants: Texts = ("workload",)
    """The grant of workloads, unless it is another one of machines."""


Clients = Annotated[
    dict[Text, ClientConfig],
    BeforeValidator(_as_clients, json_schema_input_type=Literal["registry"] | dict[Text, ClientConfig]),
]


class KindClaims(FileModel):
    """Which claims hold what policies read of one kind of principal."""

    groups: Text | None = None
    """The claim that names groups."""
    roles: Text | None = None
    """The claim that names roles."""
    email: Text | None = None
    """The claim that holds the address; read only where `email_verified` is true."""
    tags: dict[Text, Text] = Field(default_factory=dict)
    """Further claims, by the name of the tag that policies read."""
    attributes: dict[Text, Text] = Field(default_factory=dict)
    """Further claims, by the name of the declared attribute that policies read."""


class ClaimsConfig(FileModel):
    """Configured claims, typed by kind: a claim of people is never read from a machine's token."""

    user: KindClaims = KindClaims()
    """Claims of people's tokens."""
    client: KindClaims = KindClaims()
    """Claims of machines' tokens."""


class IssuerConfig(FileModel):
    """Somebody who may say who someone is."""

    issuer: Text
    """The exact `iss` of its tokens."""
    profile: Text
    """How it marks machines and people: the name of a shipped profile, or the path of one's own."""
    keys: KeysConfig | None = None
    """Where its keys come from; omitted: from its metadata."""
    introspection: IntrospectionConfig | None = None
    """How it is asked about opaque tokens; omitted: it isn't."""
    algorithms: Texts = ()
    """Narrows the signature algorithms of the profile."""
    flags: dict[Text, Flag] = Field(default_factory=dict)
    """The profile's own switches."""
    clients: Clients = Field(default_factory=dict)
    """Machines known at this issuer; no machine is admitted unlisted. `registry`: those of our own server."""
    registry: RegistryConfig | None = None
    """Where `clients: registry` are read; omitted: in the store of `authserver`."""
    client_prefixes: dict[Text, PrefixConfig] = Field(default_factory=dict)
    """Machines by the beginning of their ids, at an issuer whose profile speaks for machines alone."""
    on_foreign_marker: Literal["refuse", "ignore"] = "refuse"
    """What becomes of a token with a mark of another kind of issuer that contradicts its own."""
    claims: ClaimsConfig = ClaimsConfig()
    """Where groups, roles, email, tags and attributes come from; nothing else is read."""
    development_key: FilePath | None = None
    """A private JWK that `token mint` signs with; development configurations only."""

    @model_validator(mode="before")
    @classmethod
    def _with_registry(cls, written: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
        return with_registry(written)


class AttributesConfig(FileModel):
    """Attributes of people and machines, typed once for all issuers; policies ask with `has` first."""

    User: dict[AttributeName, AttributeTypeName] = Field(default_factory=dict)
    """People's, by name: `string`, `strings` (a string or a list of them), `bool` or `long` (an integer)."""
    Client: dict[AttributeName, AttributeTypeName] = Field(default_factory=dict)
    """Machines', likewise."""


class AuditConfig(FileModel):
    """Where the record of each decision goes."""

    file: FilePath | None = None
    """Appended to, one JSON line a decision."""
    stdout: bool = False
    """Write to standard output instead."""
    on_failure: Literal["deny", "allow"] = "deny"
    """What becomes of a request whose decision can't be recorded."""


class ReuseConfig(FileModel):
    """What is kept between requests, so that the next one costs less."""

    answers: bool = True
    """Whether an answer of Cedar's is used again for the very same question."""
    tokens: Annotated[int, Field(ge=0, le=10_000_000)] = 8192
    """How many verified tokens are remembered; audience and times are checked each time."""
    megabytes: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    """What all of it may take together, about: half for tokens, half for entities, slices and answers."""


class Config(FileModel):
    """The whole file."""

    version: Annotated[Literal[1], BeforeValidator(_as_version)]
    """Version of this format."""
    development: bool = False
    """Allows loopback http issuers and `token mint`; never use it where anything but you can connect."""
    servers: Annotated[dict[Name, ServerConfig], Field(min_length=1)]
    """What is protected; the names are the left part of `Tool::"github/…"`."""
    issuers: Annotated[dict[Name, IssuerConfig], Field(min_length=1), BeforeValidator(_as_issuers)]
    """Who may say who someone is; the names are the left part of `User::"corp/…"`."""
    attributes: AttributesConfig = AttributesConfig()
    """Attributes of people and machines, besides those that they always have."""
    policies: Paths
    """Folders and files of Cedar policies."""
    entities: FilePath | None = None
    """Static entities: nesting of groups, groups of tools, attributes."""
    audit: AuditConfig = AuditConfig()
    """Where decisions are recorded."""
    authserver: AuthServerConfig | None = None
    """An authorization server of one's own for machines; omitted: none is run."""
    reuse: ReuseConfig = ReuseConfig()
    """What is kept between requests."""
