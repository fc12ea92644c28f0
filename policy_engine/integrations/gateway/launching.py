"""From a configuration to a gateway that serves, in this process or in several."""

import os
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policy_engine.config import Check, LoadedConfig, load_config, served_path
from policy_engine.engine import PolicyEngine, PolicyWatcher
from policy_engine.errors import ConfigError
from policy_engine.extras import extra_needed
from policy_engine.integrations.gateway.assembled import Assembled, gateway_of
from policy_engine.integrations.telemetry import observers_of, watched
from policy_engine.model import Observer

if TYPE_CHECKING:
    from policy_engine.integrations.gateway.application import Gateway

__all__ = ["Listening", "Reloading", "check_gateway", "serve_gateway"]

_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a gateway listens.

    Attributes:
        url: the base of what it answers, seen from this machine.
        servers: by name, the path of each and where its requests go.
        exposed: whether others can connect without TLS.
    """

    url: str
    servers: tuple[tuple[str, str, str], ...]
    exposed: bool


def _nothing_else(_loaded: LoadedConfig) -> Iterable[Path]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloading:
    """How the configuration is loaded anew; all of it can be pickled, for workers.

    Attributes:
        checks: what has to hold of what was loaded; each raises a ConfigError if it doesn't.
        also: names further files, whose change is one, too.
    """

    checks: tuple[Check, ...] = ()
    also: Callable[[LoadedConfig], Iterable[Path]] = _nothing_else


def serve_gateway(
    file: Path,
    *,
    listen: str | None,
    workers: int,
    announce: Callable[[Listening], None],
    reloading: Reloading | None = None,
) -> None:
    """Serve the gateway of a configuration until SIGTERM or SIGINT; SIGHUP loads it anew.

    What can be wrong with the configuration is found before the port is announced.

    Args:
        file: the configuration.
        listen: address and port, instead of those of the configuration.
        workers: how many processes serve.
        announce: told where it listens.
        reloading: what has to hold before what was loaded anew is used.

    Raises:
        ConfigError: something can't be used, or the extra isn't installed.
        OSError: the port is taken.
    """
    loaded = load_config(file)
    gateway = gateway_of(loaded)
    if workers > 1 and gateway.session_key is None:
        raise loaded.document.error(
            ("gateway",), "several workers need one key for sessions", "add `session_key: {file: …}`"
        )
    with extra_needed():
        from policy_engine import serving  # noqa: PLC0415 -- of an extra
    host, port = _address(listen or gateway.listen)
    tls = (
        None if gateway.tls is None else (loaded.path(gateway.tls.certificate), loaded.path(gateway.tls.key))
    )
    listener = serving.listen(host, port, loopback_only=loaded.config.development)
    with listener, watched(loaded, workers=workers) as observers:
        address, port = listener.getsockname()[:2]
        loopback = serving.is_loopback(address)
        local = frozenset(f"{name}:{port}" for name in _LOCAL) if loopback else frozenset[str]()
        listening = _listening(loaded, address, port, loopback=loopback)
        serving.run(
            _maker(_Plan(file=file, local=local, reloading=reloading or Reloading()), workers, observers),
            listener,
            workers=workers,
            tls=tls,
            trusted_proxies=gateway.trusted_proxies,
            ready=partial(announce, listening),
            lifespan=True,
        )


def check_gateway(file: Path) -> tuple[tuple[str, str, str], ...]:
    """Look at all that a gateway needs before it serves; raises what `serve_gateway` does.

    Returns:
        What `Listening.servers` would be.
    """
    loaded = load_config(file)
    gateway_of(loaded)
    with extra_needed():
        from policy_engine import serving  # noqa: F401, PLC0415 -- of an extra
    engine = PolicyEngine.from_config(loaded)
    try:
        Assembled(engine)
    finally:
        engine.close()
    return _servers(loaded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What each process has to know."""

    file: Path
    local: Collection[str]
    reloading: Reloading


def _maker(plan: _Plan, workers: int, observers: Sequence[Observer]) -> Callable[[], "Gateway"]:
    """What makes the application: in this process from what is there already, which shows what is wrong."""
    if workers > 1:
        check_gateway(plan.file)
        return partial(_of_worker, plan, os.getpid())
    application = _application(plan, observers)
    return lambda: application


def _application(plan: _Plan, observers: Sequence[Observer]) -> "Gateway":
    from policy_engine.integrations.gateway.application import Gateway  # noqa: PLC0415 -- of an extra

    since = time.time()
    engine = PolicyEngine.from_config(plan.file, observers=observers)
    watcher = PolicyWatcher(engine, checks=plan.reloading.checks, also=plan.reloading.also, since=since)
    return Gateway(Assembled(engine, local=plan.local, watcher=watcher))


def _of_worker(plan: _Plan, parent: int) -> "Gateway":
    from policy_engine.serving import end_with  # noqa: PLC0415 -- of an extra

    end_with(parent)
    return _application(plan, observers_of(load_config(plan.file)))


def _address(written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:  # noqa: PLR2004 -- ports
        remedy = "write an address and a port, such as 127.0.0.1:8080 or [::1]:8080"
        raise ConfigError("this is no place to listen at", remedy=remedy)
    return host.removeprefix("[").removesuffix("]"), int(port)


def _listening(loaded: LoadedConfig, address: str, port: int, *, loopback: bool) -> Listening:
    secure = gateway_of(loaded).tls is not None
    shown = f"[{address}]" if ":" in address else address
    return Listening(
        url=f"{'https' if secure else 'http'}://{shown}:{port}",
        servers=_servers(loaded),
        exposed=not secure and not loopback,
    )


def _servers(loaded: LoadedConfig) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, served_path(loaded.config, name), upstream.url)
        for name, upstream in gateway_of(loaded).upstreams.items()
    )
