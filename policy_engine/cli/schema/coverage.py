"""Which policies cover a tool: those that could apply to a call of it, by some person or by some machine.

Nothing is asked of anybody: the policies are folded over a call of which only the tool and the kind of its
caller are known. What depends on more, such as arguments, groups or scopes, counts as covered.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policy_engine.cedar import (
    Entity,
    Facts,
    KnownEntities,
    PartialRequest,
    PolicyTree,
    ScopeClause,
    Unknown,
    Variable,
    fold_clause,
    fold_policy,
    tree_of,
    walk,
)
from policy_engine.config import LoadedConfig, examine_policy_set, load_static_entities, protected_servers
from policy_engine.evaluator import StaticEntities, StoredPolicy
from policy_engine.mcp import ENTITY_TYPES, PRINCIPALS, Server, full_schema, pinned_entities
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Coverage", "Covering"]

Somewhat = Entity | Unknown
_ANY = Unknown("entity")


@dataclass(frozen=True, slots=True)
class Covering:
    """A policy that covers a tool.

    Attributes:
        policy: the policy.
        kinds: of callers whom it could apply to, `User`, `Client` or both.
    """

    policy: StoredPolicy
    kinds: tuple[str, ...]


class Coverage:
    """What the policies of a configuration say to the tools of one catalogue.

    Args:
        loaded: the configuration; its policies are looked at one by one, so one that doesn't load hides none.
        server: the name of the server.
        catalogue: what its catalogue is taken to hold.

    Raises:
        ConfigError: another part of the configuration can't be used.
    """

    def __init__(self, loaded: LoadedConfig, server: str, catalogue: Mapping[str, Any]) -> None:
        servers = protected_servers(_with_catalogue(loaded, server, catalogue))
        self._server = servers[server]
        static = load_static_entities(loaded)
        found = examine_policy_set(loaded, servers, static)
        self._entities = KnownEntities(
            facts=KnownEntities.from_json(_around(self._server, static)).facts, unnamed=_facts_of
        )
        self._scopes: dict[ScopeClause, int] = {}
        self._policies = [self._read(policy) for policy in found.policies.values() if not policy.shadow]

    def of(self, tool: str) -> tuple[Covering, ...]:
        """The policies that cover a pinned tool, in the order they are written."""
        pinned = self._server.tools[tool]
        about = (Entity(pinned.action), Entity(pinned.resource))
        asked = PartialRequest(action=about[0], resource=about[1], entities=self._entities)
        admitted = [fold_clause(clause, asked).holds is not False for clause in self._scopes]
        return tuple(
            covering
            for policy in self._policies
            if admitted[policy.action] and admitted[policy.resource]
            for covering in [policy.always or Covering(policy.policy, self._kinds(policy.tree, *about))]
            if covering.kinds
        )

    def _read(self, policy: StoredPolicy) -> "_Read":
        tree = tree_of(policy.effective.est)
        parts = (part for condition in tree.conditions for part in walk(condition.body))
        always: Covering | None = None
        if not any(isinstance(part, Variable) and part.name in ("action", "resource") for part in parts):
            rest = replace(
                tree, action=ScopeClause(variable="action"), resource=ScopeClause(variable="resource")
            )
            always = Covering(policy, self._kinds(rest))
        action, resource = (
            self._scopes.setdefault(clause, len(self._scopes)) for clause in (tree.action, tree.resource)
        )
        return _Read(policy=policy, tree=tree, action=action, resource=resource, always=always)

    def _kinds(self, tree: PolicyTree, action: Somewhat = _ANY, resource: Somewhat = _ANY) -> tuple[str, ...]:
        """The kinds of callers whom a policy could apply to."""
        asked = {
            kind: PartialRequest(
                principal=Unknown("entity", kind), action=action, resource=resource, entities=self._entities
            )
            for kind in PRINCIPALS
        }
        return tuple(kind for kind, request in asked.items() if fold_policy(tree, request).may_be_satisfied)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A policy, read so that thousands of tools can be held against it.

    Attributes:
        policy: the policy.
        tree: what runs.
        action: which of the clauses about actions it has.
        resource: which of those about resources.
        always: what it covers of each tool that these admit, if its conditions speak of no tool.
    """

    policy: StoredPolicy
    tree: PolicyTree
    action: int
    resource: int
    always: Covering | None


def _with_catalogue(loaded: LoadedConfig, server: str, catalogue: Mapping[str, Any]) -> LoadedConfig:
    changed = loaded.config.servers[server].model_copy(update={"catalogue": dict(catalogue)})
    servers = {**loaded.config.servers, server: changed}
    return replace(loaded, config=loaded.config.model_copy(update={"servers": servers}))


def _around(server: Server, static: StaticEntities) -> list[CedarJson]:
    """The tools with what they are in, by the catalogue and by the operator's own groups; and the actions."""
    entities = dict(pinned_entities([server]))
    rest = list(entities)
    while rest:
        uid = rest.pop()
        known, said = entities.get(uid), static.find(uid)
        parents = [*(known or {}).get("parents", []), *(said or {}).get("parents", [])]
        entities[uid] = {**(said or {}), **(known or {}), "uid": uid.to_json(), "parents": parents}
        rest += [above for above in (EntityUid(**parent) for parent in parents) if above not in entities]
    return [*entities.values(), *_actions(server)]


def _actions(server: Server) -> Iterable[CedarJson]:
    actions: CedarJson = full_schema({server.name: server})[""]["actions"]
    for name, action in actions.items():
        parents = [EntityUid("Action", group["id"]).to_json() for group in action.get("memberOf") or ()]
        yield {"uid": EntityUid("Action", name).to_json(), "attrs": {}, "parents": parents}


def _facts_of(kind: str | None) -> Facts:
    """Of somebody of whom the kind is known: in whatever such a principal may be in."""
    return Facts(
        attributes=Unknown("record"),
        tags=Unknown("record"),
        more=None if kind is None else frozenset(_above([kind])),
        exists=None,
    )


def _above(kinds: Sequence[str]) -> set[str]:
    found: set[str] = set()
    rest = list(kinds)
    while rest:
        for parent in ENTITY_TYPES[rest.pop()].parents:
            if parent not in found:
                found.add(parent)
                rest.append(parent)
    return found
