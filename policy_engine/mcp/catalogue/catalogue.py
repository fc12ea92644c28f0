"""A server's pinned lists: what the operator saw, and accepted, of what it exposes.

The file is `{"tools": [entry, …], "prompts": …, "resources": …, "resourceTemplates": …}`, each of the four
optional. An entry is the item as the server lists it, which counts as unreviewed whatever it says, or a
wrapper around one: `{"item": {…}, "reviewed": true, "sha256": "…", "labels": {…}}`. Whoever writes
`reviewed: true` vouches for what the item says of itself. A server could list wrappers of its own: whoever
copies a list into the file by hand looks for `reviewed` in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from policy_engine.errors import ConfigError
from policy_engine.mcp.catalogue.entries import Entry, read_entry
from policy_engine.mcp.catalogue.items import PinnedItem, pin_item
from policy_engine.mcp.catalogue.kinds import ITEM_KINDS, TOOLS, ItemKind
from policy_engine.mcp.names import fold, lookalike
from policy_engine.mcp.pinned import PinnedTool, pin
from policy_engine.model.strict_json import JsonError, parse, require_plain

__all__ = ["Catalogue"]

_SHAPE = (
    'write `{"tools": […], "prompts": […], "resources": […], "resourceTemplates": […]}`, or some of these'
)
_Pinned = TypeVar("_Pinned", PinnedTool, PinnedItem)
_PAGE = "fetch the pages that follow `nextCursor`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is pinned of one server.

    Attributes:
        server: the configured name of the server.
        tools: by name.
        items: prompts, resources and templates, by entity type, then by name, URI or URI template; a type
            that the catalogue has no list of isn't there.
        folded: by entity type, names by the form in which lookalikes are equal.
    """

    server: str
    tools: Mapping[str, PinnedTool] = field(default_factory=lambda: MappingProxyType({}))
    items: Mapping[str, Mapping[str, PinnedItem]] = field(default_factory=lambda: MappingProxyType({}))
    folded: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_json(cls, server: str, data: Any, file: Path | str | None = None) -> "Catalogue":  # noqa: ANN401 -- JSON
        """Read a catalogue from JSON text (bytes or str), or from what was parsed from it.

        Raises:
            ConfigError: the first problem, carrying all others: not that shape, an item without a name or
                URI, a name of more than 2,000 characters, a tool named `*` or `?`, two names that are equal
                after NFKC and case folding, one URI twice, another digest.
        """
        reading = _Reading(_lists(data, file), file)
        tools = reading.pinned(TOOLS, lambda entry: _tool(server, entry))
        items = {
            kind.type: reading.pinned(kind, partial(pin_item, server, kind))
            for kind in ITEM_KINDS
            if kind is not TOOLS and kind.member in reading.lists
        }
        if reading.problems:
            raise ConfigError.first_of(reading.problems)
        folded = MappingProxyType({type_: MappingProxyType(names) for type_, names in reading.folded.items()})
        return cls(server=server, tools=tools, items=MappingProxyType(items), folded=folded)

    def imitates(self, type_: str, name: str) -> bool:
        """Whether something of that type is pinned that some reader takes for `name`."""
        return lookalike((name,), self.folded.get(type_, {})) is not None


class _Reading:
    """One pass over the lists of a file."""

    def __init__(self, lists: Mapping[str, list[Any]], file: Path | str | None) -> None:
        self.lists = lists
        self.problems: list[ConfigError] = []
        self.folded: dict[str, dict[str, str]] = {}
        self._file = file

    def pinned(self, kind: ItemKind, pin_entry: Callable[[Entry], _Pinned]) -> Mapping[str, _Pinned]:
        """The items of one list, by key; what is wrong with others is kept in `problems`."""
        found: dict[str, _Pinned] = {}
        folded: dict[str, str] = {}
        for index, written in enumerate(self.lists.get(kind.member, [])):
            try:
                entry = read_entry(kind, written)
                form = fold(entry.key) if kind.folds else entry.key
                _refuse_twin(kind, entry.key, folded.get(form))
            except ConfigError as error:
                place = f"{kind.member}[{index}]: {error.problem}"
                self.problems.append(ConfigError(place, remedy=error.remedy, file=self._file))
            else:
                found[entry.key] = pin_entry(entry)
                folded[form] = entry.key
        if kind.folds:
            self.folded[kind.type] = folded
        return MappingProxyType(found)


def _tool(server: str, entry: Entry) -> PinnedTool:
    return pin(server, entry.item, reviewed=entry.reviewed, sha256=entry.sha256, labels=entry.labels)


def _lists(data: Any, file: Path | str | None) -> dict[str, list[Any]]:  # noqa: ANN401 -- JSON
    try:
        if isinstance(data, bytes | str):
            data = parse(data)
        require_plain(data)
    except JsonError as error:
        raise ConfigError(f"not strict JSON ({error.code})", remedy="see RFC 7493", file=file) from None
    if not isinstance(data, dict):
        raise ConfigError("not a catalogue", remedy=_SHAPE, file=file)
    lists = {kind.member: data[kind.member] for kind in ITEM_KINDS if kind.member in data}
    if not lists or not all(isinstance(entries, list) for entries in lists.values()):
        raise ConfigError("not a catalogue", remedy=_SHAPE, file=file)
    if data.get("nextCursor"):
        raise ConfigError("one page of a list", remedy=_PAGE, file=file)
    return lists


def _refuse_twin(kind: ItemKind, key: str, twin: str | None) -> None:
    if twin is None:
        return
    if not kind.folds:
        raise ConfigError(f"the {kind.noun} `{key}` is there twice", remedy="pin it once")
    problem = f"two {kind.noun}s are named `{twin}` and `{key}`, which some readers can't tell apart"
    raise ConfigError(problem, remedy="pin one of the two")
