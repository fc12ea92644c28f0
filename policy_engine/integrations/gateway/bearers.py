"""The gateway's own token for a server: in a variable, or in a file that something else renews."""

import logging
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from policy_engine.config import KeptConfig, LoadedConfig

__all__ = ["bearer_of"]

_LOG: Final = logging.getLogger(__name__)

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, section 2.1."""

_REMEDY: Final = "write there the token alone, without `Bearer`"
_READ_AGAIN_SECONDS: Final = 10.0
_LONGEST: Final = 64 * 1024


def bearer_of(loaded: LoadedConfig, place: tuple[str, ...], written: KeptConfig) -> Callable[[], str]:
    """What tells the token, each time that it is needed.

    Raises:
        ConfigError: there is none now; it isn't quoted.
    """
    if written.file is not None:
        return _OfFile(loaded, (*place, "file"), loaded.path(written.file))
    token = os.environ.get(written.env or "", "").strip()
    if not _TOKEN.fullmatch(token):
        problem = f"the environment variable `{written.env}` isn't set, or holds no token"
        raise loaded.document.error((*place, "env"), problem, f"export it: {_REMEDY}")
    return lambda: token


class _OfFile:
    """Reads the file anew every few seconds; where it can't be read, the last token stays."""

    def __init__(self, loaded: LoadedConfig, place: tuple[str, ...], file: Path) -> None:
        self._file = file
        try:
            self._token = self._read()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it holds no token"
            raise loaded.document.error(
                place,
                f"the token can't be read: {reason}",
                "write it there: the token alone, without `Bearer`",
            ) from None
        self._due = time.monotonic() + _READ_AGAIN_SECONDS

    def __call__(self) -> str:
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _READ_AGAIN_SECONDS
            try:
                self._token = self._read()
            except (OSError, ValueError) as error:
                _LOG.error("the token in %s can't be read: %s", self._file, type(error).__name__)
        return self._token

    def _read(self) -> str:
        with self._file.open(encoding="ascii") as stream:
            token = stream.read(_LONGEST).strip()
        if not _TOKEN.fullmatch(token):
            raise ValueError("no token")
        return token
