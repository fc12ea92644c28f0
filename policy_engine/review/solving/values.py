"""What a worker told, as values of terms; nothing is taken that isn't what its sort says."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from policy_engine.review.solving.alphabet import Alphabet
from policy_engine.review.solving.answers import ModelValue
from policy_engine.review.symbolic import Sort, Term

__all__ = ["read_values"]

_T = TypeVar("_T", int, str)


def read_values(told: Any, ask: Sequence[Term], alphabet: Alphabet) -> Mapping[Term, ModelValue]:  # noqa: ANN401 -- JSON
    """The values of the terms that were asked for, in their order.

    Raises:
        ValueError: it isn't that.
        AlphabetError: there aren't enough characters to say what it means.
    """
    if not isinstance(told, list) or len(told) != len(ask):
        raise ValueError("not as many values as were asked for")
    raw = {item: _READERS[item.sort](value) for item, value in zip(ask, told, strict=True)}
    texts = [text for value in raw.values() for text in _texts(value)]
    meant = alphabet.meant(texts)
    return MappingProxyType({item: _translated(value, meant) for item, value in raw.items()})


def _texts(value: ModelValue) -> list[str]:
    parts = value if isinstance(value, frozenset) else (value,)
    return [part for part in parts if isinstance(part, str)]


def _translated(value: ModelValue, meant: Mapping[str, str]) -> ModelValue:
    if isinstance(value, str):
        return meant[value]
    if isinstance(value, frozenset):
        texts = [meant[part] for part in value if isinstance(part, str)]
        return frozenset(texts) if texts else value
    return value


def _truth(told: Any) -> bool:  # noqa: ANN401 -- JSON
    if not isinstance(told, bool):
        raise ValueError("not a truth value")  # noqa: TRY004 -- what a process told
    return told


def _number(told: Any) -> int:  # noqa: ANN401 -- JSON
    if not isinstance(told, int) or isinstance(told, bool):
        raise ValueError("not a whole number")  # noqa: TRY004 -- the same
    return told


def _text(told: Any) -> str:  # noqa: ANN401 -- JSON
    if not isinstance(told, list):
        raise ValueError("not a text")  # noqa: TRY004 -- the same
    try:
        return "".join(map(chr, told))
    except (TypeError, OverflowError):
        raise ValueError("not a text") from None


def _set(told: Any, element: Callable[[Any], _T]) -> frozenset[_T]:  # noqa: ANN401 -- JSON
    if not isinstance(told, dict) or not isinstance(told.get("set"), list):
        raise ValueError("not a set")  # noqa: TRY004 -- the same
    return frozenset(map(element, told["set"]))


_READERS: Mapping[Sort, Callable[[Any], ModelValue]] = MappingProxyType(
    {
        Sort.BOOL: _truth,
        Sort.INT: _number,
        Sort.STRING: _text,
        Sort.INTS: lambda told: _set(told, _number),
        Sort.STRINGS: lambda told: _set(told, _text),
    }
)
