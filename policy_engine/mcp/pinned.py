"""One pinned tool: its kinds, its argument types, and the digest by which a change is noticed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from policy_engine.mcp.argument_types import Opaque, Record
from policy_engine.mcp.headers import Mirrored, mirrored_arguments
from policy_engine.mcp.json_schema import read_input_schema
from policy_engine.model import EntityUid
from policy_engine.model.strict_json import dumps

__all__ = ["NO_LABELS", "UNKNOWN", "Kinds", "Labels", "PinnedTool", "item_digest", "kinds_of", "pin"]

Labels = Mapping[str, tuple[str, ...]]
"""What the operator calls a thing: tags of its entity, each a set of strings."""

NO_LABELS: Labels = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """What a tool may do, by the annotations of the specification (`ToolAnnotations`).

    Each is an attribute of the tool, and a group of its action where it is true.
    """

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the action groups, in the order of the attributes."""
        return tuple(name for name in self.__slots__ if getattr(self, name))


UNKNOWN = Kinds(read_only=False, destructive=True, idempotent=False, open_world=True)
"""The specification's defaults: what a tool is that says nothing, and one that nobody reviewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedTool:
    """A tool as an operator pinned it.

    Attributes:
        server: the configured name of its server.
        name: its name at that server.
        sha256: digest of the whole item, description included, in hexadecimal.
        reviewed: whether the operator accepted what the item says of itself.
        kinds: what it may do.
        arguments: the types of its arguments; None where they can't be told, and so aren't visible.
        reason: why they aren't, where they aren't.
        mirrored: the arguments that headers repeat.
        written: the item, serialised; a list that has it so is known without a digest.
    """

    server: str
    name: str
    sha256: str
    reviewed: bool
    kinds: Kinds
    arguments: Record | None
    reason: str | None = None
    mirrored: Mirrored = field(default_factory=dict)
    labels: Labels = field(default_factory=lambda: NO_LABELS)
    written: bytes = field(default=b"", compare=False, repr=False)

    @property
    def action(self) -> EntityUid:
        """`Action::"<server>/<name>"`."""
        return EntityUid("Action", f"{self.server}/{self.name}")

    @property
    def resource(self) -> EntityUid:
        """`Tool::"<server>/<name>"`."""
        return EntityUid("Tool", f"{self.server}/{self.name}")


def pin(
    server: str, item: Mapping[str, Any], *, reviewed: bool, sha256: str, labels: Labels = NO_LABELS
) -> PinnedTool:
    """Read one item of a `tools/list`; its `name` has to be a string."""
    types = read_input_schema(item.get("inputSchema"))
    arguments, reason = (None, types.reason) if isinstance(types, Opaque) else (types, None)
    return PinnedTool(
        server=server,
        name=item["name"],
        sha256=sha256,
        reviewed=reviewed,
        kinds=kinds_of(item.get("annotations"), reviewed=reviewed),
        arguments=arguments,
        reason=reason,
        mirrored=mirrored_arguments(item.get("inputSchema")),
        labels=labels,
        written=dumps(item),
    )


def item_digest(item: Mapping[str, Any]) -> str:
    """SHA-256 of an item as canonical JSON: members sorted, no spaces, UTF-8; in hexadecimal."""
    text = json.dumps(item, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def kinds_of(annotations: Any, *, reviewed: bool) -> Kinds:  # noqa: ANN401 -- a server's JSON
    """The kinds of a tool: hints that relax them count only if they were reviewed.

    The defaults are the strictest there is, so an unreviewed item has nothing to say. Where reviewed hints
    contradict each other (`readOnlyHint` and `destructiveHint` both true), the stricter one stands.
    """
    if not reviewed or not isinstance(annotations, dict):
        return UNKNOWN
    read_only = annotations.get("readOnlyHint") is True and annotations.get("destructiveHint") is not True
    return Kinds(
        read_only=read_only,
        destructive=not read_only and annotations.get("destructiveHint") is not False,
        idempotent=annotations.get("idempotentHint") is True,
        open_world=annotations.get("openWorldHint") is not False,
    )
