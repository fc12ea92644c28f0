"""What is to be checked, and what was found, in pieces small enough that no piece keeps a thread waiting."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from policy_engine.errors import ConfigError, PolicyError
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.loader import Examined, examine_policies
from policy_engine.evaluator.names import KnownNames
from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.model import CedarJson

__all__ = ["READY", "error_of", "found_in", "work_in"]

READY = ("ready",)
"""What a child says first: that it is one."""

_ACTIONS, _CHARACTERS, _FOUND = 10, 16 * 1024, 10
"""As many actions of a schema, characters of a text, and things found, are one piece."""

T = TypeVar("T")


def work_in(
    sources: Sequence[PolicySource],
    schema: CedarJson,
    names: KnownNames,
    placeholder: CedarJson,
    deployment: Deployment,
) -> Iterator[tuple[Any, ...]]:
    """Everything that checking needs, in pieces."""
    namespaces = {name: {**rows, "actions": {}} for name, rows in schema.items()}
    yield "facts", namespaces, names, placeholder, deployment
    for namespace, rows in schema.items():
        for some in _some(rows.get("actions", {}).items(), _ACTIONS):
            yield "actions", namespace, dict(some)
    for source in sources:
        yield "source", source.file
        for start in range(0, len(source.text), _CHARACTERS):
            yield "text", source.text[start : start + _CHARACTERS]
    yield ("go",)


def found_in(pieces: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Check what `work_in` made pieces of, and say what was found, in pieces."""
    schema: CedarJson = {}
    facts: Mapping[str, Any] = {}
    texts: list[tuple[str | None, list[str]]] = []
    for what, *values in pieces:
        match what:
            case "facts":
                schema, names, placeholder, deployment = values
                facts = {"names": names, "placeholder": placeholder, "deployment": deployment}
            case "actions":
                schema[values[0]]["actions"].update(values[1])
            case "source":
                texts.append((values[0], []))
            case "text":
                texts[-1][1].append(values[0])
            case _:
                sources = [PolicySource(text="".join(parts), file=file) for file, parts in texts]
                yield from _findings(examine_policies(sources, schema, **facts))
                return
    raise ValueError("the work ends early")


def _findings(examined: Examined) -> Iterator[tuple[Any, ...]]:
    if examined.errors:
        for errors in _some(map(_said, examined.errors), _FOUND):
            yield "errors", errors
        yield ("refused",)
        return
    for rows in _some(examined.policies.rows(), _FOUND):
        yield "rows", rows
    for pairs in _some(examined.named, 40 * _FOUND):
        yield "named", pairs
    actions = tuple((uid.id, entity["parents"]) for uid, entity in examined.actions().items())
    yield "accepted", examined.digest, actions


def _said(error: ConfigError) -> tuple[Any, ...]:
    return error.problem, error.remedy, error.file, error.line, error.column, error.code


def error_of(said: Sequence[Any]) -> PolicyError:
    """An error that a child told."""
    problem, remedy, file, line, column, code = said
    return PolicyError(problem, remedy=remedy, file=file, line=line, column=column, code=code)


def _some(items: Iterable[T], count: int) -> Iterator[tuple[T, ...]]:
    rest = iter(items)
    while some := tuple(islice(rest, count)):
        yield some
