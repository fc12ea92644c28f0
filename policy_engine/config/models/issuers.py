"""The section `issuers`: who may say who someone is, and which machines are known there."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from policy_engine.config.authserver import RegistryConfig, with_registry
from policy_engine.config.introspection import IntrospectionConfig
from policy_engine.config.texts import FilePath, Text, Texts
from policy_engine.files import FileModel

__all__ = ["ClaimsConfig", "ClientConfig", "IssuerConfig", "KeysConfig", "KindClaims", "PrefixConfig"]


def _as_clients(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if isinstance(value, str):
        raise ValueError("should be a mapping from client ids, or `registry`")  # noqa: TRY004 -- the one that is reported
    return value


def _as_flag(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    texts = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    if not texts and not isinstance(value, bool | str):
        raise ValueError("should be true, false, a string or a list of strings")
    return value


def _as_fact(value: Any) -> Any:  # noqa: ANN401 -- checked against what is declared
    if value is None or isinstance(value, dict):
        raise ValueError("should be a string, a list of strings, true, false or an integer")
    return tuple(value) if isinstance(value, list) else value


Flag = Annotated[Any, BeforeValidator(_as_flag, json_schema_input_type=bool | str | list[str])]

Fact = Annotated[Any, BeforeValidator(_as_fact, json_schema_input_type=bool | int | str | list[str])]
"""A value of an attribute; its type is the one that is declared, see `check_attributes`."""


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
