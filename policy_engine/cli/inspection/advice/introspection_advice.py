"""Advice where the issuer of an opaque token was asked, or couldn't be."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.change import Change

__all__ = ["advise_on_introspection"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "inactive_token": "the issuer knows why: the token was revoked, its time is over, or it is another's",
        "unknown_issuer": "the endpoint speaks for another issuer: name that, or the endpoint of this one",
        "invalid_token_type": "the issuer says that this is no access token: have the client send one",
        "proof_required": "the issuer has to say which key the token is bound to (`cnf`)",
    }
)

_WHERE: Final[Mapping[str | None, tuple[tuple[str, ...], str]]] = MappingProxyType(
    {
        "http_status": (
            (),
            "with status 401 id or secret are wrong; otherwise see whether the address is right",
        ),
        "not_json": (("uri",), "see whether the address is that of the introspection endpoint"),
        "issuer_mismatch": ((), "its metadata are another issuer's: name the endpoint as `uri`"),
        "no_endpoint": ((), "its metadata name no endpoint: write it down as `uri`, if there is one"),
        "untrusted_endpoint": ((), "if the endpoint really is on another host, write it down as `uri`"),
        "fetch_failed": ((), "see that the endpoint can be reached from here"),
    }
)


def advise_on_introspection(refusal: Refusal) -> Iterator[Change]:
    """The issuer says no, says it of another token, or can't be asked."""
    error = refusal.error
    if error.code != "introspection_unavailable":
        yield refusal.nothing(_NOTHING[error.code])
    elif error.detail == "no_credentials":
        yield refusal.nothing("only its issuer can say what an opaque token is: have it asked")
    else:
        below, text = _WHERE.get(error.detail, _WHERE["fetch_failed"])
        yield refusal.change("issuers", refusal.issuer, "introspection", *below, text=text)
