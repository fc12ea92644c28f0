"""Policy sources → a checked set, or every error there is in them."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from policy_engine.cedar import (
    Authorizer,
    Parsed,
    Policy,
    canonical,
    guarded_json,
    literals,
    read_policies,
    tree_of,
    unless_context_has,
)
from policy_engine.errors import PolicyError
from policy_engine.evaluator.action_groups import ActionGroups
from policy_engine.evaluator.annotations import check_annotations
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.inference import entity_literals
from policy_engine.evaluator.names import KnownNames, mistake_in
from policy_engine.evaluator.places import error_at, written_tree
from policy_engine.evaluator.policy_rows import GUARD, PolicyRows, row_of
from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning, StoredPolicy
from policy_engine.evaluator.validation import Validator
from policy_engine.evaluator.warnings import Survey, find_warnings, marked
from policy_engine.model import CedarJson, EntityUid

__all__ = ["CheckedPolicy", "Examined", "PolicyChecker", "examine_policies", "load_policies"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examined:
    """What was found in a policy set.

    Attributes:
        policies: those in which nothing is wrong, by id, in the order they were written.
        errors: everything that is wrong, in the order of the sources.
        survey: looks for warnings, also beside errors.
        groups: the actions of the schema.
        named: type and id of every entity that a policy names which decides.
        aside: the same of policies in shadow mode.
        digest: SHA-256, in hexadecimal, of what the policies say.
    """

    policies: PolicyRows
    errors: tuple[PolicyError, ...]
    survey: Callable[[], tuple[PolicyWarning, ...]]
    groups: ActionGroups
    named: Collection[tuple[str, str]]
    aside: Collection[tuple[str, str]]
    digest: str

    def store(self) -> PolicyStore:
        """The set, ready to decide.

        Raises:
            PolicyError: the first error, with its place; all others are in its `others`.
        """
        if self.errors:
            raise PolicyError.first_of([*self.errors])
        running = (self.policies.static(name) for name in self.policies)
        return PolicyStore(
            policies=self.policies,
            authorizer=Authorizer(static for static in running if static is not None),
            digest=self.digest,
            actions=MappingProxyType(self.actions()),
            naming=cache(lambda: frozenset(EntityUid(*pair) for pair in self.named)),
            survey=self.survey,
        )

    def actions(self) -> dict[EntityUid, CedarJson]:
        """The actions among what is named, in shadow mode too, with their groups, as entities."""
        return self.groups.entities(name for kind, name in (*self.named, *self.aside) if kind == "Action")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedPolicy:
    """One policy, and what is wrong with it by itself.

    Attributes:
        policy: as it was written, and as it runs.
        runs: what runs, in Cedar's JSON policy format.
        named: type and id of every entity that it names.
        errors: in no order.
    """

    policy: StoredPolicy
    runs: CedarJson
    named: frozenset[tuple[str, str]]
    errors: tuple[PolicyError, ...]


class PolicyChecker:
    """Checks policies one by one, whatever set they are of; the schema is read once.

    Args:
        schema: the full Cedar schema, as JSON, actions included.
        names: what entity ids may begin with; its `actions` are taken from the schema.
        placeholder: the `appliesTo` (Cedar JSON schema format) of a tool nobody has pinned yet.
        deployment: what else the configuration says, for mends.

    Attributes:
        groups: the actions of the schema.
        validator: holds policies against the schema.
        deployment: the same.
    """

    def __init__(
        self,
        schema: CedarJson,
        names: KnownNames,
        *,
        placeholder: CedarJson,
        deployment: Deployment | None = None,
    ) -> None:
        self.deployment = deployment or Deployment()
        self.groups = ActionGroups(schema)
        self.validator = Validator(schema, placeholder, self.deployment)
        self._names = replace(names, actions=self.groups.ids, clients=self.deployment.clients)

    def check(self, parsed: Parsed) -> CheckedPolicy:
        """What is wrong with a policy, whatever others there are; two of one id are for the set to find."""
        written, est, uids = parsed.policy, parsed.est, literals(parsed.est)
        found = [*_check(written, uids, self._names)]
        guarded = _is_guarded(written)
        policy = StoredPolicy(
            written=written, effective=unless_context_has(written, GUARD) if guarded else written
        )
        runs = guarded_json(est, GUARD) if guarded else est
        if not written.template:
            known = all(error.code != "policy_name" for error in found)
            found += self.validator.validate(written, policy.effective, tree_of(runs), names_known=known)
        named = frozenset((uid.type, uid.id) for uid in uids)
        return CheckedPolicy(policy=policy, runs=runs, named=named, errors=tuple(found))

    def examine(self, sources: Sequence[PolicySource]) -> Examined:
        """Everything that is to be said of a set, which may have errors.

        Args:
            sources: the texts; together they are one set, in which ids are unique.
        """
        errors: list[PolicyError] = []
        ids: dict[str, Policy] = {}
        stored = PolicyRows()
        named: set[tuple[str, str]] = set()
        aside: set[tuple[str, str]] = set()
        said: dict[str, bytes] = {}
        commented = marked(sources)
        for item in (item for source in sources for item in read_policies(source.text, source.file)):
            if isinstance(item, PolicyError):
                errors.append(item)
                continue
            checked = self.check(item)
            found = [*checked.errors, *_check_id(item.policy, ids)]
            if not found:
                policy = checked.policy
                stored.add(policy.id, row_of(policy))
                said[policy.id] = canonical(checked.runs)
                (aside if policy.shadow else named).update(checked.named)
            errors.extend(sorted(found, key=_place))
        return Examined(
            policies=stored,
            errors=tuple(errors),
            survey=cache(
                lambda: find_warnings(Survey(stored.values(), self.validator, self.deployment), commented)
            ),
            groups=self.groups,
            named=named,
            aside=aside,
            digest=_digest(said),
        )

    def replaced(self, store: PolicyStore, name: str, by: CheckedPolicy | None) -> PolicyStore:
        """A set in which one policy is another of the same id, or is gone; it has no warnings."""
        rows = PolicyRows()
        for each, policy in store.policies.items():
            if each != name:
                rows.add(each, row_of(policy))
            elif by is not None:
                rows.add(each, row_of(by.policy))
        said_of = frozenset() if by is None else by.named
        named = frozenset() if by is None or by.policy.shadow else said_of
        running = (rows.static(each) for each in rows)
        said = _digest({"before": store.digest.encode(), name: b"" if by is None else canonical(by.runs)})
        return PolicyStore(
            policies=rows,
            authorizer=Authorizer(static for static in running if static is not None),
            digest=said,
            actions={
                **store.actions,
                **self.groups.entities(uid for kind, uid in said_of if kind == "Action"),
            },
            naming=lambda: store.literals | {EntityUid(*pair) for pair in named},
        )


def load_policies(
    sources: Sequence[PolicySource],
    schema: CedarJson,
    names: KnownNames,
    *,
    placeholder: CedarJson,
    deployment: Deployment | None = None,
) -> PolicyStore:
    """Parse and check a policy set.

    Args:
        sources: the texts; together they are one set, in which ids are unique.
        schema: the full Cedar schema, as JSON, actions included.
        names: what entity ids may begin with; its `actions` are taken from the schema.
        placeholder: the `appliesTo` (Cedar JSON schema format) of a tool nobody has pinned yet.
        deployment: what else the configuration says, for warnings and mends.

    Raises:
        PolicyError: the first error, with its place; all others are in its `others`.
    """
    return examine_policies(sources, schema, names, placeholder=placeholder, deployment=deployment).store()


def examine_policies(
    sources: Sequence[PolicySource],
    schema: CedarJson,
    names: KnownNames,
    *,
    placeholder: CedarJson,
    deployment: Deployment | None = None,
) -> Examined:
    """The same, of a set that may have errors: everything that is to be said of it."""
    checker = PolicyChecker(schema, names, placeholder=placeholder, deployment=deployment)
    return checker.examine(sources)


def _place(error: PolicyError) -> tuple[int, int]:
    return error.line or 0, error.column or 0


def _check(policy: Policy, uids: Iterable[EntityUid], names: KnownNames) -> Iterator[PolicyError]:
    if policy.template:
        yield _template(policy)
    yield from check_annotations(policy)
    if any(mistake_in(uid, names) for uid in uids):
        yield from _wrong_names(policy, names)


def _template(policy: Policy) -> PolicyError:
    tree = written_tree(policy)
    span = tree.principal.span if tree.principal.slot is not None else tree.resource.span
    remedy = "write the policy out: nothing links templates of a file"
    return error_at(policy, span, "a template can't be used", remedy, code="policy_template")


def _wrong_names(policy: Policy, names: KnownNames) -> Iterator[PolicyError]:
    """Each place at which a uid is written that nothing can have."""
    for literal in entity_literals(written_tree(policy)):
        if mistake := mistake_in(literal.uid, names):
            yield error_at(policy, literal.span, *mistake, code="policy_name")


def _check_id(policy: Policy, ids: dict[str, Policy]) -> Iterator[PolicyError]:
    if policy.id is None:
        return
    first = ids.setdefault(policy.id, policy)
    if first is not policy:
        span = written_tree(policy).annotation_spans.get("id")
        other = f"{first.file or '<values>'}:{first.line}:{first.column}"
        problem = f"`@id({json.dumps(policy.id, ensure_ascii=False)})` is also at {other}"
        yield error_at(policy, span, problem, "give each policy an id of its own", code="policy_id")


def _is_guarded(policy: Policy) -> bool:
    """Whether it doesn't apply to what an agent does for a person: a permit, unless its author said so."""
    return not (policy.effect == "forbid" or policy.template or "delegable" in policy.annotations)


def _digest(said: Mapping[str, bytes]) -> str:
    """Of each policy's JSON by its id, as if they were one JSON object."""
    digest = hashlib.sha256(b"{")
    for number, name in enumerate(sorted(said)):
        digest.update(b"%b%b:%b" % (b"," if number else b"", canonical(name), said[name]))
    digest.update(b"}")
    return digest.hexdigest()
