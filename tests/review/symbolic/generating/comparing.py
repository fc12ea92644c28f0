"""The encoding against Cedar: at each point, what the terms of a policy come to is what Cedar says of it."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from policy_engine.cedar import Authorizer, CedarRequest, PolicyTree, parse_policies, tree_of
from policy_engine.model import EntityUid
from policy_engine.review.symbolic import (
    Environment,
    Ids,
    Point,
    Term,
    Truth,
    World,
    encode,
    environments,
    evaluate,
)
from tests.review.symbolic.generating.policies import policy
from tests.review.symbolic.generating.schemas import Case, case
from tests.review.symbolic.generating.worlds import some_known, world

__all__ = ["Tally", "compare", "sample"]


@dataclass
class Tally:
    """What was looked at, and where the two differed."""

    points: int = 0
    satisfied: int = 0
    errors: int = 0
    unencoded: int = 0
    wellformed: int = 0
    mismatches: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count another one in."""
        for name in ("points", "satisfied", "errors", "unencoded", "wellformed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.mismatches += other.mismatches


def sample(name: str, seed: int, *, policies: int = 20, requests: int = 25) -> Tally:
    """Policies drawn for one kind of request of a schema, at points drawn for it.

    Seeds take turns: an open world, the second principal of two, entities that are known, a closed world.
    """
    chance = random.Random(f"{name}/{seed}")
    of = case(name)
    environment = chance.choice([*environments(of.vocabulary)])
    texts = list(_parsed(policy(of.vocabulary, environment, chance) for _ in range(policies)))
    turn = seed % 4
    known = some_known(of.vocabulary, environment, chance) if turn == 2 else []
    drawn = partial(world, of.vocabulary, environment, chance, known=known, missing=turn != 3)
    points = (drawn() for _ in range(requests))
    return compare(of, environment, texts, points, known=known, twin=turn == 1, closed=turn == 3)


def _parsed(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        parse_policies(text)  # what isn't Cedar is a mistake of the generator
        yield text


def compare(
    of: Case,
    environment: Environment,
    texts: Sequence[str],
    points: Iterable[tuple[CedarRequest, list[dict[str, Any]]]],
    *,
    known: Sequence[dict[str, Any]] = (),
    twin: bool = False,
    closed: bool = False,
) -> Tally:
    """Policies at points of one kind of request, in a world of these options."""
    parsed = parse_policies("\n".join(f'@id("{number}") {text}' for number, text in enumerate(texts)))
    authorizer = Authorizer.from_policies(parsed, of.schema)
    ids = Ids()
    entities_known = {EntityUid(**entity["uid"]): entity for entity in known}
    ours = World(of.vocabulary, environment, ids, entities_known, twin=twin, closed=closed)
    trees: list[PolicyTree] = [tree_of(each.est) for each in parsed]
    encoded = [encode(tree, ours) for tree in trees]
    holds = ours.wellformed(*(each.satisfied for each in encoded), *(each.errs for each in encoded))
    tally = Tally(unencoded=sum(bool(each.havoc) for each in encoded))
    for request, entities in points:
        answer = authorizer.authorize(request, entities)
        satisfied, erring = set(answer.policies), {fault.policy for fault in answer.errors}
        at = Point(request, entities, ids, twin=request.principal)
        values: dict[Term, Truth] = {}
        if evaluate(holds, at, values) is not True:
            tally.mismatches.append(f"not wellformed: {request} {entities}")
        for number, each in enumerate(encoded):
            if each.havoc:
                continue
            theirs = (str(number) in satisfied, str(number) in erring)
            mine = (evaluate(each.satisfied, at, values), evaluate(each.errs, at, values))
            tally.points += 1
            tally.satisfied += theirs[0]
            tally.errors += theirs[1]
            if mine != theirs:
                tally.mismatches.append(
                    f"{texts[number]}\n{request}\n{entities}\nours {mine}, Cedar {theirs}"
                )
    return tally
