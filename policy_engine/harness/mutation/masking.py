"""Whether any request could tell two policies apart, with all the others beside them.

A permit for more people changes nothing where a forbid stands for all of those. Every question that policies
ask is taken as one that may be answered either way, whatever the others are: if no answers at all lead to
another decision, or to other deciding policies, no request does.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from types import MappingProxyType

from policy_engine.harness.mutation.conditions import FALSE, TRUE, Form
from policy_engine.harness.mutation.forms import NEVER, PolicyForm

__all__ = ["masked_by"]

_MOST_QUESTIONS = 12
"""Four thousand ways to answer them; beyond that, nothing is said."""

_Part = tuple[str, str, Form]
"""Of one target and one kind of caller: the policy's id, its effect, and what it asks."""

_Above = frozenset[frozenset[str]]
"""The policies that decide, for each way in which the two differ."""


def masked_by(
    name: str, before: PolicyForm, after: PolicyForm, others: Mapping[str, PolicyForm]
) -> tuple[str, ...] | None:
    """Ids of the policies that decide wherever the two differ; None where something may tell them apart.

    Args:
        name: the id of the two.
        before: the policy as it is.
        after: as it would be.
        others: all other policies, by id.
    """
    everywhere: frozenset[str] | None = None
    anywhere: dict[str, None] = {}
    seen: dict[tuple[tuple[_Part, ...], tuple[_Part, ...]], _Above | None] = {}
    for parts, other in _situations(name, before, after, others):
        key = (parts, other)
        if key not in seen:
            seen[key] = _deciding(parts, other)
        found = seen[key]
        if found is None:
            return None
        for deciding in found:
            everywhere = deciding if everywhere is None else everywhere & deciding
            anywhere.update(dict.fromkeys(sorted(deciding)))
    return tuple(sorted(everywhere)) if everywhere else tuple(anywhere)


def _situations(
    name: str, before: PolicyForm, after: PolicyForm, others: Mapping[str, PolicyForm]
) -> Iterator[tuple[tuple[_Part, ...], tuple[_Part, ...]]]:
    """What is asked before and after, for each target that one of the two admits and each kind of caller."""
    targets = {number for form in (before, after) for number, _ in _admitted(form)}
    by_target = {each: _by_target(form) for each, form in others.items()}
    ours, theirs = _by_target(before), _by_target(after)
    for number in sorted(targets):
        for caller in range(3):
            beside = [
                part for each in others for part in _at(each, by_target[each], number, caller, others[each])
            ]
            one = [*beside, *_at(name, ours, number, caller, before)]
            other = [*beside, *_at(name, theirs, number, caller, after)]
            yield tuple(one), tuple(other)


def _admitted(form: PolicyForm) -> Iterator[tuple[int, str]]:
    if form == NEVER:
        return
    for target in form[1]:  # type: ignore[attr-defined]  # as `policy_form` makes it
        yield target if isinstance(target, tuple) else (target, "")


def _by_target(form: PolicyForm) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, left in _admitted(form):
        found.setdefault(number, []).append(left)
    return MappingProxyType(found)


def _at(
    name: str, targets: Mapping[int, list[str]], number: int, caller: int, form: PolicyForm
) -> list[_Part]:
    left = targets.get(number)
    if left is None:
        return []
    said = form[2][caller]  # type: ignore[index]  # as `policy_form` makes it
    if said is None:
        return []
    more: tuple[Form, ...] = () if "" in left else (("or", tuple(f"resource {each}" for each in left)),)
    return [(name, str(form[0]), ("and", (*more, *said)))]


def _deciding(parts: tuple[_Part, ...], other: tuple[_Part, ...]) -> _Above | None:
    questions = list(dict.fromkeys(atom for _, _, form in (*parts, *other) for atom in _atoms(form)))
    if len(questions) > _MOST_QUESTIONS:
        return None
    above: set[frozenset[str]] = set()
    for answers in product((False, True), repeat=len(questions)):
        known = dict(zip(questions, answers, strict=True))
        if _impossible(known):
            continue
        decided = _decision(parts, known)
        if decided != _decision(other, known):
            return None
        applying = {name for name, _, form in parts if _holds(form, known)}
        if applying != {name for name, _, form in other if _holds(form, known)}:
            above.add(decided[1])
    return frozenset(above)


def _decision(parts: Iterable[_Part], known: Mapping[str, bool]) -> tuple[bool, frozenset[str]]:
    satisfied = [(name, effect) for name, effect, form in parts if _holds(form, known)]
    forbids = frozenset(name for name, effect in satisfied if effect == "forbid")
    return (False, forbids) if forbids else (bool(satisfied), frozenset(name for name, _ in satisfied))


def _atoms(form: Form) -> Iterator[str]:
    """The questions in a form; one and its opposite are one."""
    if isinstance(form, str):
        if form not in (TRUE, FALSE):
            yield _plain(form)[0]
        return
    for part in form[1] if form[0] != "if" else form[1:]:  # type: ignore[attr-defined]  # as it is made
        yield from _atoms(part)


def _plain(form: str) -> tuple[str, bool]:
    """A question in the one of two forms that stands for both, and whether that is the other one."""
    if form.startswith("!(") and form.endswith(")"):
        return form[2:-1], True
    if " != " in form:
        return form.replace(" != ", " == ", 1), True
    return form, False


def _holds(form: Form, known: Mapping[str, bool]) -> bool:
    if isinstance(form, str):
        if form in (TRUE, FALSE):
            return form == TRUE
        question, opposite = _plain(form)
        return known[question] is not opposite
    match form:
        case ("and", parts):
            return all(_holds(part, known) for part in parts)  # type: ignore[attr-defined]  # as it is made
        case ("or", parts):
            return any(_holds(part, known) for part in parts)  # type: ignore[attr-defined]  # as it is made
        case (_, condition, then, otherwise):
            return _holds(then if _holds(condition, known) else otherwise, known)  # type: ignore[arg-type]  # as it is made
        case _:
            raise ValueError("no form")


def _impossible(known: Mapping[str, bool]) -> bool:
    """Whether something would be equal to two literals at once."""
    equal: dict[str, str] = {}
    for question, answer in known.items():
        left, sign, right = question.partition(" == ")
        literal = answer and sign and right.startswith(('"', "long "))
        if literal and equal.setdefault(left, right) != right:
            return True
    return False
