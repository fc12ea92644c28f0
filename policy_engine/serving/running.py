"""Sockets, processes and signals: an application is served until somebody ends it."""

import asyncio
import ipaddress
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from policy_engine.errors import ConfigError
from policy_engine.serving.connections import BACKLOG, Connections, most_connections
from policy_engine.serving.protocol import BoundedProtocol
from policy_engine.serving.source import TrustedProxies

__all__ = ["Tls", "is_loopback", "listen", "run", "serving"]

Application = Callable[..., object]

_GRACE_SECONDS: Final = 10
"""That requests which are being answered are waited for at the end."""

_SEND_BYTES: Final = 64 * 1024
"""Of answers that the system holds for a client; unlimited, one that never reads makes it hold megabytes."""

_START_SECONDS: Final = 10
_TICK: Final = 0.01

Tls = tuple[Path, Path]
"""Certificate and key."""


def listen(host: str, port: int, *, loopback_only: bool = False) -> socket.socket:
    """Take a port.

    Args:
        host: an address or a name.
        port: 0 for any that is free.
        loopback_only: whether others mustn't be able to connect.

    Raises:
        ConfigError: others could.
        OSError: it can't be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
    )[0]
    if loopback_only and not is_loopback(str(address[0])):
        raise ConfigError(
            "a server for development binds loopback addresses only",
            remedy="use 127.0.0.1, or a configuration without `development: true`",
            code="loopback",
        )
    # With the protocol's number: without, asyncio leaves Nagle's algorithm on, and each answer, which is
    # written in parts, waits 40 ms for the acknowledgement of the first.
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)  # connections inherit it
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def is_loopback(address: str) -> bool:
    """Whether nobody else can connect to an address."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def run(
    make: Callable[[], Application],
    listener: socket.socket,
    *,
    workers: int,
    tls: Tls | None,
    trusted_proxies: Iterable[str],
    ready: Callable[[], None],
    lifespan: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is finished.

    Args:
        make: makes the application; with several workers it is pickled, and called in each of them.
        listener: where to listen; closed at the end.
        workers: how many processes.
        tls: certificate and key; None for plain HTTP.
        trusted_proxies: networks that may have as many connections as there are.
        ready: called once requests are taken, and signals heeded.
        lifespan: whether the application is told of its beginning and its end (ASGI), and heeds SIGHUP
            itself: then several workers get the signal one and all, instead of being replaced.

    Raises:
        ConfigError: certificate or key can't be used.
    """
    if tls is not None:
        _check(*tls)
    connections = Connections(most_connections(raised=True), TrustedProxies(trusted_proxies))
    config = _config(make, connections, factory=True, workers=workers, tls=tls, lifespan=lifespan)
    # uvicorn raises the signal again when it is done; here that is an end, and not a death.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    if workers == 1:
        _Announced(config, ready).run(sockets=[listener])
        return
    several = _Told if lifespan else Multiprocess
    processes = several(config, sockets=[listener])  # from here on it heeds signals
    ready()
    processes.run()
    if any(process.exitcode == STARTUP_FAILURE for process in processes.processes):
        raise ConfigError("a worker couldn't start", remedy="see what it said", code="worker")


@contextmanager
def serving(application: Application, listener: socket.socket, *, lifespan: bool = False) -> Iterator[None]:
    """Serve in a thread of this process while the context lasts."""
    connections = Connections(most_connections(raised=False), TrustedProxies())
    config = _config(application, connections, factory=False, workers=1, tls=None, lifespan=lifespan)
    server = _Brief(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS + _GRACE_SECONDS)


class _Announced(uvicorn.Server):
    """A server that says when it has begun."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        self._ready()


class _Told(Multiprocess):
    """Workers that are told of SIGHUP, and go on."""

    def handle_hup(self) -> None:
        """Pass it on; a worker that has just died is replaced anyway."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                if process.pid is not None:
                    os.kill(process.pid, signal.SIGHUP)


class _Brief(uvicorn.Server):
    """A server that notices soon that it is to end: demonstrations don't take long."""

    async def main_loop(self) -> None:
        """Wait for the end."""
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % 1000
            await asyncio.sleep(_TICK)


def _config(
    application: Application,
    connections: Connections,
    *,
    factory: bool,
    workers: int,
    tls: Tls | None,
    lifespan: bool,
) -> uvicorn.Config:
    certificate, key = (None, None) if tls is None else tls
    return uvicorn.Config(
        application,
        factory=factory,
        workers=workers,
        interface="asgi3",
        http=partial(BoundedProtocol, counted=connections),  # type: ignore[arg-type]  # it is only called
        ws="none",
        lifespan="on" if lifespan else "off",
        # A request line may hold what should not have been in it.
        access_log=False,
        log_config=None,
        log_level=logging.ERROR,
        # Whose word counts for where a request is from is decided in `source`.
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        loop="policy_engine.serving.loop:ServingLoop",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )


def _check(certificate: Path, key: Path) -> None:
    """Read certificate and key once before processes do."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(
            f"certificate or key can't be used: {reason}",
            remedy="name a PEM file with the chain, and one with its key, without a passphrase",
            code="tls",
        ) from None


def _end(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
