"""What JSON a parameter may be, beyond those that name what a message is about.

Policies don't read these, but servers do: a level that is a list, or an argument's name that is an object, is
read in as many ways as there are readers. Null is the same as leaving an optional parameter out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.errors import MessageError

__all__ = [
    "ARGUMENT",
    "ARGUMENTS_SO_FAR",
    "LEVEL",
    "NOTHING",
    "NUMBER",
    "OBJECT",
    "TASK",
    "TEXT",
    "TEXTS",
    "TOKEN",
    "Parameter",
    "Parameters",
    "check_shapes",
]

Parameters = Mapping[str, "Parameter"]

NOTHING: Parameters = MappingProxyType({})

_LEVELS = frozenset({"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One member of `params`.

    Attributes:
        fits: whether a value is what the schema of the protocol allows.
        required: whether it must be there.
    """

    fits: Callable[[Any], bool]
    required: bool = False

    @property
    def needed(self) -> "Parameter":
        """The same, where it must be there."""
        return Parameter(self.fits, required=True)


def check_shapes(parameters: Parameters, params: Mapping[str, Any]) -> None:
    """Hold a message's parameters against those of its method; others are the server's business.

    Raises:
        MessageError: `invalid_params` (`parameter`).
    """
    for name, parameter in parameters.items():
        value = params.get(name)
        if value is None and not parameter.required:
            continue
        if not parameter.fits(value):
            raise MessageError("invalid_params", f"`{name}` isn't what it must be", detail="parameter")


def _is_text(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, str)


def _is_object(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict)


def _is_texts(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _is_number(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_token(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return _is_text(value) or _is_number(value)


def _is_level(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return value in _LEVELS if isinstance(value, str) else False


def _is_task(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict) and (value.get("ttl") is None or _is_number(value["ttl"]))


def _is_completed(value: Any) -> bool:  # noqa: ANN401 -- JSON
    return isinstance(value, dict) and _is_text(value.get("name")) and _is_text(value.get("value"))


def _is_completed_so_far(value: Any) -> bool:  # noqa: ANN401 -- JSON
    arguments = value.get("arguments") if isinstance(value, dict) else 0
    return arguments is None or _is_texts(arguments)


TEXT = Parameter(_is_text)
TEXTS = Parameter(_is_texts)
"""An object of strings, as arguments of prompts are."""

OBJECT = Parameter(_is_object)
NUMBER = Parameter(_is_number)
TOKEN = Parameter(_is_token)
"""The id of a request, or the token of its progress."""

LEVEL = Parameter(_is_level)
"""A level of logging (RFC 5424)."""

TASK = Parameter(_is_task)
"""What asks for a task (2025-11-25, `TaskMetadata`)."""

ARGUMENT = Parameter(_is_completed)
"""An argument that is to be completed: its name, and what there is of its value."""

ARGUMENTS_SO_FAR = Parameter(_is_completed_so_far)
"""The arguments that are complete."""
