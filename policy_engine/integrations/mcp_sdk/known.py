"""Who asks, in the words of the SDK: what its handlers, its sessions and its sealed states go by."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, assert_never

from mcp.server.auth.provider import AccessToken

from policy_engine.model import Client, Principal, User

__all__ = ["Known", "admitted", "known", "principal", "works_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A caller.

    Attributes:
        principal: the machine, or the person.
        token: the same for the SDK. The token itself isn't in it, so that no handler passes it on. The SDK
            takes `client_id`, `iss` and `subject` together for the owner of a session: the first is the whole
            name of the principal, so that a machine and a person with one `sub` are two.
    """

    principal: Principal
    token: AccessToken


_ADMITTED: Final[ContextVar[Known | None]] = ContextVar("policy_engine_admitted", default=None)


@contextmanager
def works_for(user: Known | None) -> Iterator[None]:
    """Remember whom a guard has let in, for what is done for them."""
    before = _ADMITTED.set(user)
    try:
        yield
    finally:
        _ADMITTED.reset(before)


def admitted() -> Known | None:
    """Whom a guard has let in, if what runs here is done for somebody."""
    return _ADMITTED.get()


def known(principal: Principal) -> Known:
    """What the SDK is told of a principal."""
    uid = principal.uid
    token = AccessToken(
        token="",
        client_id=str(uid),
        scopes=[],
        subject=_resource_owner(principal),
        claims={"iss": principal.issuer, "principal": {"type": uid.type, "id": uid.id}},
    )
    return Known(principal=principal, token=token)


def _resource_owner(principal: Principal) -> str | None:
    match principal:
        case User():
            return principal.subject
        case Client():
            return None  # for whom it works is nobody but itself (RFC 6749, section 4.4)
        case _:
            assert_never(principal)


def principal() -> Principal:
    """The machine or the person for whom the handler works that calls this.

    Raises:
        LookupError: it works for nobody that a guard has let in.
    """
    found = admitted()
    if found is None:
        raise LookupError("no caller was let in by a guard")
    return found.principal
