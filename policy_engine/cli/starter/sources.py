"""Where a server's list of tools comes from: a file, a URL, or a command that starts the server."""

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from policy_engine.cli.starter.naming import name_of_command, name_of_file, name_of_url
from policy_engine.errors import ConfigError
from policy_engine.integrations import mcp_listing
from policy_engine.mcp import Catalogue
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["Listing", "listed"]

_KINDS = "name a file, a URL, or the command that starts the server"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a server lists.

    Attributes:
        server: a name for it, taken from where the list came from, never from what the server says.
        uri: its canonical URI, where that is known.
        items: its tools, as it wrote them.
    """

    server: str
    uri: str | None
    items: Sequence[Mapping[str, Any]]


def listed(source: str, *, name: str | None, token: str | None) -> Listing:
    """Get a list of tools and check that it can be pinned.

    Args:
        source: a file, a URL or a command.
        name: what to call the server; by default taken from the source.
        token: a bearer token for a URL.

    Raises:
        ConfigError: it can't be got, or some tool in it can't be pinned.
    """
    if source.lower().startswith(("http://", "https://")):
        _check_url(source)
        named = name or name_of_url(source)
        listing = Listing(server=named, uri=source, items=mcp_listing.tools_over_http(source, token=token))
    elif token:
        raise ConfigError("a token is for a URL, and this isn't one", remedy="leave --token out")
    elif _is_file(source):
        listing = _in_file(Path(source), name or name_of_file(source))
    else:
        command = _command(source)
        named = name or name_of_command(command)
        listing = Listing(server=named, uri=None, items=mcp_listing.tools_over_stdio(command))
    Catalogue.from_json(listing.server, {"tools": [{"item": item} for item in listing.items]})
    return listing


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except OSError:  # a command of more letters than a file's name may have
        return False


def _check_url(url: str) -> None:
    """Refuse a URL before a token is sent to it in the open."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError("not a URL", remedy=_KINDS) from None
    if parts.username is not None or parts.fragment:
        raise ConfigError(
            "the URL has a user or a fragment", remedy="leave it out; a token goes into --token"
        )
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ConfigError("the URL isn't https", remedy="http is for servers on this machine only")


def _in_file(file: Path, server: str) -> Listing:
    """A `tools/list` result, the JSON-RPC response around it, or a catalogue; reviews in it don't count."""
    try:
        data = parse(file.read_bytes())
    except OSError as error:
        problem = f"can't be read: {error.strerror}"
        raise ConfigError(problem, remedy="name a readable file", file=file) from error
    except JsonError as error:
        raise ConfigError(f"not strict JSON ({error.code})", remedy="see RFC 7493", file=file) from None
    if isinstance(data, dict) and "jsonrpc" in data:
        if "result" not in data:
            raise ConfigError("an answer without a result", remedy="save the answer to tools/list", file=file)
        data = data["result"]
    Catalogue.from_json(server, data, file)
    items = [entry if "name" in entry else entry["item"] for entry in data["tools"]]
    return Listing(server=server, uri=None, items=items)


def _command(source: str) -> list[str]:
    try:
        words = shlex.split(source)
    except ValueError:
        raise ConfigError("a quote isn't closed", remedy="quote the command as for a shell") from None
    if not words or shutil.which(words[0]) is None:
        raise ConfigError("no such file, and no such command", remedy=_KINDS)
    return words
