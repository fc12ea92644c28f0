"""What a server lists otherwise than it was pinned: noted, told to the operator, and refused."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from policy_engine.config import Stages
from policy_engine.engine.draft import Draft
from policy_engine.errors import ConfigError, MessageError
from policy_engine.mcp import LISTS, Changes, ListedItem, ListKind
from policy_engine.model import AuthorizationRequest, EntityUid

__all__ = ["check_whole_list", "learn", "named", "refuse_changed"]

_log = logging.getLogger("policy_engine")

_LOGGED, _NAME_LENGTH = 10, 80
"""How many items one line of the log names, and how much of each name: servers choose them."""

_RECORDED = 100
"""How many the record of one decision names."""

_NOTE = "the server lists it otherwise than it was pinned"


def learn(stages: Stages, server: str, kind: ListKind, items: Iterable[ListedItem]) -> Changes:
    """Take note of what a server listed, and log what is new of it."""
    changes = stages.drift.learn(server, kind, items)

    def told(names: Sequence[str]) -> str:
        uids = named(server, kind, [name[:_NAME_LENGTH] for name in names[:_LOGGED]])
        more = len(names) - _LOGGED
        return ", ".join(map(str, uids)) + (f" and {more} more" if more > 0 else "")

    if changes.new_changed:
        effect = "refused" if stages.servers[server].changed == "deny" else "allowed all the same"
        _log.warning("drift: listed otherwise than pinned, and %s: %s", effect, told(changes.new_changed))
    if changes.restored:
        _log.warning("drift: listed as pinned again: %s", told(changes.restored))
    if changes.new_unpinned and stages.servers[server].catalogue is not None:
        _log.warning("drift: listed, and not pinned: %s", told(changes.new_unpinned))
    return changes


def named(server: str, kind: ListKind, names: Sequence[str]) -> tuple[EntityUid, ...]:
    """What policies call some items of a list, for the record."""
    return tuple(EntityUid(kind.type, f"{server}/{name}") for name in names[:_RECORDED])


def check_whole_list(stages: Stages, server: str, method: str, items: Sequence[Any]) -> Changes:
    """Learn from items that were fetched for the purpose.

    Raises:
        ConfigError: there is no such server, or the method gives no list.
        MessageError: `malformed_list`, with the detail that says why.
    """
    if server not in stages.servers:
        known = ", ".join(sorted(stages.servers))
        raise ConfigError(f"no server is named `{server}`", remedy=f"configured are: {known}")
    kind = LISTS.get(method)
    if kind is None or not kind.member:
        known = ", ".join(sorted(method for method, kind in LISTS.items() if kind.member))
        raise ConfigError(f"`{method}` gives no list", remedy=f"lists are: {known}")
    answer = {"jsonrpc": "2.0", "id": 0, "result": {kind.member: list(items)}}
    return learn(stages, server, kind, stages.lists.read(method, "", 0, answer).items)


def refuse_changed(draft: Draft, requests: Iterable[AuthorizationRequest]) -> None:
    """Refuse what the server changed, unless the operator wants to be told only.

    Raises:
        MessageError: `tool_changed`.
    """
    drift = draft.stages.drift
    if not drift.heard_anything:
        return
    changed = [request for request in requests if drift.is_changed(request.resource)]
    if not changed:
        return
    draft.known["drift"] = tuple(dict.fromkeys(request.resource for request in changed))[:_RECORDED]
    if draft.stages.servers[draft.server].changed == "deny":
        draft.known |= {"action": changed[0].action, "resource": changed[0].resource}
        raise MessageError("tool_changed", _NOTE)
    draft.known["note"] = _NOTE
