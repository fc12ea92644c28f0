"""What becomes of a policy as a whole: its effect, its annotations, itself."""

from collections.abc import Iterator

from policy_engine.cedar import Span
from policy_engine.harness.mutation.source import Edit, Source

__all__ = [
    "delegable_added",
    "delegable_removed",
    "effect_swapped",
    "policy_removed",
    "shadow_added",
    "shadow_removed",
]


def effect_swapped(source: Source) -> Iterator[Edit]:
    """`permit` ↔ `forbid`; without `@delegable`, which means nothing on a forbid."""
    tree = source.tree
    effect = tree.effect_span
    if effect is None:
        return
    if tree.effect == "forbid":
        yield source.replaced(effect, "permit")
        return
    # What stands on permits alone goes with it, else the mutant would be refused for that.
    start = min((span.start for name, span in _only_permits(source)), default=effect.start)
    text = source.text[start : effect.start]
    for _, span in sorted(_only_permits(source), reverse=True, key=lambda pair: pair[1].start):
        text = text[: span.start - start] + text[span.end - start :].lstrip()
    yield Edit(start, effect.end, f"{text}forbid")


def _only_permits(source: Source) -> list[tuple[str, Span]]:
    return [(name, span) for name, span in source.tree.annotation_spans.items() if name == "delegable"]


def policy_removed(source: Source) -> Iterator[Edit]:
    """The whole policy is gone."""
    yield Edit(0, len(source.text), "")


def delegable_added(source: Source) -> Iterator[Edit]:
    """What people may do, an agent may do for them."""
    effect = source.tree.effect_span
    if effect is not None and source.tree.effect == "permit" and "delegable" not in source.tree.annotations:
        yield Edit(effect.start, effect.start, "@delegable\n")


def delegable_removed(source: Source) -> Iterator[Edit]:
    """What an agent may do, only people may do."""
    yield from _without(source, "delegable")


def shadow_added(source: Source) -> Iterator[Edit]:
    """The policy is checked, and never decides."""
    effect = source.tree.effect_span
    if effect is not None and "mode" not in source.tree.annotations:
        yield Edit(effect.start, effect.start, '@mode("shadow")\n')


def shadow_removed(source: Source) -> Iterator[Edit]:
    """A policy that was only checked decides."""
    yield from _without(source, "mode")


def _without(source: Source, annotation: str) -> Iterator[Edit]:
    span = source.tree.annotation_spans.get(annotation)
    if span is not None:
        rest = source.text[span.end :]
        yield Edit(span.start, span.end + len(rest) - len(rest.lstrip()), "")
