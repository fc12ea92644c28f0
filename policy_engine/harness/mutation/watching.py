"""What cases ask of the policies: learnt by deciding each of them once, with the policies as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policy_engine.cedar import Key, Placed, PolicyScope
from policy_engine.errors import ConfigError
from policy_engine.evaluator import Evaluator, Known, PolicyStore, Verdict
from policy_engine.harness.cases import Case
from policy_engine.harness.running import decide
from policy_engine.harness.world import World
from policy_engine.model import AuthorizationRequest, CedarJson

__all__ = ["Place", "Watched", "watch"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a request is for the heads of policies."""

    principal: frozenset[Key]
    action: frozenset[Key]
    resource: frozenset[Key]

    def admitted(self, scope: PolicyScope) -> bool:
        """Whether a head admits it."""
        return (
            scope.principal in self.principal
            and scope.resource in self.resource
            and not self.action.isdisjoint(scope.action)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A case, and what it asked.

    Attributes:
        case: the case.
        asked: each request, where it is, and what the policies said of it.
        wider: whether more was asked than that: of a list, or which scopes were missing.
    """

    case: Case
    asked: tuple[tuple[AuthorizationRequest, Place, Verdict], ...]
    wider: bool


def watch(world: World, cases: Iterable[Case]) -> tuple[Watched, ...]:
    """Decide cases, and take note of what they ask; those that are skipped are left out.

    Raises:
        ConfigError: one of them isn't as it is expected to be: then no mutant could be told from that.
    """
    stages = world.engine.stages
    watcher = _Watcher(stages.evaluator)
    watched_world = replace(world, engine=world.engine.with_stages(replace(stages, evaluator=watcher)))
    places: dict[object, Place] = {}
    found: list[Watched] = []
    for case in cases:
        if case.skip is not None:
            continue
        watcher.begin()
        result = decide(watched_world, case)
        if result.failures:
            raise ConfigError(
                f"`{case.id}` fails as it is", remedy="mend that first: mutants are told by cases that pass"
            )
        asked = tuple(
            (request, _place(stages.evaluator, request, places), verdict)
            for request, verdict in watcher.asked
        )
        found.append(Watched(case, asked, watcher.wider or case.asked.listed is not None))
    return tuple(found)


def _place(evaluator: Evaluator, request: AuthorizationRequest, places: dict[object, Place]) -> Place:
    # What a pinned tool is in is one object for all requests, and requests are kept.
    around = request.surroundings
    key = (
        request.principal,
        request.action,
        request.resource,
        id(around.shared),
        id(around) if around.entities else 0,
    )
    place = places.get(key)
    if place is None:
        handle = evaluator.entities(request)
        uids = (request.principal.uid, request.action, request.resource)
        place = Place(*(frozenset(Placed(uid, handle.ancestors(uid)).constraints()) for uid in uids))
        places[key] = place
    return place


class _Watcher(Evaluator):
    """An evaluator that takes note of what it is asked, and has another answer."""

    def __init__(self, evaluator: Evaluator) -> None:
        # Nothing of its own: everything that it is asked goes to the other one.
        self._evaluator = evaluator
        self.begin()

    def begin(self) -> None:
        """Forget what was asked before."""
        self.asked: list[tuple[AuthorizationRequest, Verdict]] = []
        self.wider = False

    def evaluate(self, request: AuthorizationRequest) -> Verdict:
        verdict = self._evaluator.evaluate(request)
        self.asked.append((request, verdict))
        return verdict

    def known(self, request: AuthorizationRequest, fixed: CedarJson) -> Known | None:  # noqa: ARG002 -- as there
        return None  # so that it is asked, each time

    def missing_scopes(self, requests: Sequence[AuthorizationRequest]) -> tuple[str, ...]:
        self.wider = True
        return self._evaluator.missing_scopes(requests)

    @property
    def store(self) -> PolicyStore:
        return self._evaluator.store
