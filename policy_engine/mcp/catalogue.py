"""A server's pinned `tools/list`: what the operator saw, and accepted, of its tools.

The file is `{"tools": [entry, …]}`. An entry is the item as the server lists it, which counts as unreviewed
whatever it says, or a wrapper around one: `{"item": {…}, "reviewed": true, "sha256": "…"}`. Whoever writes
`reviewed: true` vouches for the item's annotations. A server could list wrappers of its own: whoever copies a
list into the file by hand looks for `reviewed` in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.mcp.names import fold, lookalike
from policy_engine.mcp.pinned import PinnedTool, item_digest, pin
from policy_engine.model.strict_json import JsonError, parse, require_plain

__all__ = ["Catalogue"]

_WRAPPER = frozenset({"item", "reviewed", "sha256"})
_ENTRY = "write the item as the server lists it, or `item` with `reviewed` and `sha256`"
_TAKEN = frozenset({"*", "?"})
"""Names of ours: `Action::"github/*"` is the group of all tools, `Action::"github/?"` calls any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The pinned tools of one server.

    Attributes:
        server: the configured name of the server.
        tools: by name.
        folded: names by the form in which lookalikes are equal.
    """

    server: str
    tools: Mapping[str, PinnedTool] = field(default_factory=lambda: MappingProxyType({}))
    folded: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_json(cls, server: str, data: Any, file: Path | str | None = None) -> "Catalogue":  # noqa: ANN401 -- JSON
        """Read a catalogue from JSON text (bytes or str), or from what was parsed from it.

        Raises:
            ConfigError: the first problem, carrying all others: not that shape, a tool without a name, one
                named `*` or `?`, two names that are equal after NFKC and case folding, another digest.
        """
        problems: list[ConfigError] = []
        tools: dict[str, PinnedTool] = {}
        folded: dict[str, str] = {}
        for index, entry in enumerate(_entries(data, file)):
            try:
                tool = _read(server, entry)
                _refuse_twin(tool.name, folded)
            except ConfigError as error:
                place = f"tools[{index}]: {error.problem}"
                problems.append(ConfigError(place, remedy=error.remedy, file=file))
            else:
                tools[tool.name] = tool
                folded[fold(tool.name)] = tool.name
        if problems:
            raise ConfigError.first_of(problems)
        return cls(server=server, tools=MappingProxyType(tools), folded=MappingProxyType(folded))

    def has_lookalike(self, name: str) -> bool:
        """Whether a tool is pinned that some reader takes for `name`."""
        return lookalike((name,), self.folded) is not None


def _entries(data: Any, file: Path | str | None) -> list[Any]:  # noqa: ANN401 -- JSON
    try:
        if isinstance(data, bytes | str):
            data = parse(data)
        require_plain(data)
    except JsonError as error:
        raise ConfigError(f"not strict JSON ({error.code})", remedy="see RFC 7493", file=file) from None
    if not isinstance(data, dict) or not isinstance(data.get("tools"), list):
        raise ConfigError("not a catalogue", remedy='write `{"tools": […]}`', file=file)
    if data.get("nextCursor"):
        raise ConfigError("one page of a list", remedy="fetch the pages that follow `nextCursor`", file=file)
    entries: list[Any] = data["tools"]
    return entries


def _read(server: str, entry: Any) -> PinnedTool:  # noqa: ANN401 -- JSON
    if not isinstance(entry, dict):
        raise ConfigError("an entry isn't an object", remedy=_ENTRY)
    if "name" in entry or "item" not in entry:
        return pin(server, _named(entry), reviewed=False)
    if unknown := entry.keys() - _WRAPPER:
        raise ConfigError(f"unknown member `{min(unknown)}` beside `item`", remedy=_ENTRY)
    reviewed = entry.get("reviewed", False)
    if not isinstance(reviewed, bool):
        raise ConfigError("`reviewed` is neither true nor false", remedy=_ENTRY)
    item = _named(entry["item"])
    expected = entry.get("sha256")
    if expected not in (None, item_digest(item)):
        remedy = "look at what was changed, then pin the tool anew"
        raise ConfigError(f"the item of `{item['name']}` isn't the one that was pinned", remedy=remedy)
    return pin(server, item, reviewed=reviewed)


def _named(item: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not item["name"]:
        raise ConfigError("a tool has no name", remedy=_ENTRY)
    if fold(item["name"]) in _TAKEN:
        raise ConfigError(f"a tool can't be named `{item['name']}`", remedy="leave it out of the catalogue")
    return item


def _refuse_twin(name: str, folded: Mapping[str, str]) -> None:
    twin = folded.get(fold(name))
    if twin is not None:
        problem = f"two tools are named `{twin}` and `{name}`, which some readers can't tell apart"
        raise ConfigError(problem, remedy="pin one of the two")
