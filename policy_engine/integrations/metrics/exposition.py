"""`/metrics`, as Prometheus asks for it: an ASGI application that answers nothing else."""

import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

__all__ = ["METRICS", "Exposition", "of_processes"]

METRICS: Final = "/metrics"

_OF_PROCESS: Final = re.compile(r"gauge_live[a-z]*_([0-9]+)\.db")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def of_processes(folder: Path) -> CollectorRegistry:
    """What several processes counted in a folder, each time that it is asked, added up."""
    _forget_dead(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # of a typed package
    return registry


class Exposition:
    """An ASGI application.

    Args:
        registry: gives what there is to tell, at each request.
    """

    def __init__(self, registry: Callable[[], CollectorRegistry]) -> None:
        self._registry = registry

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; its body, if it has one, is never read."""
        if scope["type"] != "http":
            await receive()
            return
        status, headers, body = self._answer(scope)
        length = (b"content-length", str(len(body)).encode())
        await send(
            {"type": "http.response.start", "status": status, "headers": [*headers, length, *_NEVER_KEPT]}
        )
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body},
        )

    def _answer(self, scope: MutableMapping[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        if scope["path"] != METRICS:
            return 404, [], b""
        if scope["method"] not in ("GET", "HEAD"):
            return 405, [(b"allow", b"GET, HEAD")], b""
        accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
        encode, content_type = choose_encoder(accept.decode("latin-1"))
        return 200, [(b"content-type", content_type.encode())], encode(self._registry())


_NEVER_KEPT: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


def _forget_dead(folder: Path) -> None:
    """Leave out what stands for the present of a process that has ended; what it counted stays."""
    for file in folder.iterdir():
        found = _OF_PROCESS.fullmatch(file.name)
        if found is not None and not _lives(int(found[1])):
            with suppress(OSError):
                mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]  # likewise


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
