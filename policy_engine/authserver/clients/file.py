"""The shape of `clients.yaml`: registered clients, with the member names of RFC 7591 section 2."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from policy_engine.authserver.clients.client import DEFAULT_TTL
from policy_engine.authserver.clients.requirements import AUTH_METHODS
from policy_engine.files import FileModel, json_schema_text
from policy_engine.model.claims import MACHINE_CATEGORIES

__all__ = ["ClientEntry", "ClientsFile", "HashEntry", "KeysSource", "SecretSource", "clients_json_schema"]

Text = Annotated[str, StringConstraints(min_length=1)]


def _as_list(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return value if isinstance(value, list | tuple | dict | None) else [value]


Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=Text | list[Text]), Field(strict=False)
]


class SecretSource(FileModel):
    """Where a client's secret is from: exactly one of the three."""

    env: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """The name of an environment variable that holds it when the file is applied."""
    file: Annotated[Path, Field(strict=False)] | None = None
    """A file that holds it, from the folder of this one."""
    generate: bool = False
    """Made when the client is registered, and shown once; `secret: generate` is short for it."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretSource":
        if [self.env is not None, self.file is not None, self.generate].count(True) != 1:
            raise ValueError("give exactly one of `env`, `file` and `generate: true`")
        return self


def _as_source(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    if value == "generate":
        return {"generate": True}
    if isinstance(value, str):
        raise ValueError("write `generate`, `{env: NAME}` or `{file: PATH}`, never the secret itself")  # noqa: TRY004 -- pydantic's
    return value


class KeysSource(FileModel):
    """A client's public keys: exactly one of the two."""

    keys: list[dict[str, Any]] | None = None
    """The keys, as a JWK Set has them."""
    file: Annotated[Path, Field(strict=False)] | None = None
    """A file with a JWK Set, or one public JWK, from the folder of this one."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "KeysSource":
        if (self.keys is None) == (self.file is None):
            raise ValueError("give exactly one of `keys` and `file`")
        return self


class HashEntry(FileModel):
    """What is kept of a secret."""

    sha256: str = Field(repr=False)
    """The SHA-256 of the secret, 64 lower-case hexadecimal digits."""
    expires_at: int | None = None
    """Seconds since the epoch from when the secret isn't valid; omitted: never."""


class ClientEntry(FileModel):
    """One client."""

    client_id: str
    """Its id, 1 to 128 of `A-Z a-z 0-9 . _ ~ -`; policies call it `Client::"<issuer>/<client_id>"`."""
    category: str = Field(json_schema_extra={"enum": list(MACHINE_CATEGORIES)})
    """What kind of machine it is."""
    token_endpoint_auth_method: str = Field(json_schema_extra={"enum": list(AUTH_METHODS)})
    """How it proves who it is."""
    grant_types: Texts = ()
    """`[client_credentials]`, written out: RFC 7591 has another default; any other is refused."""
    resources: Texts = ()
    """What its tokens may be for: names of servers, or their `resource`; at least one."""
    scope: str = ""
    """What it may be permitted, with a space between; each is in `authserver.scopes`; at least one."""
    default_scope: str = ""
    """What it gets where it asks for none; omitted: it has to ask."""
    default_resource: bool = False
    """Whether it gets its one resource where it asks for none."""
    jwks: KeysSource | None = None
    """Its public keys, for `private_key_jwt`."""
    secret: Annotated[
        SecretSource | None,
        BeforeValidator(_as_source, json_schema_input_type=Literal["generate"] | SecretSource),
    ] = None
    """Its secret, for the other methods."""
    secret_hashes: list[HashEntry] | None = None
    """Instead of `secret`, all that is kept of it; two while one is replaced."""
    token_endpoint_auth_signing_alg: str | None = None
    """The one algorithm of its assertions; omitted: any that goes with its keys."""
    access_token_ttl: int = DEFAULT_TTL
    """Seconds that its tokens last, at most 3600."""
    enabled: bool | None = None
    """Whether it gets tokens; omitted: as it is, so that a client that was disabled stays so."""
    client_name: str = ""
    """For people."""
    groups: Texts = ()
    """Its groups: `ClientGroup::"<issuer>/<group>"`."""
    attributes: dict[Text, Texts] = Field(default_factory=dict)
    """Its tags, for policies."""

    @field_validator("secret_hashes")
    @classmethod
    def _some(cls, written: list[HashEntry] | None) -> list[HashEntry] | None:
        if written == []:
            raise ValueError("it is empty; leave it out")
        return written


class ClientsFile(FileModel):
    """All clients that one file is for."""

    version: Literal[1] = 1
    """The version of this form."""
    clients: list[ClientEntry]
    """The clients; each id once."""


def clients_json_schema() -> str:
    """The schema (JSON Schema 2020-12) as text, ready to be written to `schemas/`."""
    return json_schema_text(ClientsFile, "clients.yaml")
