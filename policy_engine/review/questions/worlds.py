"""Every kind of request that the engine can build, and the world that each is asked in."""

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from policy_engine.model import CedarJson, EntityUid
from policy_engine.review.subject import Subject
from policy_engine.review.symbolic import Environment, Ids, Setting, World

__all__ = ["Worlds"]


class Worlds:
    """The worlds of one schema and one set of catalogues, with numbers of ids that all of them share.

    Args:
        subject: what was loaded.
        ids: numbers of ids; those of another subject, if both are looked at together.
    """

    def __init__(self, subject: Subject, ids: Ids | None = None) -> None:
        self.subject = subject
        issuers = frozenset(subject.loaded.config.issuers)
        self._setting = Setting(subject.vocabulary, subject.servers, subject.static, issuers=issuers)
        if ids is not None:
            self._setting.ids = ids
        self._worlds: dict[Environment, World] = {}

    def __contains__(self, environment: object) -> bool:
        """Whether there are such requests."""
        return environment in self._there

    @property
    def ids(self) -> Ids:
        """Numbers of ids."""
        return self._setting.ids

    @property
    def known(self) -> Mapping[EntityUid, CedarJson]:
        """Entities that are known completely before anybody asks, in Cedar's JSON entity format."""
        return self._setting.known.settled

    @cached_property
    def all(self) -> tuple[Environment, ...]:
        """In the order of the schema."""
        return tuple(self._setting.environments())

    @cached_property
    def _there(self) -> frozenset[Environment]:
        return frozenset(self.all)

    @cached_property
    def by_action(self) -> Mapping[str, tuple[Environment, ...]]:
        """The same, by the id of the action."""
        found: dict[str, list[Environment]] = {}
        for environment in self.all:
            found.setdefault(environment.action, []).append(environment)
        return MappingProxyType({action: tuple(each) for action, each in found.items()})

    @cached_property
    def within(self) -> Mapping[str, tuple[Environment, ...]]:
        """The kinds of request about an action, or about those in a group; by the id of either."""
        rows = self.subject.vocabulary.actions
        found: dict[str, list[Environment]] = {name: [] for name in rows}
        for environment in self.all:
            for group in rows[environment.action].groups | {environment.action}:
                found[group].append(environment)
        return MappingProxyType({name: tuple(each) for name, each in found.items()})

    def of(self, environment: Environment) -> World:
        """The world that a kind of request is asked in; made once."""
        found = self._worlds.get(environment)
        if found is None:
            found = self._worlds[environment] = self._setting.world(environment)
        return found
