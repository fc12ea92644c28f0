"""Marks that mean something at one issuer and nothing, or a lie, at another.

`idtyp` is Entra's; at any other issuer a claim mapper wrote it, and whoever configures that chooses its
value. So a foreign mark never decides, but one that contradicts the decision refuses: somebody is confused,
or trying.
Names are top-level: `https://x/gty` is an application's own affair.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal

from policy_engine.model.claims import GRANT_CLAIM, MACHINE_GRANTS, PROFILE_CLAIM, USER_GRANTS

__all__ = ["FOREIGN_MARKS", "Kind", "contradicting_mark", "looks_like_machine"]

Kind = Literal["client", "user"]
"""What the evidence speaks for."""


def _spelling(word: str) -> str:
    return word.lower().replace("-", "_")


_GRANTS: Mapping[str, Kind] = MappingProxyType(
    {
        **{_spelling(grant): "client" for grant in MACHINE_GRANTS},
        **{_spelling(grant): "user" for grant in USER_GRANTS},
    }
)

FOREIGN_MARKS: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        GRANT_CLAIM: _GRANTS,
        "grant_type": _GRANTS,
        "idtyp": MappingProxyType({"app": "client", "device": "client", "user": "user"}),
        "sub_type": MappingProxyType({"client": "client", "user": "user"}),
        PROFILE_CLAIM: MappingProxyType(
            {"service": "client", "ai_agent": "client", "device": "client", "user": "user"}
        ),
    }
)
"""Claims that some issuers use to tell the kind, and how their words read, in small letters."""

_MACHINE_PREFIXES = (
    "(age!",
    "(usr!",
    "m2m-client-",
    "mch_",
    "service-account-",
    "spiffe://",
    "system:serviceaccount:",
)
_MACHINE_SUFFIXES = ("@clients", ".gserviceaccount.com")


def contradicting_mark(claims: Mapping[str, Any], names: Collection[str], kind: Kind) -> str | None:
    """The first of some foreign marks that reads as the other kind; unreadable ones say nothing."""
    for name in names:
        if name in claims:
            readings = FOREIGN_MARKS[name]
            if any(readings.get(_spelling(word), kind) != kind for word in _words(claims[name])):
                return name
    return None


def looks_like_machine(subject: str) -> bool:
    """Whether a person's subject is spelt as some issuer spells machines.

    Harmless to policies, which name the type, and refused all the same: logs and people read it as a machine.
    """
    return subject.startswith(_MACHINE_PREFIXES) or subject.endswith(_MACHINE_SUFFIXES)


def _words(value: Any) -> list[str]:  # noqa: ANN401 -- any JSON
    members = value if isinstance(value, list) else [value]
    return [word for member in members if isinstance(member, str) for word in member.split()]
