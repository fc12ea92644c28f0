"""`diff`: what is allowed that wasn't before, and what isn't any more; for people and for machines."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

from policy_engine.cedar import canonical
from policy_engine.review.options import Kind
from policy_engine.review.questions.bench import Bench, Found, Search
from policy_engine.review.questions.mirror import PRINCIPAL
from policy_engine.review.questions.sweeping import Sweep
from policy_engine.review.questions.wording import KINDS, listed
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.symbolic import (
    FALSE,
    Environment,
    Sort,
    Term,
    apply,
    conjunction,
    constant,
    disjunction,
    equal,
    intersects,
    leaves,
    make_set,
)
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["diff"]

_KINDS: tuple[Kind, ...] = ("Client", "User")

_OWN = frozenset({"Prompt", "Resource", "ResourceTemplate", "Server", "Tool"})

_LISTING = {"clients", "client_prefixes", "claims", "profile"}

_OTHER_WORLD = Unknown(
    UnknownReason.unsupported,
    "the two sides have other entities, so one caller isn't in the same groups on both; compare the policies"
    " with one configuration",
)


def diff(bench: Bench) -> Iterator[Verdict]:
    """For each kind, a verdict on what is allowed now, and one on what no longer is; machines come first."""
    if bench.options.before is None:
        return
    before = bench.beside(bench.options.before)
    for kind in _KINDS:
        yield _granted(bench, before, kind)
        yield _revoked(bench, before, kind)


def _granted(bench: Bench, before: Bench, kind: Kind) -> Verdict:
    found = _more(bench, before, kind, "granted")
    who = _who(kind, found)
    match found.outcome:
        case Outcome.violated:
            statement = f"{who} can do what they couldn't before: {listed(found.actions(Outcome.violated))}"
        case Outcome.unknown:
            statement = f"whether {who} can do more than before isn't known: {found.because}"
        case _:
            statement = f"{who} can do nothing that they couldn't do before"
    changed = _changed(bench, before)
    if changed:
        statement += f"; but there are other arguments than before for {listed(changed)}"
    if _listed(bench) != _listed(before):
        statement += "; who is listed, and in which groups, is otherwise than before, and isn't compared"
    gate = kind in bench.options.no_widening
    return found.verdict(
        "diff",
        f"{kind}: granted",
        statement,
        severity=Severity.error if gate else Severity.note,
        details=MappingProxyType(
            {
                **found.details,
                "kind": kind,
                "direction": "granted",
                "gate": gate,
                "arguments_changed": list(changed),
            }
        ),
    )


def _revoked(bench: Bench, before: Bench, kind: Kind) -> Verdict:
    found = _more(before, bench, kind, "revoked")
    who = _who(kind, found)
    match found.outcome:
        case Outcome.violated:
            statement = (
                f"{who} can't do any more what they could before: {listed(found.actions(Outcome.violated))}"
            )
        case Outcome.unknown:
            statement = f"whether {who} can still do all that they could before isn't known: {found.because}"
        case _:
            statement = f"{who} can still do all that they could do before"
    return found.verdict(
        "diff",
        f"{kind}: revoked",
        statement,
        severity=Severity.note,
        details=MappingProxyType({**found.details, "kind": kind, "direction": "revoked"}),
    )


def _changed(bench: Bench, before: Bench) -> tuple[str, ...]:
    """Actions whose context has other types than before; a request with a new argument is a new one."""
    now, then = bench.subject.vocabulary.actions, before.subject.vocabulary.actions
    return tuple(name for name, row in now.items() if name in then and then[name].context != row.context)


def _listed(bench: Bench) -> bytes:
    """Who is listed at the issuers, and as what."""
    issuers = bench.subject.loaded.config.issuers.items()
    return canonical({name: issuer.model_dump(mode="json", include=_LISTING) for name, issuer in issuers})


def _who(kind: Kind, found: Sweep) -> str:
    """People, or machines; or agents that act for people, if it is only they."""
    shown = [each.witness.context for each in found.found if each.witness is not None]
    return "agents that act for people" if shown and all("actor" in each for each in shown) else KINDS[kind]


def _more(one: Bench, other: Bench, kind: Kind, what: str) -> Sweep:
    """What the one allows, and the other doesn't."""
    searches = []
    for environment in one.worlds.all:
        if environment.principal != kind:
            continue
        allowed = one.formulas.allowed(environment)
        label = f"{what}: {environment.principal}, {environment.action}, {environment.resource}"
        if allowed is FALSE or environment not in other.worlds:
            searches.append(Search(environment=environment, formula=allowed, label=label))
            continue
        searches.append(_beyond(one, other, environment, label))
        elsewhere = conjunction(allowed, _unknown_to(one, other, environment))
        if elsewhere is not FALSE:
            searches.append(Search(environment=environment, formula=elsewhere, label=f"{label}, new"))
    looked = one.look(searches, f"diff: {what}")
    differ = _groups(one) != _groups(other)
    return Sweep(bench=one, found=tuple(_certain(found, one, other, differ=differ) for found in looked))


