"""From a configuration to ways: each server's guard, its connections, its credential."""

import asyncio
import logging
import signal
import ssl
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx2

from policy_engine.config import (
    GatewayConfig,
    LoadedConfig,
    UpstreamConfig,
    UpstreamTlsConfig,
    sealing_keys,
    served_hosts,
    served_path,
)
from policy_engine.engine import PolicyEngine, PolicyWatcher
from policy_engine.errors import ConfigError, PolicyEngineError
from policy_engine.integrations.exchange import Guard, Sessions
from policy_engine.integrations.gateway.bearers import bearer_of
from policy_engine.integrations.gateway.routes import Route, Routes
from policy_engine.integrations.gateway.slots import Slots
from policy_engine.integrations.gateway.upstream import Timeouts, Upstream

__all__ = ["Assembled", "gateway_of"]

_LOG: Final = logging.getLogger(__name__)


def gateway_of(loaded: LoadedConfig) -> GatewayConfig:
    """The section `gateway`.

    Raises:
        ConfigError: there is none.
    """
    if loaded.config.gateway is None:
        raise ConfigError(
            "the configuration has no `gateway`",
            remedy="add it: docs/how-to/run-the-gateway.md",
            file=loaded.document.file,
        )
    return loaded.config.gateway


class Assembled:
    """The ways that the engine's configuration describes now; they follow it when it is loaded anew.

    Sessions go on, and so do connections to servers about which nothing was changed.

    Args:
        engine: decides.
        local: names of this machine that `Host` may say, with the port.
        watcher: loads the engine's configuration anew when that is asked for.

    Raises:
        ConfigError: there is no gateway, or a key, a token or a certificate can't be used.
    """

    def __init__(
        self, engine: PolicyEngine, *, local: Collection[str] = (), watcher: PolicyWatcher | None = None
    ) -> None:
        self.engine = engine
        self._watcher = watcher
        self._local = frozenset(local)
        loaded = engine.stages.loaded
        written = gateway_of(loaded).session_key
        keys = sealing_keys(loaded, ("gateway", "session_key"), written) if written is not None else ()
        self._sessions = Sessions(tuple(keys))
        self._behind: dict[str, _Behind] = {}
        self._under_way: set[asyncio.Future[None]] = set()
        self._stages = engine.stages
        self._routes = self._made()

    def routes(self) -> Routes:
        """The ways as they are now; those of before, if the new ones can't be used."""
        stages = self.engine.stages
        if stages is not self._stages:
            self._stages = stages
            try:
                self._routes = self._made()
            except PolicyEngineError as error:
                _LOG.error("the gateway stays as it was: %s", error)
        return self._routes

    def begin(self) -> None:
        """Heed SIGHUP from now on, and changed files if that is configured, beside what is being answered."""
        if self._watcher is None:
            return
        self._watcher.start()
        with suppress(ValueError, RuntimeError):  # not the main thread, which alone gets signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._watcher.request)

    async def aclose(self) -> None:
        """Close all connections, and the engine."""
        if self._watcher is not None:
            await asyncio.to_thread(self._watcher.stop)
        for behind in self._behind.values():
            await behind.upstream.aclose()
        await self.engine.aclose()

    def _made(self) -> Routes:
        loaded = self.engine.stages.loaded
        gateway = gateway_of(loaded)
        made = {name: self._made_one(loaded, gateway, name, each) for name, each in gateway.upstreams.items()}
        former, self._behind = self._behind, made
        for name, behind in former.items():
            if made.get(name) is not behind:
                closing = asyncio.ensure_future(behind.upstream.aclose())
                self._under_way.add(closing)
                closing.add_done_callback(self._under_way.discard)
        return Routes(self._route(loaded, name, at_root=len(made) == 1) for name in made)

    def _route(self, loaded: LoadedConfig, name: str, *, at_root: bool) -> Route:
        hosts = served_hosts(loaded.config, name) | self._local
        guard = Guard(self.engine, name, hosts=hosts, sessions=self._sessions, at_root=at_root)
        paths = {served_path(loaded.config, name), *guard.metadata_paths}
        behind = self._behind[name]
        return Route(
            name=name, guard=guard, upstream=behind.upstream, slots=behind.slots, hosts=hosts, paths=paths
        )

    def _made_one(
        self, loaded: LoadedConfig, gateway: GatewayConfig, name: str, written: UpstreamConfig
    ) -> "_Behind":
        """A new one, or the one there is if nothing about it was changed."""
        timeouts = Timeouts(**gateway.timeouts.model_dump())
        there = self._behind.get(name)
        if there is not None and (there.written, there.timeouts) == (written, timeouts):
            return there
        place = ("gateway", "upstreams", name)
        bearer = None if written.bearer is None else bearer_of(loaded, (*place, "bearer"), written.bearer)
        tls = _tls(loaded, (*place, "tls"), written.tls) if written.url.lower().startswith("https:") else None
        upstream = Upstream(
            written.url, bearer=bearer, timeouts=timeouts, tls=tls, connections=written.connections
        )
        return _Behind(
            written=written, timeouts=timeouts, upstream=upstream, slots=Slots(written.connections)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    """A server, and what was written of it."""

    written: UpstreamConfig
    timeouts: Timeouts
    upstream: Upstream
    slots: Slots


def _tls(loaded: LoadedConfig, place: tuple[str, ...], written: UpstreamTlsConfig) -> ssl.SSLContext:
    part = "ca"
    try:
        context = httpx2.create_ssl_context(trust_env=False)
        if written.ca is not None:
            context = ssl.create_default_context(cafile=loaded.path(written.ca))
        part = "certificate"
        if written.certificate is not None and written.key is not None:
            context.load_cert_chain(loaded.path(written.certificate), loaded.path(written.key), password="")
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        remedy = "name a PEM file; of a key, one without a passphrase"
        raise loaded.document.error((*place, part), f"it can't be used: {reason}", remedy) from None
    return context
