"""The section `servers`."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from policy_engine.config.texts import Name, Text, Texts
from policy_engine.files import FileModel

__all__ = ["AudienceConfig", "ServerConfig"]


def _as_audience(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return {"user": value, "client": value} if isinstance(value, str | list) else value


def _as_catalogue(value: Any) -> Any:  # noqa: ANN401 -- the check itself
    if isinstance(value, str):
        return Path(value)
    if not isinstance(value, Path | dict):
        raise ValueError("should be a path, or the catalogue itself")  # noqa: TRY004 -- the one that is reported
    return value


CatalogueSource = Annotated[Any, BeforeValidator(_as_catalogue, json_schema_input_type=str | dict[str, Any])]


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
