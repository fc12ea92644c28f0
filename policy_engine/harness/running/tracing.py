"""Why a case came out as it did: its token, its place, and what each policy made of it."""

from collections.abc import Iterator
from dataclasses import replace

from policy_engine.engine import questions
from policy_engine.evaluator import Explanation, Style, explanation_lines
from policy_engine.harness.cases import Case, Origin, Result
from policy_engine.harness.world import World
from policy_engine.model import AuthorizationRequest, Principal, User

__all__ = ["explained", "failure_lines", "place_of", "questions_of", "trace_lines", "whose"]

Line = tuple[str, Style]


def explained(world: World, case: Case) -> Explanation:
    """What the engine decides on a case, and why."""
    world.clock.set(case.now)
    who, asked = case.who, case.asked
    known = None if who.identity is None else who.identity.principal
    facts = None if who.identity is None else who.identity.token
    found = world.engine.explain(known or who.token, asked.message, asked.server, facts, asked.http)
    # That it was asked before is the test's own doing.
    return replace(found, decision=replace(found.decision, reused=False))


def questions_of(world: World, case: Case) -> tuple[AuthorizationRequest, ...]:
    """What the policies are asked for a case, to the first question that isn't allowed."""
    world.clock.set(case.now)
    who, asked = case.who, case.asked
    asker = who.token if who.identity is None else who.identity
    return questions(world.engine.stages, asker, asked.message, asked.server, asked.http, at=case.now)


def failure_lines(result: Result) -> Iterator[str]:
    """What is otherwise than expected, a line each."""
    for failure in result.failures:
        yield f"{failure.what}: expected {failure.expected}, got {failure.actual}"


def trace_lines(world: World, result: Result) -> Iterator[Line]:
    """Where the case is written, whose token it has (never the token), and why it was decided so."""
    place = place_of(result.case)
    if place is not None:
        yield f"scenario   {place.file}:{place.line}:{place.column}", ""
    yield f"token      {whose(result)}", ""
    yield from explanation_lines(explained(world, result.case))


def place_of(case: Case) -> Origin | None:
    """Where to look first: at what was expected, or else who asks, or what is asked."""
    return case.expect.origin or case.who.origin or case.asked.origin


def whose(result: Result) -> str:
    """Which token a case has: its issuer, profile and kind, and never the token."""
    who = result.case.who
    if who.identity is not None:
        return f"none: {_named(who.identity.principal)} is given as an entity"
    if who.token is None:
        return "none"
    told = None if result.decision is None else result.decision.principal
    issuer = who.issuer or (None if told is None else told.issuer)
    parts = [f"issuer {issuer}" if issuer else "", f"profile {who.profile}" if who.profile else ""]
    meant = {"user": "a person's", "client": "a machine's", None: "one to be refused"}[who.kind]
    agent = "through an agent" if who.delegated else ""
    return ", ".join(part for part in (f"`{who.name}`", meant, *parts, agent) if part)


def _named(principal: Principal) -> str:
    actor = principal.actor if isinstance(principal, User) else None
    return str(principal.uid) if actor is None else f"{principal.uid} through {actor.uid}"
