"""A registry in a file, as `policy-engine clients export --registry` writes it."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from policy_engine.errors import StorageError
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.registry.source import Entry, Reading

__all__ = ["ExportedFile"]

_TOP: Final = frozenset({"version", "clients", "denied"})
_ENTRY: Final = frozenset({"category", "enabled", "groups", "attributes"})
_DENIED: Final = frozenset({"subject", "jti"})
_DENIAL: Final = frozenset({"value", "until"})


class ExportedFile:
    """The machines and the denials of an exported file; whoever replaces it should do so as a whole.

    Args:
        file: which.
    """

    __slots__ = ("_file", "_text")

    def __init__(self, file: Path) -> None:
        self._file = file
        self._text = b""

    def version(self) -> object:
        """The digest of what is in it: times and sizes of files don't tell every change."""
        try:
            self._text = self._file.read_bytes()
        except OSError as error:
            raise StorageError(f"can't read the exported registry: {error.strerror}") from None
        return hashlib.sha256(self._text).digest()

    def read(self) -> Reading:
        """What `version` found; raises what `Source.read` does."""
        try:
            return _reading(parse(self._text))
        except JsonError as error:
            raise StorageError(f"the exported registry isn't strict JSON: {error.code}") from None
        except ValueError as error:
            raise StorageError(f"the exported registry can't be used: {error}") from None
        finally:
            self._text = b""

    def close(self) -> None:
        """Nothing is open."""

    def again(self) -> "ExportedFile":
        """The same file."""
        return ExportedFile(self._file)


def _reading(written: Any) -> Reading:  # noqa: ANN401 -- as it was parsed
    top = _members(written, _TOP, "the file")
    if top["version"] != 1 or isinstance(top["version"], bool | float):
        raise ValueError("its version isn't 1")
    if not isinstance(top["clients"], dict):
        raise ValueError("`clients` isn't an object")  # noqa: TRY004 -- the one that is documented
    denied = _members(top["denied"], _DENIED, "`denied`")
    return Reading(
        entries={name: Entry.of(_members(one, _ENTRY, "a client")) for name, one in top["clients"].items()},
        denials={(kind, value): until for kind in _DENIED for value, until in _denials(denied[kind])},
    )


def _denials(written: Any) -> Iterator[tuple[str, float | None]]:  # noqa: ANN401 -- as it was parsed
    if not isinstance(written, list):
        raise ValueError("what is denied isn't a list")  # noqa: TRY004 -- the one that is documented
    for item in written:
        denial = _members(item, _DENIAL, "a denial")
        value, until = denial["value"], denial["until"]
        number = isinstance(until, int | float) and not isinstance(until, bool)
        if not isinstance(value, str) or not (until is None or number):
            raise ValueError("a denial has no value, or its end isn't a time")
        yield value, until


def _members(written: Any, names: frozenset[str], what: str) -> Mapping[str, Any]:  # noqa: ANN401 -- likewise
    """An object with exactly these members.

    Raises:
        ValueError: it isn't one; other members aren't quoted.
    """
    if not isinstance(written, dict) or written.keys() != names:
        raise ValueError(f"{what} hasn't exactly the members {', '.join(sorted(names))}")
    return written
