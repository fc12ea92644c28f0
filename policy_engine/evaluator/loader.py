"""Policy sources → a checked set, or every error there is in them."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType

from policy_engine.cedar import Authorizer, Policy, literals, parse_each, unless_context_has
from policy_engine.errors import PolicyError
from policy_engine.evaluator.action_groups import ActionGroups
from policy_engine.evaluator.annotations import check_annotations
from policy_engine.evaluator.names import KnownNames, mistake_in
from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.evaluator.policy_store import PolicyStore, PolicyWarning, StoredPolicy
from policy_engine.evaluator.validation import Validator
from policy_engine.model import CedarJson

__all__ = ["load_policies"]


def load_policies(
    sources: Sequence[PolicySource], schema: CedarJson, names: KnownNames, *, placeholder: CedarJson
) -> PolicyStore:
    """Parse and check a policy set.

    Args:
        sources: the texts; together they are one set, in which ids are unique.
        schema: the full Cedar schema, as JSON, actions included.
        names: what entity ids may begin with; its `actions` are taken from the schema.
        placeholder: the `appliesTo` (Cedar JSON schema format) of a tool nobody has pinned yet.

    Raises:
        PolicyError: the first error, with its place; all others are in its `others`.
    """
    groups = ActionGroups(schema)
    names = replace(names, actions=groups.ids)
    validator = Validator(schema, placeholder)
    errors: list[PolicyError] = []
    warnings: list[PolicyWarning] = []
    stored: dict[str, StoredPolicy] = {}
    for item in (item for source in sources for item in parse_each(source.text, source.file)):
        if isinstance(item, PolicyError):
            errors.append(item)
            continue
        found = [*_check(item, names), *_check_id(item, stored)]
        policy = StoredPolicy(written=item, effective=_effective(item))
        if item.id is not None:
            stored.setdefault(item.id, policy)
        if not found:
            problems, empty = validator.validate(policy.effective)
            found.extend(problems)
            warnings.extend(_warnings(policy, empty))
        errors.extend(found)
    if errors:
        raise PolicyError.first_of([*errors])
    return _store(stored, groups, warnings)


def _check(policy: Policy, names: KnownNames) -> Iterator[PolicyError]:
    if policy.template:
        remedy = "write the policy out: nothing links templates of a file"
        yield policy.error("a template can't be used", remedy, code="policy_template")
    yield from check_annotations(policy)
    for uid in sorted(literals(policy.est)):
        if mistake := mistake_in(uid, names):
            yield policy.error(*mistake, code="policy_name")


def _check_id(policy: Policy, stored: dict[str, StoredPolicy]) -> Iterator[PolicyError]:
    first = stored.get(policy.id or "")
    if first is not None:
        other = f"{first.written.file or '<values>'}:{first.written.line}:{first.written.column}"
        problem = f"`@id({json.dumps(policy.id, ensure_ascii=False)})` is also at {other}"
        yield policy.error(problem, "give each policy an id of its own", code="policy_id")


def _effective(policy: Policy) -> Policy:
    """What runs: a permit doesn't apply to what an agent does for a person, unless its author said so."""
    if policy.effect == "forbid" or policy.template or "delegable" in policy.annotations:
        return policy
    return unless_context_has(policy, "actor")


def _warnings(policy: StoredPolicy, empty: frozenset[str]) -> Iterator[PolicyWarning]:
    written = policy.written
    if (
        written.effect == "permit"
        and written.est["principal"]["op"] == "All"
        and "kinds" not in written.annotations
    ):
        remedy = 'write `principal is User` or `principal is Client`, or say so: `@kinds("both")`'
        yield _warning(policy, "PS001", "the permit is open to people and to machines", remedy)
    for group in sorted(empty):
        remedy = "it applies to nothing until a pinned tool is in that group"
        yield _warning(policy, "PS002", f'`Action::"{group}"` has no member', remedy)


def _warning(policy: StoredPolicy, code: str, message: str, remedy: str) -> PolicyWarning:
    written = policy.written
    return PolicyWarning(
        code=code,
        policy=policy.id,
        message=message,
        remedy=remedy,
        file=written.file,
        line=written.line,
        column=written.column,
    )


def _store(
    stored: dict[str, StoredPolicy], groups: ActionGroups, warnings: Sequence[PolicyWarning]
) -> PolicyStore:
    running = [policy.effective for policy in stored.values() if not policy.shadow]
    named = frozenset(uid for policy in running for uid in literals(policy.est))
    return PolicyStore(
        policies=MappingProxyType(stored),
        authorizer=Authorizer.from_policies(running),
        digest=_digest(stored),
        literals=named,
        actions=MappingProxyType(groups.entities(uid.id for uid in named if uid.type == "Action")),
        warnings=tuple(warnings),
    )


def _digest(stored: dict[str, StoredPolicy]) -> str:
    said = {policy.id: policy.effective.est for policy in stored.values()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
