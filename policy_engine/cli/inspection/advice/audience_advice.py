"""Advice where a token is for another server, or seems to be."""

import difflib
from collections.abc import Iterator

from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.wording import as_yaml, listed, shown
from policy_engine.model import User

__all__ = ["advise_on_audience", "advise_on_audience_of_kind"]

_WARNING = "every token of this issuer with that audience then opens the server, whatever else it opens"


def advise_on_audience(refusal: Refusal) -> Iterator[Change]:
    """`aud` names another server, or several, or none."""
    if refusal.error.detail == "missing_audience":
        yield refusal.nothing("have the issuer write an `aud`: a token without one opens every server")
        return
    if refusal.error.detail == "multiple_audiences":
        text = f"profile `{refusal.profile.name}` lets a token be for one server alone: request it for one"
        yield refusal.nothing(text)
        return
    named = _named(refusal)
    opened = [name for name in refusal.bench.servers if named & _accepted(refusal, name)]
    if opened:
        text = f"the token is for {listed(opened, 'or')}: try `--server {opened[0]}`, or get one for this one"
        yield refusal.nothing(text)
        return
    server = _meant(refusal, named)
    if server is None:
        text = f"list {listed(named, 'or')} as `audiences: {{{refusal.issuer}: …}}` at the server it is for"
        yield refusal.change("servers", text=text, warning=_WARNING)
    else:
        path = ("servers", server, "audiences", refusal.issuer)
        yield refusal.change(*path, text=_entry(refusal, server, named), warning=_WARNING)


def advise_on_audience_of_kind(refusal: Refusal) -> Iterator[Change]:
    """The audience is one that only the other kind of principal has."""
    identity = refusal.examined.identity
    kind = "user" if identity is not None and isinstance(identity.principal, User) else "client"
    for name in refusal.bench.servers:
        both = sorted(_named(refusal) & _accepted(refusal, name))
        if both and refusal.server in {None, name}:
            text = f"list {listed(both)} under `{kind}` too, if tokens of both kinds have it"
            path = ("servers", name, "audiences", refusal.issuer)
            yield refusal.change(*path, text=text, warning=_WARNING)


def _entry(refusal: Refusal, server: str, named: frozenset[str]) -> str:
    """What to write, and why it isn't there yet, where that is easily overlooked."""
    issuer, one = refusal.issuer, _likeliest(refusal, server, named)
    written = refusal.bench.loaded.config.servers[server].audiences.get(issuer)
    if written is not None and written.user != written.client:
        text = f"list `{shown(one)}` under `user` or `client`, if such tokens are for `{server}`"
    else:
        entries = [*(() if written is None else written.user), one]
        spelt = ", ".join(as_yaml(shown(entry)) for entry in entries)
        text = f"write `{issuer}: [{spelt}]`, if such tokens are for `{server}`"
    alike = [own for own in sorted(_accepted(refusal, server)) if _loose(own) == _loose(one)]
    return f"{text}; `{alike[0]}` is another, to the last slash" if alike else text


def _likeliest(refusal: Refusal, server: str, named: frozenset[str]) -> str:
    """The one that is meant for this server; others ride along, such as Keycloak's `account`."""
    own = {refusal.bench.loaded.config.servers[server].resource, *_accepted(refusal, server)}

    def likeness(audience: str) -> float:
        return max(difflib.SequenceMatcher(None, audience, each).ratio() for each in own)

    return max(sorted(named), key=likeness)


def _named(refusal: Refusal) -> frozenset[str]:
    aud = refusal.first.claims["aud"]
    return frozenset([aud] if isinstance(aud, str) else aud)


def _accepted(refusal: Refusal, server: str) -> frozenset[str]:
    return refusal.bench.servers[server].any_kind[refusal.issuer]


def _meant(refusal: Refusal, named: frozenset[str]) -> str | None:
    """The server that was asked for, or the only one, or one with an audience that is spelt alike."""
    servers = list(refusal.bench.servers)
    if refusal.server is not None or len(servers) == 1:
        return refusal.server or servers[0]
    spelt = {_loose(one) for one in named}
    alike = [name for name in servers if spelt & {_loose(own) for own in _accepted(refusal, name)}]
    return alike[0] if alike else None


def _loose(uri: str) -> str:
    return uri.strip().casefold().rstrip("/")
