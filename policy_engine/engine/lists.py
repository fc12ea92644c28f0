"""A server's list, less what the caller can never use."""

from dataclasses import dataclass, field, replace

from policy_engine.engine.draft import Draft
from policy_engine.engine.drift import learn, named
from policy_engine.mcp import ListAnswer
from policy_engine.model import Decision
from policy_engine.model.strict_json import dumps

__all__ = ["FilteredList", "filter_answer"]

_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredList:
    """What a proxy answers to a list request.

    Attributes:
        decision: the decision on the request; a refusal, too, if the server's answer can't be passed on.
        body: the answer, serialised anew; the refusal's own where there is one.
        media_type: its `Content-Type`.
        shown: names, URIs or URI templates of the items in it, in the order of the server.
        hidden: how many items were left out.
        unpinned: those of all listed items that the catalogue doesn't have, though it could.
        changed: those of all listed items that differ from the pinned ones.
    """

    decision: Decision
    body: bytes = field(repr=False)
    media_type: str = _JSON
    shown: tuple[str, ...] = ()
    hidden: int = 0
    unpinned: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @classmethod
    def refused(cls, decision: Decision) -> "FilteredList":
        """The answer where there is nothing but a refusal."""
        return cls(decision=decision, body=dumps(decision.body()))


def filter_answer(draft: Draft, decision: Decision, answer: ListAnswer) -> FilteredList:
    """Filter what a server answered to a request that was decided on. Never raises.

    Args:
        draft: that of the decision.
        decision: the decision on the list request.
        answer: what the server answered.
    """
    if not decision.allowed:
        return FilteredList.refused(decision)
    try:
        return _filtered(draft, decision, answer)
    except Exception as error:  # noqa: BLE001 -- the outermost handler
        return FilteredList.refused(draft.refuse(error))


def _filtered(draft: Draft, decision: Decision, answer: ListAnswer) -> FilteredList:
    stages, asked = draft.stages, draft.asked[-1]
    version = asked.context["protocol_version"]
    listing = stages.lists.read(decision.method or "", version, decision.request_id, answer)
    server = draft.server
    drift = learn(stages, server, listing.kind, listing.items)
    refused = frozenset(drift.changed if stages.servers[server].changed == "deny" else ())
    names = [item.name for item in listing.items]
    things = stages.possibilities.of(server, listing.kind, names)
    useful = stages.visibility.useful(asked, things)
    kept = [item for item, use in zip(listing.items, useful, strict=True) if use and item.name not in refused]
    hidden = len(names) - len(kept)
    note = f"hid {hidden} of {len(names)} items" if hidden else ""
    return FilteredList(
        decision=replace(decision, note=note, drift=named(server, listing.kind, drift.changed)),
        body=listing.body(kept),
        media_type=listing.media_type,
        shown=tuple(item.name for item in kept),
        hidden=hidden,
        unpinned=drift.unpinned,
        changed=drift.changed,
    )
