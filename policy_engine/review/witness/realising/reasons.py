"""In plain words: why nobody can send what a witness shows."""

from collections.abc import Iterator, Sequence

from policy_engine.mapper import Kind
from policy_engine.mcp import Server
from policy_engine.model import CODES, Decision, EntityUid
from policy_engine.review.witness.realising.issuers import KnownIssuer
from policy_engine.review.witness.realising.wanted import Somebody, Wanted

__all__ = ["why_nobody", "why_not_sent"]

_WORDS = {"client": "machines", "user": "people"}
_BUILT_IN = frozenset({"issuer", "subject", "client_id", "category", "email"})


def why_nobody(wanted: Wanted, issuers: Sequence[KnownIssuer], refusal: str) -> str:
    """Why no token of a configured issuer makes somebody the witness' principal.

    Args:
        wanted: the witness.
        issuers: all that are configured.
        refusal: what was said of the last token that was tried; empty if there was none to try.
    """
    who = wanted.principal
    able = [issuer for issuer in issuers if issuer.has(who.kind)]
    if not able:
        return f"no configured issuer has tokens for {_WORDS[who.kind]}"
    if who.kind == "client" and not any(True for issuer in able for _ in issuer.machines()):
        return "no machine is listed at any issuer, and none is admitted unlisted"
    if wanted.actor is not None and not any(True for issuer in able for _ in issuer.agents()):
        return "no application is listed that acts for people"
    missing = next(_unsaid(who, able), None)
    if missing is not None:
        return f"no claim is configured that gives {_WORDS[who.kind]} {missing}"
    known = {issuer.name: issuer for issuer in able}
    for uid in sorted(who.above):
        issuer = known.get(uid.id.partition("/")[0])
        if issuer is not None and not _puts_in(issuer, who.kind, uid):
            listed = ", and lists nobody who is" if who.kind == "client" else ""
            how = f"`{issuer.name}` is configured without a claim that could{listed}"
            return f"nothing puts {_WORDS[who.kind]} into `{uid}`: {how}"
    if who.issuer not in known:
        return f"no issuer is configured that vouches for `{who.uid}`, and nobody else will do"
    if who.kind == "client" and all(name != who.name for name, _ in known[who.issuer].machines()):
        return f"`{who.issuer}` doesn't list the machine `{who.name}`, and no listed one will do"
    return refusal or "no token of a configured issuer says all that the policies ask for"


def _unsaid(who: Somebody, issuers: Sequence[KnownIssuer]) -> Iterator[str]:
    """What is said of somebody, and neither a claim nor a listed machine of any issuer says."""
    sources = [issuer.claims(who.kind) for issuer in issuers]
    listed: set[str] = set()
    if who.kind == "client":
        listed = {name for issuer in issuers for _, each in issuer.machines() for name in each.attributes}
    for name in who.tags:
        if name not in listed and all(name not in each.tags for each in sources):
            yield f"the tag `{name}`"
    for name in who.attributes.keys() - _BUILT_IN:
        if name not in listed and all(name not in each.attributes for each in sources):
            yield f"the attribute `{name}`"
    if "email" in who.attributes and all(each.email is None for each in sources):
        yield "an email"


def _puts_in(issuer: KnownIssuer, kind: Kind, uid: EntityUid) -> bool:
    """Whether a claim, or the listing of some machine, may put somebody into a group or a role."""
    sources = issuer.claims(kind)
    role = uid.type.endswith("Role")
    if (sources.roles if role else sources.groups) is not None:
        return True
    name = uid.id.removeprefix(f"{issuer.name}/")
    return kind == "client" and any(
        name in (each.roles if role else each.groups) for _, each in issuer.machines()
    )


def why_not_sent(wanted: Wanted, server: Server | None, decision: Decision | None) -> str:
    """Why no message asks the witness' question.

    Args:
        wanted: the witness.
        server: whom it is for, if that is configured.
        decision: what the engine decided of the last message that was tried.
    """
    if server is None:
        return f"no server is named `{wanted.server}`"
    if wanted.resource.type == "Tool":
        called = wanted.action.id.removeprefix(f"{server.name}/")
        if called == "?" and server.unpinned == "deny":
            return f"`{server.name}` denies tools that aren't pinned before any policy is asked"
        if called not in server.tools and called != "?":
            return f"no tool named `{called}` is pinned of `{server.name}`"
    if decision is None:
        return f"no message asks for `{wanted.action}`"
    note = f": {decision.note}" if decision.note else ""
    meaning = CODES[decision.code].meaning
    return f"the message can't be sent so: `{decision.code}`{note} ({meaning})"
