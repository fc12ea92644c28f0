"""A name for a server, guessed from where its list came from; `--server` says it better."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import PurePath
from urllib.parse import urlsplit

__all__ = ["name_of_command", "name_of_file", "name_of_url"]

_LAUNCHER = re.compile(
    r"python[0-9.]*|uvx?|pipx|npx|npm|bunx?|deno|node|docker|podman|env|tool|run|exec|start", re.IGNORECASE
)
"""Words of commands that say nothing of what is started."""

_GENERIC = frozenset({"", "mcp", "sse", "api", "www", "server", "http", "stream"})
_AFFIXES = re.compile(r"^(mcp-server-|server-mcp-|mcp-|server-)|(-mcp-server|-server-mcp|-mcp|-server)$")
_LONGEST = 63
_UNKNOWN = "server"


def name_of_file(path: str) -> str:
    """`saved/github.json` → `github`."""
    return _slug(PurePath(path).stem)


def name_of_url(url: str) -> str:
    """`https://mcp.example.com/github/mcp` → `github`; without such a path, from the host."""
    parts = urlsplit(url)
    steps = [step for step in reversed(parts.path.split("/")) if step.lower() not in _GENERIC]
    host = parts.hostname or ""
    labels = [] if _is_address(host) else host.split(".")
    steps += [label for label in labels[:-1] or labels if label not in _GENERIC]
    return _slug(steps[0]) if steps else _UNKNOWN


def name_of_command(words: Sequence[str]) -> str:
    """`npx -y @scope/server-github` → `github`; `python -m mcp_server_time` → `time`."""
    for word in words:
        base = PurePath(word.split("@")[1] if word.startswith("@") else word.split("@")[0]).name
        if word.startswith("-") or "=" in word or _LAUNCHER.fullmatch(base):
            continue
        return _slug(re.sub(r"\.(py|js|mjs|cjs|ts|sh|exe|jar)$", "", base))
    return _UNKNOWN


def _slug(text: str) -> str:
    """A name that servers may have: lower-case letters, digits, `_` and `-`, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    shorter = _AFFIXES.sub("", name)
    name = (shorter or name).lstrip("0123456789-")
    return name[:_LONGEST].rstrip("-") or _UNKNOWN


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
