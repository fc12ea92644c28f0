"""Policies, checked in a process of their own, while this one goes on deciding.

Cedar holds the interpreter in each call, and Python's threads take turns: checking thousands of policies
beside decisions would make each of these wait. What is left to do here is to take over what was found: in
small pieces, with a pause after each.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import Authorizer, Static
from policy_engine.errors import PolicyError
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.loader import load_policies
from policy_engine.evaluator.names import KnownNames
from policy_engine.evaluator.policy_rows import PolicyRows
from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning
from policy_engine.evaluator.reloading.work import error_of, work_in
from policy_engine.evaluator.reloading.worker import Worker, Workplace
from policy_engine.evaluator.validation import Validator
from policy_engine.evaluator.warnings import Survey, find_warnings, marked
from policy_engine.model import CedarJson, EntityUid

__all__ = ["load_policies_apart"]

_FEW = 500
"""As many policies are checked sooner than a process starts."""

_PAUSE = 0.001
"""Seconds after each piece, in which others get their turn."""

_HERE = Workplace()


def load_policies_apart(
    sources: Sequence[PolicySource],
    schema: CedarJson,
    names: KnownNames,
    *,
    placeholder: CedarJson,
    deployment: Deployment | None = None,
    few: int = _FEW,
    place: Workplace = _HERE,
) -> PolicyStore:
    """Do what `load_policies` does without keeping other threads waiting.

    Args:
        sources: as for `load_policies`, and so are the next four.
        schema: see there.
        names: see there.
        placeholder: see there.
        deployment: see there.
        few: a set that is no larger is checked here.
        place: where a larger one is.

    Raises:
        PolicyError: the first error, with its place; all others are in its `others`.
        ConfigError: the process that checks them took too long, or ended before it was done.
    """
    count = sum(source.text.count(";") for source in sources)
    worker = None if count <= few else Worker.start(place)
    if worker is None:
        return load_policies(sources, schema, names, placeholder=placeholder, deployment=deployment)
    known = deployment or Deployment()
    commented = marked(sources)
    with worker:
        at_least, each = place.to_check
        worker.limit(at_least + each * count)
        for piece in work_in(sources, schema, names, placeholder, known):
            worker.send(piece)
            time.sleep(_PAUSE)
        worker.sent()
        try:
            taken = _Taken(worker.answers())
        except (LookupError, TypeError, ValueError):
            raise worker.gone() from None

    def survey() -> tuple[PolicyWarning, ...]:
        validator = Validator(schema, placeholder, known)
        return find_warnings(Survey(taken.policies.values(), validator, known), commented)

    return taken.store(cache(survey))


class _Taken:
    """What a process found, taken over."""

    def __init__(self, found: Iterator[tuple[Any, ...]]) -> None:
        self.policies = PolicyRows()
        self.named: list[tuple[str, str]] = []
        self.actions: dict[EntityUid, CedarJson] = {}
        self.digest = ""
        self.authorizer = Authorizer(self._running(found))

    def store(self, survey: Callable[[], tuple[PolicyWarning, ...]]) -> PolicyStore:
        """The set, ready to decide."""
        return PolicyStore(
            policies=self.policies,
            authorizer=self.authorizer,
            digest=self.digest,
            actions=MappingProxyType(self.actions),
            naming=cache(lambda: frozenset(EntityUid(*pair) for pair in self.named)),
            survey=survey,
        )

    def _running(self, found: Iterator[tuple[Any, ...]]) -> Iterator[Static]:
        errors: list[PolicyError] = []
        for what, *values in found:
            match what:
                case "rows":
                    for name, row in values[0]:
                        self.policies.add(name, row)
                        static = self.policies.static(name)
                        if static is not None:
                            yield static
                case "named":
                    self.named += values[0]
                case "errors":
                    errors += map(error_of, values[0])
                case "refused":
                    raise PolicyError.first_of([*errors])
                case "accepted":
                    self.digest, actions = values
                    self.actions = {uid: _entity(uid, above) for uid, above in map(_action, actions)}
                    return
                case _:
                    raise ValueError("not a piece of an answer")
            time.sleep(_PAUSE)


def _action(said: tuple[str, list[CedarJson]]) -> tuple[EntityUid, list[CedarJson]]:
    return EntityUid("Action", said[0]), said[1]


def _entity(uid: EntityUid, parents: list[CedarJson]) -> CedarJson:
    return {"uid": uid.to_json(), "attrs": {}, "parents": parents}
