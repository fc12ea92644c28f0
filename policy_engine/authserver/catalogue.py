"""What tokens can be had for: the resources that are protected, and the scopes of each.

A scope belongs to resources: one that a client may have at one resource can't be had for another
(RFC 9068 section 5). Scopes and resources compare as text.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.errors import ConfigError

__all__ = ["Catalogue", "canonical_resource", "parse_scope"]

_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
"""RFC 6749 section 3.3."""

_RESOURCE: Final = re.compile(
    r"(https?)://((?!:)[^/?#@\x00-\x20\x7f-\U0010ffff]+)((?:[/?][^#\x00-\x20\x7f-\U0010ffff]*)?)",
    re.IGNORECASE | re.ASCII,
)
"""RFC 8707 section 2: an absolute URI without a fragment; here http(s), and no user in it."""

_USER_SCOPES: Final = frozenset({"openid", "offline_access"})
_OMNIBUS_SCOPES: Final = frozenset({"all", "full-access", "full_access"})


class Catalogue:
    """Resources and their scopes; what isn't in here can't be had.

    Args:
        resources: scopes by canonical URI, `{"https://mcp.example.com/github": ["issues:read"]}`.

    Raises:
        ConfigError: a resource that isn't a canonical URI, or that has no scopes; a scope that isn't one
            word, that speaks of users, or that stands for all others.
    """

    __slots__ = ("_scopes",)

    def __init__(self, resources: Mapping[str, Iterable[str]]) -> None:
        if not resources:
            raise _error("the catalogue has no resources", "name those that tokens are for")
        self._scopes = MappingProxyType({uri: _checked(uri, scopes) for uri, scopes in resources.items()})

    @property
    def resources(self) -> tuple[str, ...]:
        """All resources, sorted."""
        return tuple(sorted(self._scopes))

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes, sorted."""
        return tuple(sorted(frozenset[str]().union(*self._scopes.values())))

    def scopes_of(self, resource: str) -> frozenset[str]:
        """The scopes of a resource; none, if it isn't in the catalogue."""
        return self._scopes.get(resource, frozenset())

    def __contains__(self, resource: object) -> bool:
        """Whether a resource is in the catalogue."""
        return resource in self._scopes


def canonical_resource(text: str) -> str | None:
    """The resource with scheme and host in lower case, or None if it isn't a resource URI.

    Nothing else is folded: `x` and `x/` are two resources (RFC 8707 section 2, simple string comparison).
    """
    match = _RESOURCE.fullmatch(text)
    return None if match is None else f"{match[1].lower()}://{match[2].lower()}{match[3]}"


def parse_scope(text: str) -> frozenset[str] | None:
    """The scopes in a `scope` value, or None if it isn't one (RFC 6749 section 3.3)."""
    words = text.split(" ")
    return frozenset(words) if all(map(_SCOPE_TOKEN.fullmatch, words)) else None


def _checked(uri: str, scopes: Iterable[str]) -> frozenset[str]:
    if canonical_resource(uri) != uri:
        raise _error(
            f"resource `{uri}` isn't a canonical URI",
            "write https://host/path, host in lower case, no fragment",
        )
    # Text is iterable too: its letters would become the scopes.
    checked = frozenset[str]() if isinstance(scopes, str) else frozenset(scopes)
    if not checked:
        raise _error(f"resource `{uri}` has no list of scopes", "name at least one")
    for scope in sorted(checked):
        _check_scope(scope)
    return checked


def _check_scope(scope: str) -> None:
    if not _SCOPE_TOKEN.fullmatch(scope):
        raise _error(f"scope `{scope}` isn't one word of RFC 6749 section 3.3", "leave out spaces and quotes")
    if scope in _USER_SCOPES:
        raise _error(
            f"scope `{scope}` speaks of a user's session", "no user takes part in client_credentials"
        )
    if "*" in scope or scope in _OMNIBUS_SCOPES:
        raise _error(f"scope `{scope}` stands for all others", "name what is permitted")


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code="catalogue")
