"""What is asked: a message is made of what a file says of a call."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from policy_engine.harness.cases import Asked
from policy_engine.harness.scenarios.files import CallFile
from policy_engine.harness.scenarios.named import check_server
from policy_engine.harness.scenarios.spot import Spot
from policy_engine.harness.world import World
from policy_engine.mcp import LISTS
from policy_engine.model import HttpFacts
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["Question", "read_call"]

_FORMS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "tool": frozenset({"arguments", "server", "http", "unpinned"}),
        "method": frozenset({"params", "server", "http", "lists", "unpinned"}),
        "message": frozenset({"server", "http"}),
        "http": frozenset({"server"}),
    }
)
"""By what says what is asked, what else may be said."""

_BODILESS: Final = ("GET", "DELETE")


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked.

    Attributes:
        name: as the file calls it.
        asked: the same, ready to be sent.
        items: what the server lists, by name, if it is asked for a list.
        listed: the answer to it.
        written: whether the file says what is listed.
    """

    name: str
    asked: Asked
    items: tuple[str, ...] = ()
    listed: Mapping[str, Any] | None = field(default=None, repr=False)
    written: bool = False

    def asking(self, *, visible: bool) -> Asked:
        """What is sent; with the list, where it is looked at what is left of it."""
        return replace(self.asked, listed=self.listed) if visible or self.written else self.asked


def read_call(name: str, entry: CallFile, spot: Spot, world: World) -> Question:
    """Check what a file says of a call.

    Raises:
        ConfigError: it says too little, or too much, or what can't be.
    """
    form = _form(entry, spot)
    given = {key for key in entry.model_fields_set if getattr(entry, key) is not None}
    for key in sorted(given - {form} - _FORMS[form]):
        raise (spot / key).error(f"`{key}` doesn't go with `{form}`", "take one of the two out")
    server = _server(entry, spot, world)
    message = _message(form, entry)
    tool = entry.tool if form == "tool" else _called(message)
    if tool is not None:
        _check_tool(tool, server, entry, spot, world)
    elif entry.unpinned:
        raise (spot / "unpinned").error("no tool is called", "take `unpinned` out")
    http = None
    if entry.http is not None:
        if (entry.http.method in _BODILESS) != (form == "http"):
            problem = "a message goes with `POST`, and only with it"
            raise (spot / "http").error(problem, "take out the message, or `method`")
        http = HttpFacts(
            method=entry.http.method, url=entry.http.url, headers=MappingProxyType(dict(entry.http.headers))
        )
    asked = Asked(name=name, message=message, server=server, http=http, origin=spot.origin)
    listed, items = _listed(form, entry, server, spot, world)
    return Question(name, asked, items, listed, entry.lists is not None)


def _form(entry: CallFile, spot: Spot) -> str:
    given = [form for form in ("tool", "method", "message") if getattr(entry, form) is not None]
    if not given and entry.http is not None:
        given = ["http"]
    if len(given) != 1:
        said = " and ".join(f"`{form}`" for form in given)
        raise spot.error(
            f"{said} say what is asked" if said else "nothing says what is asked",
            "give one of `tool`, `method`, `message` and `http`",
        )
    return given[0]


def _server(entry: CallFile, spot: Spot, world: World) -> str:
    servers = world.loaded.config.servers
    if entry.server is None:
        if len(servers) != 1:
            remedy = f"say which one: `server`; there are {', '.join(servers)}"
            raise spot.error("several servers are configured", remedy)
        return next(iter(servers))
    check_server(entry.server, spot / "server", world)
    return entry.server


def _message(form: str, entry: CallFile) -> Mapping[str, Any] | bytes | None:
    if form == "message":
        return (entry.message or "").encode("utf-8", "surrogatepass")
    if form == "http":
        return None
    method, params = entry.method or "", entry.params
    if form == "tool":
        method = "tools/call"
        params = {"name": entry.tool, "arguments": {} if entry.arguments is None else entry.arguments}
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    return message if method.startswith("notifications/") else {**message, "id": 1}


def _called(message: Mapping[str, Any] | bytes | None) -> str | None:
    """The tool that is called by a message that was written out."""
    if isinstance(message, bytes):
        try:
            message = parse(message)
        except (JsonError, ValueError):
            return None
    if not isinstance(message, Mapping) or message.get("method") != "tools/call":
        return None
    params = message.get("params")
    name = params.get("name") if isinstance(params, dict) else None
    return name if isinstance(name, str) and name else None


def _check_tool(tool: str, server: str, entry: CallFile, spot: Spot, world: World) -> None:
    pinned = world.engine.stages.servers[server]
    if pinned.catalogue is None or entry.message is not None:
        return
    key = "tool" if entry.tool is not None else "params"
    if tool not in pinned.tools and not entry.unpinned:
        near = difflib.get_close_matches(tool, pinned.tools, n=1)
        meant = f"did you mean `{near[0]}`? otherwise write" if near else "if that is meant, write"
        raise (spot / key).error(
            f"`{tool}` isn't in the catalogue of `{server}`", f"{meant} `unpinned: true`"
        )
    if tool in pinned.tools and entry.unpinned:
        raise (spot / "unpinned").error(f"`{tool}` is in the catalogue of `{server}`", "take `unpinned` out")


def _listed(
    form: str, entry: CallFile, server: str, spot: Spot, world: World
) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    kind = LISTS.get(entry.method or "")
    if form != "method" or kind is None or not kind.member:
        if entry.lists is not None:
            raise (spot / "lists").error("no list is asked for", "take `lists` out")
        return None, ()
    pinned = world.engine.stages.servers[server]
    known: Mapping[str, Any] = {}
    if pinned.catalogue is not None:
        known = pinned.tools if kind.type == "Tool" else pinned.catalogue.items.get(kind.type, {})
    if isinstance(entry.lists, dict):
        items = entry.lists.get(kind.member)
        if not isinstance(items, list):
            raise (spot / "lists").error(f"the list has no `{kind.member}`", "write the server's result")
        found = (item.get(kind.key) if isinstance(item, dict) else None for item in items)
        return _answer(entry.lists), tuple(name for name in found if isinstance(name, str))
    names = list(known) if entry.lists is None else entry.lists
    for index, name in enumerate(names):
        if name not in known:
            problem = f"`{name}` isn't in the catalogue of `{server}`"
            raise (spot / "lists" / index).error(problem, "write the server's result out, as a mapping")
    return _answer({kind.member: [parse(known[name].written) for name in names]}), tuple(names)


def _answer(result: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": dict(result)}
