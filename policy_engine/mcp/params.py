"""What a message's parameters name: the tool, prompt, resource, template or task that is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.errors import MessageError
from policy_engine.mcp.names import folded, lookalike
from policy_engine.mcp.parameters import MAX_URI, Uri, parse_uri

__all__ = ["MAX_SUBSCRIPTIONS", "Named", "name_of", "named_by", "reference", "subscriptions"]

MAX_SUBSCRIPTIONS = 256
"""What one `subscriptions/listen` may name; each is a question of its own."""

MAX_NAME = 1024
"""Characters of a name that are read: names are normalised and kept for a while."""

_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f]")
"""What templates of URIs don't contain (RFC 6570 section 2.1), and servers read in different ways."""

_REFERENCE = folded(("type", "name", "uri"))
_FLAGS: Mapping[str, str] = {
    "toolsListChanged": "list_tools",
    "promptsListChanged": "list_prompts",
    "resourcesListChanged": "list_resources",
}
"""Filters of `subscriptions/listen`, and whose action says that the list may be seen."""

_LISTS: Mapping[str, tuple[str, str, str]] = {
    "resourceSubscriptions": ("subscribe_resource", "Resource", "uri"),
    "taskIds": ("get_task", "Task", "taskId"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that a message names.

    Attributes:
        action: what is done to it.
        type: its entity type; `Server` for a list of it.
        name: its name or URI, exactly as the caller wrote it; empty for a list.
        uri: the parts of a resource's URI.
    """

    action: str
    type: str
    name: str = ""
    uri: Uri | None = None


def name_of(params: Mapping[str, Any], parameter: str) -> str:
    """The value of a parameter that names something.

    Raises:
        MessageError: `invalid_params`; detail: the parameter.
    """
    return _name(params.get(parameter), parameter)


def named_by(action: str, type_: str, name: str) -> Named:
    """What a name or a URI stands for.

    Raises:
        MessageError: `invalid_params`, as `parse_uri`.
    """
    return Named(action, type_, name, parse_uri(name) if type_ == "Resource" else None)


def reference(action: str, params: Mapping[str, Any]) -> Named:
    """What `completion/complete` refers to: a prompt by name, or a template by URI.

    Raises:
        MessageError: `invalid_params` (`ref`, `name`, `uri` or `lookalike`).
    """
    ref, context = params.get("ref"), params.get("context")
    given = context.get("arguments") if isinstance(context, dict) else None
    if any(
        isinstance(part, dict) and "__proto__" in part
        for part in (ref, params.get("argument"), context, given)
    ):
        raise MessageError("invalid_params", "`__proto__` is no parameter", detail="lookalike")
    if not isinstance(ref, dict) or lookalike(ref, _REFERENCE):
        raise MessageError("invalid_params", "`ref` isn't a reference", detail="ref")
    if ref.get("type") == "ref/prompt" and "uri" not in ref:
        return Named(action, "Prompt", name_of(ref, "name"))
    if ref.get("type") == "ref/resource" and "name" not in ref:
        return Named(action, "ResourceTemplate", _template(name_of(ref, "uri")))
    raise MessageError("invalid_params", "`ref` is neither of a prompt nor of a resource", detail="ref")


def subscriptions(params: Mapping[str, Any]) -> tuple[Named, ...]:
    """Each list, resource and task that `subscriptions/listen` names, once.

    A filter that isn't known is refused: it could open what nobody asked the policies about.

    Raises:
        MessageError: `invalid_params` (`notifications`, `taskId`, and those of `parse_uri`).
    """
    wanted = params.get("notifications")
    if not isinstance(wanted, dict) or not wanted.keys() <= _FLAGS.keys() | _LISTS.keys():
        raise MessageError("invalid_params", "a filter that isn't known", detail="notifications")
    if not all(isinstance(wanted[flag], bool) for flag in _FLAGS.keys() & wanted.keys()):
        raise MessageError("invalid_params", "a flag that is neither true nor false", detail="notifications")
    found = {Named(action, "Server"): None for flag, action in _FLAGS.items() if wanted.get(flag)}
    for member, (action, type_, parameter) in _LISTS.items():
        names = wanted.get(member, [])
        if not isinstance(names, list):
            raise MessageError("invalid_params", f"`{member}` isn't a list", detail="notifications")
        if len(names) > MAX_SUBSCRIPTIONS:
            raise MessageError("invalid_params", "too many subscriptions at once", detail="notifications")
        found |= dict.fromkeys(named_by(action, type_, _name(name, parameter)) for name in names)
    if len(found) > MAX_SUBSCRIPTIONS:
        raise MessageError("invalid_params", "too many subscriptions at once", detail="notifications")
    return tuple(found)


def _name(value: Any, parameter: str) -> str:  # noqa: ANN401 -- JSON
    if not isinstance(value, str) or not value:
        raise MessageError("invalid_params", f"`{parameter}` isn't a name", detail=parameter)
    if len(value) > (MAX_URI if parameter == "uri" else MAX_NAME):
        raise MessageError("invalid_params", f"`{parameter}` is too long", detail=parameter)
    return value


def _template(text: str) -> str:
    if _UNSAFE.search(text):
        note = "`uri` has a space, a backslash or a control character"
        raise MessageError("invalid_params", note, detail="uri")
    return text