def _beyond(one: Bench, other: Bench, environment: Environment, label: str) -> Search:
    allowed = one.formulas.allowed(environment)
    beyond = conjunction(allowed, ~other.formulas.allowed(environment))
    apart = _clash(beyond)
    alike = _servers(one) == _servers(other) and _issuers(one) == _issuers(other)
    same = alike and one.subject.known.keys() == other.subject.known.keys()
    return Search(
        environment=environment,
        # What one calls a text is a number to the other: a request of the one is none of the other.
        formula=allowed if apart else beyond,
        against=other.shower.court,
        # What is true of requests on the other side alone isn't taken for granted on this one.
        beside=other.worlds.of(environment) if same and not apart else None,
        label=label,
    )


def _unknown_to(one: Bench, other: Bench, environment: Environment) -> Term:
    """That a request is of an issuer, or about a server, that the other side doesn't have."""
    issuer = apply(Sort.STRING, ("attr", environment.principal, "issuer"), PRINCIPAL)
    of_issuers = (equal(issuer, constant(name)) for name in sorted(_issuers(one) - _issuers(other)))
    numbers = [constant(one.ids.number(name)) for name in sorted(_servers(one) - _servers(other))]
    world = one.worlds.of(environment)
    resource = world.resource.term
    if environment.resource == "Server":
        of_servers = disjunction(*(equal(resource, number) for number in numbers))
    else:
        above = world.ancestors(environment.resource, resource, "Server")
        of_servers = intersects(above, make_set(Sort.INTS, *numbers)) if numbers else FALSE
    return disjunction(*of_issuers, of_servers)


def _issuers(bench: Bench) -> frozenset[str]:
    return frozenset(bench.subject.loaded.config.issuers)


def _servers(bench: Bench) -> frozenset[str]:
    return frozenset(bench.subject.servers)


def _groups(bench: Bench) -> bytes:
    """What the entities file says of callers and groups; of tools and servers, each side has its own."""
    known = bench.subject.known.items()
    return canonical({str(uid): entity for uid, entity in known if uid.type not in _OWN})


def _certain(found: Found, one: Bench, other: Bench, *, differ: bool) -> Found:
    """What was found; not known where one name stands for two things, and nothing was found.

    Where the entities file puts callers in other groups, their groups are two; and what a condition comes to
    that isn't followed may be two, where schema or entities are otherwise.
    """
    if found.outcome is not Outcome.proved or found.search.against is None:
        return found
    allowed = one.formulas.allowed(found.search.environment)
    unfollowed = any((leaf.name or ("",))[0] == "havoc" for leaf in leaves(allowed))
    if not differ and not (unfollowed and _world(one) != _world(other)):
        return found
    return replace(found, outcome=Outcome.unknown, reason=_OTHER_WORLD)


def _world(bench: Bench) -> tuple[str, str]:
    digests = bench.subject.digests
    return digests["schema"], digests["entities"]


def _clash(formula: Term) -> bool:
    """Whether one name stands for values of two sorts."""
    sorts: dict[object, Sort] = {}
    return any(sorts.setdefault(leaf.name, leaf.sort) is not leaf.sort for leaf in leaves(formula))
