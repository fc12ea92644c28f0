"""A call as it stands in a scenario file."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from policy_engine.harness.entries import outcome_text, principal_entry
from policy_engine.harness.mutation.report import Suggestion
from policy_engine.harness.mutation.suggesting.calls import Ask
from policy_engine.mcp import Server
from policy_engine.model import Client, Decision, Identity, User

__all__ = ["suggestion_of"]


def suggestion_of(
    identity: Identity,
    ask: Ask,
    original: Decision,
    mutated: Decision,
    *,
    servers: Mapping[str, Server],
) -> Suggestion:
    """What was found, in words and as it is written in a scenario file.

    Args:
        identity: who asks.
        ask: what for.
        original: what is decided with the policies as they are.
        mutated: what the mutant makes of it.
        servers: by name; one alone needn't be named.
    """
    who, asked = principal_entry(identity), _asked(ask, servers)
    return Suggestion(
        call=_shown(identity, ask),
        original=_shown_decision(original),
        mutated=_shown_decision(mutated),
        principal=(_called(identity), who),
        asked=(f"{_what(ask)} {_mark(asked)}", asked),
        outcome=outcome_text(original),
    )


def _shown(identity: Identity, ask: Ask) -> str:
    principal = identity.principal
    who = str(principal.uid)
    if isinstance(principal, User) and principal.actor is not None:
        who += f" through {principal.actor.uid}"
    if principal.groups:
        who += f" in {', '.join(sorted(principal.groups))}"
    if principal.roles:
        who += f" as {', '.join(sorted(principal.roles))}"
    if identity.token.scopes:
        who += f" with scope {' '.join(identity.token.scopes)}"
    arguments = f" {json.dumps(ask.arguments, ensure_ascii=False)}" if ask.tool is not None else ""
    return f"{who}: {_what(ask)}{arguments} at {ask.server}"


def _shown_decision(decision: Decision) -> str:
    names = ", ".join(match.id for match in decision.policies)
    scopes = f", scope {' '.join(decision.scopes)}" if decision.scopes else ""
    return f"{decision.code}{f' by {names}' if names else ''}{scopes}"


def _called(identity: Identity) -> str:
    principal = identity.principal
    kind = "machine" if isinstance(principal, Client) else "person"
    if isinstance(principal, User) and principal.actor is not None:
        kind = "agent of"
    return f"{kind} {_plain(principal.uid.id.partition('/')[2])} {_mark(principal_entry(identity))}"


def _plain(name: str) -> str:
    """Without what part names in tables and ids."""
    return "".join(char if char.isalnum() or char in "-_.@" else "-" for char in name)[:60] or "x"


def _mark(value: object) -> str:
    """Four characters that tell it from others of the same name."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:4]


def _what(ask: Ask) -> str:
    return _plain(ask.tool or str(ask.message.get("method", "answer")).replace("/", " ").replace(" ", "-"))


def _asked(ask: Ask, servers: Mapping[str, Server]) -> dict[str, Any]:
    said: dict[str, Any] = {"server": ask.server} if len(servers) > 1 else {}
    if ask.tool is not None:
        said |= {"tool": ask.tool, "arguments": dict(ask.arguments)}
        if ask.tool not in servers[ask.server].tools:
            said["unpinned"] = True
        if set(ask.message["params"]) <= {"name", "arguments"}:
            return said
        del said["tool"], said["arguments"]
    method, params = ask.message.get("method"), ask.message.get("params")
    if method is None or "id" not in ask.message:
        return {**said, "message": json.dumps(dict(ask.message), ensure_ascii=False)}
    return {**said, "method": method, **({"params": params} if params else {})}
