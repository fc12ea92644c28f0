"""What a message's parameters name: the tool, prompt, resource, template or task that is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.names import folded, lookalike

__all__ = ["MAX_SUBSCRIPTIONS", "Named", "name_of", "reference", "subscriptions"]

MAX_SUBSCRIPTIONS = 256
"""Resources and tasks that one `subscriptions/listen` may name; each is a question of its own."""

MAX_NAME, MAX_URI = 1024, 8192
"""Characters of a name, and of a URI, that are read: names are normalised and kept for a while."""

_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
"""What URIs don't contain (RFC 3986 section 2), and servers read in different ways."""

_REFERENCE = folded(("type", "name", "uri"))
_FLAGS = frozenset({"toolsListChanged", "promptsListChanged", "resourcesListChanged"})
_LISTS: Mapping[str, tuple[str, str, str]] = {
    "resourceSubscriptions": ("subscribe_resource", "Resource", "uri"),
    "taskIds": ("get_task", "Task", "taskId"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that a message names.

    Attributes:
        action: what is done to it.
        type: its entity type.
        name: its name or URI, exactly as the caller wrote it.
    """

    action: str
    type: str
    name: str


def name_of(params: Mapping[str, Any], parameter: str) -> str:
    """The value of a parameter that names something.

    Raises:
        MessageError: `invalid_params`; detail: the parameter.
    """
    return _name(params.get(parameter), parameter)


def reference(action: str, params: Mapping[str, Any]) -> Named:
    """What `completion/complete` refers to: a prompt by name, or a template by URI.

    Raises:
        MessageError: `invalid_params` (`ref`, `name` or `uri`).
    """
    ref = params.get("ref")
    if not isinstance(ref, dict) or lookalike(ref, _REFERENCE):
        raise MessageError("invalid_params", "`ref` isn't a reference", detail="ref")
    if ref.get("type") == "ref/prompt" and "uri" not in ref:
        return Named(action, "Prompt", name_of(ref, "name"))
    if ref.get("type") == "ref/resource" and "name" not in ref:
        return Named(action, "ResourceTemplate", name_of(ref, "uri"))
    raise MessageError("invalid_params", "`ref` is neither of a prompt nor of a resource", detail="ref")


def subscriptions(params: Mapping[str, Any]) -> tuple[Named, ...]:
    """Each resource and task that `subscriptions/listen` names, once.

    A filter that isn't known is refused: it could open what nobody asked the policies about.

    Raises:
        MessageError: `invalid_params` (`notifications`, `uri`, `taskId`).
    """
    wanted = params.get("notifications")
    if not isinstance(wanted, dict) or not wanted.keys() <= _FLAGS | _LISTS.keys():
        raise MessageError("invalid_params", "a filter that isn't known", detail="notifications")
    if not all(isinstance(wanted[flag], bool) for flag in _FLAGS & wanted.keys()):
        raise MessageError("invalid_params", "a flag that is neither true nor false", detail="notifications")
    found: dict[Named, None] = {}
    for member, (action, type_, parameter) in _LISTS.items():
        names = wanted.get(member, [])
        if not isinstance(names, list):
            raise MessageError("invalid_params", f"`{member}` isn't a list", detail="notifications")
        found |= dict.fromkeys(Named(action, type_, _name(name, parameter)) for name in names)
    if len(found) > MAX_SUBSCRIPTIONS:
        raise MessageError("invalid_params", "too many subscriptions at once", detail="notifications")
    return tuple(found)


def _name(value: Any, parameter: str) -> str:  # noqa: ANN401 -- JSON
    if not isinstance(value, str) or not value:
        raise MessageError("invalid_params", f"`{parameter}` isn't a name", detail=parameter)
    if len(value) > (MAX_URI if parameter == "uri" else MAX_NAME):
        raise MessageError("invalid_params", f"`{parameter}` is too long", detail=parameter)
    if parameter == "uri" and _UNSAFE.search(value):
        note = "`uri` has a space, a backslash or a control character"
        raise MessageError("invalid_params", note, detail=parameter)
    return value
