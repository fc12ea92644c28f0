"""Where a server's lists come from: a file, a URL, or a command that starts the server."""

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from policy_engine.cli.catalogues.entries import unwrapped
from policy_engine.cli.catalogues.naming import name_of_command, name_of_file, name_of_url
from policy_engine.errors import ConfigError
from policy_engine.integrations import mcp_listing
from policy_engine.mcp import ITEM_KINDS, Catalogue
from policy_engine.model.strict_json import JsonError, parse

__all__ = ["Listing", "check_pinnable", "listed", "listed_by_command"]

_SOURCES = "name a file, a URL, or the command that starts the server"
_NOT_A_LIST = "save the answer to tools/list, or several lists as members of one object"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a server lists.

    Attributes:
        server: a name for it, taken from where the list came from, never from what the server says.
        uri: its canonical URI, where that is known.
        lists: entries by the member that holds them; items as the server wrote them. A member that isn't
            there wasn't asked for.
        file: that it was saved in.
    """

    server: str
    uri: str | None
    lists: Mapping[str, Sequence[Any]]
    file: Path | None = None

    @property
    def items(self) -> Mapping[str, Sequence[Any]]:
        """The items without what somebody wrote around them: no review that came with a list counts."""
        return {
            kind.member: [unwrapped(kind, entry)[0] for entry in self.lists[kind.member]]
            for kind in ITEM_KINDS
            if kind.member in self.lists
        }


def listed(source: str, *, name: str | None, token: str | None) -> Listing:
    """Get the lists of a server.

    Args:
        source: a file, a URL or a command.
        name: what to call the server; by default taken from the source.
        token: a bearer token for a URL.

    Raises:
        ConfigError: they can't be got.
    """
    if source.lower().startswith(("http://", "https://")):
        _check_url(source)
        found = mcp_listing.lists_over_http(source, token=token)
        return Listing(server=name or name_of_url(source), uri=source, lists=_wrapped(found.items))
    if token:
        raise ConfigError("a token is for a URL, and this isn't one", remedy="leave --token out")
    if _is_file(source):
        return _in_file(Path(source), name or name_of_file(source))
    return listed_by_command(_words(source), name=name)


def listed_by_command(words: Sequence[str], *, name: str | None) -> Listing:
    """Start a server, and get its lists.

    Raises:
        ConfigError: they can't be got.
    """
    if not words or shutil.which(words[0]) is None:
        raise ConfigError("no such file, and no such command", remedy=_SOURCES)
    found = mcp_listing.lists_over_stdio(words)
    return Listing(server=name or name_of_command(words), uri=None, lists=_wrapped(found.items))


def check_pinnable(listing: Listing) -> None:
    """Refuse a listing of which some item can't be pinned.

    Raises:
        ConfigError: the first such item, carrying all others.
    """
    Catalogue.from_json(listing.server, listing.lists, listing.file)


def _wrapped(items: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """As entries: a server that lists wrappers of its own lists items without a name."""
    return {member: [{"item": item} for item in each] for member, each in items.items()}


def _is_file(source: str) -> bool:
    """Whether a file is named that holds a list; one that can be run is a server's command."""
    try:
        path = Path(source)
        return path.is_file() and (path.suffix == ".json" or not os.access(path, os.X_OK))
    except OSError:  # a command of more letters than a file's name may have
        return False


def _check_url(url: str) -> None:
    """Refuse a URL before a token is sent to it in the open."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError("not a URL", remedy=_SOURCES) from None
    if parts.username is not None or parts.fragment:
        raise ConfigError(
            "the URL has a user or a fragment", remedy="leave it out; a token goes into --token"
        )
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ConfigError("the URL isn't https", remedy="http is for servers on this machine only")


def _in_file(file: Path, server: str) -> Listing:
    """A result of `tools/list` and the like, the JSON-RPC response around it, or a catalogue."""
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
    members = data if isinstance(data, dict) else {}
    lists = {kind.member: members[kind.member] for kind in ITEM_KINDS if kind.member in members}
    if not lists or not all(isinstance(each, list) for each in lists.values()):
        raise ConfigError("not a list, and not a catalogue", remedy=_NOT_A_LIST, file=file)
    if members.get("nextCursor"):
        raise ConfigError("one page of a list", remedy="fetch the pages that follow `nextCursor`", file=file)
    return Listing(server=server, uri=None, lists=lists, file=file)


def _words(source: str) -> list[str]:
    try:
        return shlex.split(source)
    except ValueError:
        raise ConfigError("a quote isn't closed", remedy="quote the command as for a shell") from None
