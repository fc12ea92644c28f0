"""The keys `redact` and `show`: what is marked instead of written, and which arguments are shown."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policy_engine.audit import Redaction
from policy_engine.config.loader import LoadedConfig
from policy_engine.config.sinks.keys import mark_key
from policy_engine.mcp import Server

__all__ = ["redaction_of", "shown_arguments"]

_SECRET: Final = re.compile(
    r"pass(?:word|wd|phrase|code)|secret|token|credential|authorization|cookie|api_?key|private_?key",
    re.IGNORECASE,
)
_FORM: Final = "name it as in `github/create_issue.repo`"


def redaction_of(
    loaded: LoadedConfig, servers: Mapping[str, Server], before: Redaction | None = None
) -> Redaction | None:
    """What of a record isn't written as it is; None: all of it is.

    Args:
        loaded: the configuration.
        servers: by name.
        before: what was in force; equal values get the mark that they got from it.

    Raises:
        ConfigError: an argument isn't one, or the key can't be used.
    """
    audit = loaded.config.audit
    shown = shown_arguments(loaded, servers)
    if not audit.redact and not shown:
        return None
    return Redaction(audit.redact, shown, mark_key(loaded) if before is None else before.key)


def shown_arguments(loaded: LoadedConfig, servers: Mapping[str, Server]) -> tuple[tuple[str, str, str], ...]:
    """Server, tool and argument of what is written with its value.

    Raises:
        ConfigError: an argument isn't one.
    """
    written = loaded.config.audit.show
    return tuple(_shown(loaded, servers, position, each) for position, each in enumerate(written))


def _shown(
    loaded: LoadedConfig, servers: Mapping[str, Server], position: int, written: str
) -> tuple[str, str, str]:
    place = ("audit", "show", position)
    name, slash, rest = written.partition("/")
    ways = tuple(_ways(rest))
    if not slash or not ways:
        raise loaded.document.error(place, f"`{written}` names no argument of a tool", _FORM)
    server = servers.get(name)
    if server is None:
        known = ", ".join(sorted(servers))
        raise loaded.document.error(place, f"no server is named `{name}`", f"configured are: {known}")
    tool, argument = ways[-1]
    if server.catalogue is not None:
        found = [way for way in ways if _has(server, *way)]
        if not found:
            remedy = f"its arguments: {', '.join(_arguments(server, tool)) or 'none'}"
            if tool not in server.tools:
                remedy = f"pinned are: {', '.join(sorted(server.tools)) or 'none'}"
            problem = f"`{name}` has no tool `{tool}` with an argument `{argument}`"
            raise loaded.document.error(place, problem, remedy)
        tool, argument = found[0]
    if _SECRET.search(argument):
        problem = f"`{argument}` is the name of a secret, and never shown"
        raise loaded.document.error(place, problem, "remove it")
    return name, tool, argument


def _ways(text: str) -> Iterator[tuple[str, str]]:
    """How a text can be a tool and an argument: both may have dots in their names; the last is likeliest."""
    for position, char in enumerate(text):
        if char == "." and text[:position] and text[position + 1 :]:
            yield text[:position], text[position + 1 :]


def _has(server: Server, tool: str, argument: str) -> bool:
    return argument in _arguments(server, tool)


def _arguments(server: Server, tool: str) -> list[str]:
    pinned = server.tools.get(tool)
    return [] if pinned is None or pinned.arguments is None else sorted(pinned.arguments.members)
