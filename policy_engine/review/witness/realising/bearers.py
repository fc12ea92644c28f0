"""Who could be the principal of a witness: themselves, or somebody of whom policies say the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from policy_engine.config import ClientConfig, Stages
from policy_engine.evaluator import StaticEntities
from policy_engine.model import EntityUid
from policy_engine.review.witness.realising.call import Bearer
from policy_engine.review.witness.realising.claims import Claims, claims_saying
from policy_engine.review.witness.realising.issuers import KnownIssuer
from policy_engine.review.witness.realising.tokens import audience_of, audiences_of, example_claims
from policy_engine.review.witness.realising.values import seconds_of
from policy_engine.review.witness.realising.wanted import Somebody, Wanted

__all__ = ["bearers"]

_MOST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Who:
    issuer: KnownIssuer
    id: str
    through: str | None = None
    actor: str | None = None


def bearers(
    stages: Stages, issuers: Sequence[KnownIssuer], wanted: Wanted, server: str, at: float
) -> Iterator[Bearer]:
    """Bearers whose tokens may speak for the witness' principal, the likeliest first.

    Args:
        stages: what decides.
        issuers: everybody who could sign a token.
        wanted: the witness.
        server: whom the token is for.
        at: when it is used.
    """
    people = wanted.principal.kind == "user"
    found = _people(stages, issuers, wanted, server) if people else _machines(stages, issuers, wanted)
    for who in islice(found, _MOST):
        plain = _bearer(stages, who, wanted, server, at)
        if plain is not None:
            exact = _exact(plain, wanted, at, who.issuer)
            yield plain
            if exact != plain:
                yield exact


def _machines(stages: Stages, issuers: Sequence[KnownIssuer], wanted: Wanted) -> Iterator[_Who]:
    """Listed machines; those first that are in the most of the groups, and are known to be what is said."""
    ranked = [
        (_distance(wanted.principal, issuer, name, client, stages.static), at, _Who(issuer=issuer, id=name))
        for issuer in issuers
        if issuer.has("client")
        for at, (name, client) in enumerate(_with_wanted(issuer, wanted.principal))
    ]
    yield from (who for _, _, who in sorted(ranked, key=lambda each: each[:2]))


def _with_wanted(issuer: KnownIssuer, who: Somebody) -> Iterator[tuple[str, ClientConfig]]:
    for prefix, client in issuer.config.client_prefixes.items():
        if who.issuer == issuer.name and who.name.startswith(prefix) and who.name != prefix:
            yield who.name, client
    yield from issuer.machines()


def _distance(
    who: Somebody, issuer: KnownIssuer, name: str, client: ClientConfig, static: StaticEntities
) -> tuple[int, ...]:
    """How far a machine is from what is wanted: another one, lacking groups, having others."""
    prefix = f"{issuer.name}/"
    uid = EntityUid("Client", f"{prefix}{name}")
    own = {EntityUid("ClientGroup", f"{prefix}{each}") for each in client.groups}
    own |= {EntityUid("ClientRole", f"{prefix}{each}") for each in client.roles}
    whole = own | {above for each in (uid, *own) for above in static.above(each)}
    sources = issuer.claims("client")
    said = {"ClientGroup": sources.groups, "ClientRole": sources.roles}
    lacking = {each for each in who.above - whole if said.get(each.type) is None or prefix not in each.id}
    other = who.attributes.get("category", client.category) not in (client.category, None, "service")
    return (uid != who.uid, len(lacking), len(whole - who.above), other)


def _people(stages: Stages, issuers: Sequence[KnownIssuer], wanted: Wanted, server: str) -> Iterator[_Who]:
    who = wanted.principal
    hints = {who.issuer, who.attributes.get("issuer"), *(uid.id.partition("/")[0] for uid in who.above)}
    able = [issuer for issuer in issuers if issuer.has("user")]
    for issuer in sorted(able, key=lambda each: (each.name != who.issuer, each.name not in hints)):
        names = [who.name] if who.issuer == issuer.name else []
        subject = who.attributes.get("subject")
        names += [subject] if isinstance(subject, str) else []
        # Some issuers name the application in place of an audience.
        apps = [None, *issuer.applications()]
        if issuer.profile.audience != ("aud",):
            apps += audiences_of(stages, issuer, Bearer(issuer=issuer.name, kind="user", id=""), server)
        for name in dict.fromkeys((*names, *issuer.people())):
            if name:
                yield from _through(issuer, name, wanted, apps)


def _through(issuer: KnownIssuer, name: str, wanted: Wanted, apps: Sequence[str | None]) -> Iterator[_Who]:
    """A person, with an application that holds their token: one that acts for them, where one is to act."""
    client = wanted.token.get("client_id")
    said = [client] if isinstance(client, str) and client else []
    if wanted.actor is None:
        for app in dict.fromkeys((*said, *apps)):
            if app is None or not issuer.acts(app):
                yield _Who(issuer=issuer, id=name, through=app)
        return
    own = [wanted.actor.name] if wanted.actor.issuer == issuer.name else []
    agents = [*issuer.agents()]
    for agent in dict.fromkeys((*(each for each in own if each in agents), *agents)):
        if issuer.acts(agent):
            yield _Who(issuer=issuer, id=name, through=agent)
        if issuer.profile.actor is not None:
            for app in dict.fromkeys((*said, None)):
                yield _Who(issuer=issuer, id=name, through=app, actor=agent)


def _bearer(stages: Stages, who: _Who, wanted: Wanted, server: str, at: float) -> Bearer | None:
    """Somebody with a token that says of them what the witness does, but for when it is of."""
    issuer, kind = who.issuer, wanted.principal.kind
    bearer = Bearer(issuer=issuer.name, kind=kind, id=who.id, through=who.through)
    example = example_claims(issuer, bearer, audience_of(stages, issuer, bearer, server), at)
    if example is None:
        return None
    said = claims_saying(wanted.principal, issuer.name, issuer.claims(kind), stages.static, example[1])
    if who.actor is not None and issuer.profile.actor is not None:
        said.claims["act"] = {"sub": who.actor, issuer.profile.actor: who.actor}
    scope = None
    if kind not in issuer.profile.self_written:
        _authenticated(said, wanted.token)
        scope = " ".join(wanted.scopes) or None
    if kind == "client" and wanted.principal.attributes.get("category") == "ai_agent":
        said.claims |= _agent(issuer)
    return replace(bearer, claims=said.claims, header=said.header, scope=scope)


def _agent(issuer: KnownIssuer) -> Mapping[str, Any]:
    """What tells a machine that is an agent, where `sub_profile` does (OAuth entity profiles draft)."""
    native = any(each.read.path.names == ("sub_profile",) for each in issuer.profile.native)
    return {"sub_profile": "ai_agent"} if native and "ai_agent" in issuer.profile.category else {}


def _authenticated(said: Claims, token: Mapping[str, Any]) -> None:
    for name in ("acr", "amr"):
        if name in token:
            said.claims[name] = token[name]


def _exact(bearer: Bearer, wanted: Wanted, at: float, issuer: KnownIssuer) -> Bearer:
    """The same, whose token is of the very times that the witness says, and says no more of scopes."""
    claims = dict(bearer.claims)
    for name, claim in (("issued_at", "iat"), ("expires_at", "exp")):
        seconds = seconds_of(wanted.token.get(name))
        if seconds is not None:
            claims[claim] = int(seconds) if seconds == int(seconds) else seconds
        elif claim == "iat" and claim not in issuer.profile.required:
            claims[claim] = None
    if isinstance(claims.get("iat"), int | float) and "exp" not in claims:
        claims["exp"] = int(max(at, claims["iat"])) + 600
    if bearer.kind in issuer.profile.self_written:
        return replace(bearer, claims=claims)
    return replace(bearer, claims=claims, scope=" ".join(wanted.scopes))
