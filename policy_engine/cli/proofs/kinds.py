"""The kinds of principals, as options name them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy_engine.review import Kind

__all__ = ["KindName", "kinds_of"]


class KindName(StrEnum):
    """The two kinds of principals."""

    Client = "Client"
    User = "User"


_KINDS: Final[Mapping[KindName, Kind]] = MappingProxyType({KindName.Client: "Client", KindName.User: "User"})


def kinds_of(names: Iterable[KindName] | None) -> frozenset[Kind]:
    """Those that an option named, if it was given."""
    return frozenset(_KINDS[name] for name in names or ())
