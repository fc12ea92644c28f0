"""The annotations that a policy may carry: Cedar accepts any misspelling, we don't.

`x_…` is free for other tools. (Cedar's annotation names are identifiers, so `x-…` can't be written.)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.cedar import Effect, Policy, PolicyTree
from policy_engine.errors import PolicyError
from policy_engine.evaluator.nearest import closest
from policy_engine.evaluator.places import error_at, written_tree

__all__ = ["ANNOTATIONS", "Annotation", "check_annotations"]

_FREE = re.compile(r"x_\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One known annotation.

    Attributes:
        meaning: what it does.
        example: how it is written.
        values: the values it may have; None for any that isn't blank.
        effects: the policies it may stand on.
        required: whether every policy has to have it.
    """

    meaning: str
    example: str
    values: frozenset[str] | None = None
    effects: frozenset[Effect] = frozenset({"permit", "forbid"})
    required: bool = False


ANNOTATIONS: Mapping[str, Annotation] = MappingProxyType(
    {
        "id": Annotation(
            meaning="names the policy in decisions and audit records; unique over the whole set",
            example='@id("people-read")',
            required=True,
        ),
        "delegable": Annotation(
            meaning="the permit also applies to what an agent does for a person",
            example="@delegable",
            values=frozenset({""}),
            effects=frozenset({"permit"}),
        ),
        "mode": Annotation(
            meaning="the policy never decides; what it would have changed is recorded",
            example='@mode("shadow")',
            values=frozenset({"shadow"}),
        ),
        "kinds": Annotation(
            meaning="the permit is meant for people and for machines",
            example='@kinds("both")',
            values=frozenset({"both"}),
        ),
        "reason": Annotation(
            meaning="why the policy is there; for people", example='@reason("CI reports broken builds")'
        ),
        "advice": Annotation(
            meaning="what to do after a denial; for people", example='@advice("ask #platform")'
        ),
    }
)


def check_annotations(policy: Policy) -> Iterator[PolicyError]:
    """Yield what is wrong with the annotations of a policy."""
    tree: PolicyTree | None = None
    for name, problem, remedy in _mistakes(policy):
        # Read only now: a good policy isn't read twice.
        tree = tree or written_tree(policy)
        span = None if name is None else tree.annotation_spans.get(name)
        yield error_at(policy, span, problem, remedy, code="policy_annotation")


def _mistakes(policy: Policy) -> Iterator[tuple[str | None, str, str]]:
    """The annotation, if it is there; what is wrong; and how to mend it."""
    for name, known in ANNOTATIONS.items():
        if known.required and name not in policy.annotations:
            yield None, f"a policy has no `@{name}`", f"write {known.example}: it {known.meaning}"
    for name, value in policy.annotations.items():
        if _FREE.fullmatch(name):
            continue
        if name not in ANNOTATIONS:
            yield name, f"unknown annotation `@{name}`", _near(name)
        else:
            yield from _of_known(policy, name, value)


def _of_known(policy: Policy, name: str, value: str) -> Iterator[tuple[str, str, str]]:
    known = ANNOTATIONS[name]
    if policy.effect not in known.effects:
        yield name, f"`@{name}` means nothing on a {policy.effect}", "remove it"
    if not value.strip() if known.values is None else value not in known.values:
        yield name, f"`@{name}` can't have this value", f"write {known.example}, or remove it"


def _near(name: str) -> str:
    if near := closest(name, ANNOTATIONS):
        return f"did you mean `@{near}`?"
    known = ", ".join(f"`@{known}`" for known in sorted(ANNOTATIONS))
    return f"known are {known}; names that begin with `x_` are free"
