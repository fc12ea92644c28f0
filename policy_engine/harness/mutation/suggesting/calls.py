"""What could be asked for: the calls of the cases, those of every tool, and other arguments."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from policy_engine.harness.cases import Asked
from policy_engine.harness.mutation.suggesting.literals import ABSENT, Interesting, Path
from policy_engine.mcp import METHODS, PinnedTool, Server

__all__ = ["Ask", "asks_of_cases", "asks_of_servers", "varied"]

_MOST_VARIED = 80
_DEEPEST = 4
_PARAMETERS: Mapping[str, Any] = {"name": "x", "uri": "file:///x", "level": "info"}
_SIMPLE = (
    "tools/list",
    "prompts/list",
    "prompts/get",
    "resources/list",
    "resources/templates/list",
    "resources/read",
)
_ELICITED = {"jsonrpc": "2.0", "id": 1, "result": {"action": "accept", "content": {}}}


@dataclass(frozen=True, slots=True)
class Ask:
    """A message for a server.

    Attributes:
        message: the JSON-RPC message.
        server: name of the server.
    """

    message: Mapping[str, Any]
    server: str

    @property
    def tool(self) -> str | None:
        """The tool that is called."""
        return str(self.message["params"]["name"]) if self.message.get("method") == "tools/call" else None

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it is called with."""
        found = self.message.get("params", {}).get("arguments")
        return found if isinstance(found, Mapping) else {}


def asks_of_cases(asked: Iterable[Asked]) -> Iterator[Ask]:
    """What cases ask for, each once, where it is JSON."""
    seen: set[str] = set()
    for each in asked:
        if isinstance(each.message, Mapping):
            shown = json.dumps([each.server, each.message], sort_keys=True, default=str)
            if shown not in seen:
                seen.add(shown)
                yield Ask(each.message, each.server)


def asks_of_servers(servers: Iterable[Server]) -> Iterator[Ask]:
    """A call of every tool, with what it has to have; and what else clients send."""
    for server in servers:
        for tool in server.tools.values():
            yield _call(server.name, tool.name, _example(_schema(tool)))
        if server.unpinned == "allow":
            yield _call(server.name, "something_else", {})
        known = {name for _, _, name in METHODS}
        for method in _SIMPLE:
            if method in known:
                params = {"prompts/get": {"name": "x"}, "resources/read": {"uri": "file:///x"}}.get(
                    method, {}
                )
                yield Ask({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, server.name)
        yield Ask({"jsonrpc": "2.0", "id": 1, "method": "ping"}, server.name)
        yield Ask(_ELICITED, server.name)


def varied(ask: Ask, named: Interesting, tool: PinnedTool | None) -> Iterator[Ask]:
    """The same call with other arguments: one of them, then two, then all."""
    if tool is None or ask.tool is None:
        return
    schema = _schema(tool)
    properties, needed = schema.get("properties", {}), schema.get("required", ())
    choices: list[tuple[Path, Sequence[Any]]] = []
    for (first, *path), values in ((path, values) for path, values in named.values.items() if path):
        if first == "arguments" and path and path[0] in properties:
            found = list(values)
            if path[1:] == []:
                found += [value for value in _of_type(properties[path[0]]) if value not in found]
            if path[0] not in needed:
                found.append(ABSENT)
            choices.append((tuple(path), found))
    changes = [[(place, value)] for place, values in choices for value in values]
    if len(choices) > 1:
        changes += [
            [(place, value) for (place, _), value in zip(choices, combination, strict=True)]
            for combination in islice(product(*(values for _, values in choices)), _MOST_VARIED)
        ]
    for change in changes[: 2 * _MOST_VARIED]:
        arguments = json.loads(json.dumps(dict(ask.arguments)))
        for place, value in change:
            _put(arguments, place, value)
        yield _call(ask.server, ask.tool, arguments)


def _call(server: str, tool: str, arguments: Mapping[str, Any]) -> Ask:
    params = {"name": tool, "arguments": arguments}
    return Ask({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, server)


def _put(record: dict[str, Any], path: Path, value: Any) -> None:  # noqa: ANN401 -- JSON
    *outer, last = path
    for name in outer:
        inner = record.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        record = inner
    if value is ABSENT:
        record.pop(last, None)
    else:
        record[last] = value


def _schema(tool: PinnedTool) -> Mapping[str, Any]:
    if not tool.written:
        return {}
    found = json.loads(tool.written).get("inputSchema")
    return found if isinstance(found, Mapping) else {}


def _of_type(schema: Any) -> list[Any]:  # noqa: ANN401 -- of somebody else's file
    if not isinstance(schema, Mapping):
        return []
    if schema.get("type") == "boolean":
        return [True, False]
    return list(schema.get("enum", ()))


def _example(schema: Any, depth: int = 0) -> Any:  # noqa: ANN401 -- JSON
    """Something that a JSON schema takes, as far as that is plain."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return {}
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type", "object"):
        case "string":
            return "x" * max(1, int(schema.get("minLength", 1)))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return [_example(schema.get("items"), depth + 1)] * int(schema.get("minItems", 0))
        case _:
            needed = schema.get("required", ())
            known = schema.get("properties", {})
            return {name: _example(known.get(name, {}), depth + 1) for name in needed}
