"""From a configuration to an authorization server whose parts are in its store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policy_engine.audit import FileSink, StreamSink
from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.events import EventSink, no_events
from policy_engine.authserver.keys import StoredKeys
from policy_engine.authserver.limits import (
    MemoryRateLimiter,
    Rate,
    RateLimiter,
    RateLimits,
    StoredRateLimiter,
)
from policy_engine.authserver.recording import recorded
from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.stored import StoredClientRegistry, StoredReplayStore
from policy_engine.config import AuthServerConfig, LoadedConfig, authserver_of, sealer_of, store_of
from policy_engine.errors import ConfigError

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["AssembledServer", "assemble_server", "authorization_server", "catalogue_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledServer:
    """A server, and what it stands on.

    Attributes:
        server: answers requests.
        store: where clients, keys and used assertions are.
        keys: what signs.
    """

    server: AuthorizationServer
    store: "Store" = field(repr=False)
    keys: StoredKeys = field(repr=False)

    def check(self) -> None:
        """See whether a token could be issued now.

        Raises:
            PolicyEngineError: it couldn't.
        """
        self.store.check()
        self.keys.active()

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def authorization_server(
    loaded: LoadedConfig, *, now: Callable[[], float] = time.time
) -> AuthorizationServer:
    """Make the server that a configuration describes.

    Args:
        loaded: the configuration.
        now: the time, seconds since the epoch.

    Raises:
        ConfigError: something in it can't be used.
        StorageError: the store can't be reached.
    """
    return assemble_server(loaded, now=now).server


def assemble_server(
    loaded: LoadedConfig, *, now: Callable[[], float] = time.time, alone: bool = True
) -> AssembledServer:
    """Make the server, together with what has to be checked and closed.

    Args:
        loaded: the configuration.
        now: the time, seconds since the epoch.
        alone: whether no other process on this machine serves from the same store; requests are then counted
            in memory, unless the store is one that other machines may share.

    Raises:
        ConfigError: something in the configuration can't be used.
        StorageError: the store can't be reached.
    """
    written, sealer = authserver_of(loaded), sealer_of(loaded)
    catalogue = catalogue_of(loaded)
    store = store_of(loaded)
    try:
        keys = StoredKeys(store, sealer, algorithm=written.signing_algorithm, now=now)
        server = AuthorizationServer(
            issuer=written.issuer,
            clients=StoredClientRegistry(store, catalogue),
            keys=keys,
            catalogue=catalogue,
            replay_store=StoredReplayStore(store),
            now=now,
            events=_events(loaded, written),
            rate_limiter=_limiter(store, written, alone=alone),
            metadata_profile=written.metadata_profile,
            assertion_aud_trailing_slash_tolerant=written.assertion_aud_trailing_slash_tolerant,
            development=loaded.config.development,
        )
    except BaseException:
        store.close()
        raise
    return AssembledServer(server=server, store=store, keys=keys)


def catalogue_of(loaded: LoadedConfig) -> Catalogue:
    """What tokens can be had for: the resources of the servers that `authserver.scopes` names.

    Raises:
        ConfigError: a resource or a scope can't be used.
    """
    scopes: dict[str, list[str]] = {}
    for name, written in authserver_of(loaded).scopes.items():
        scopes.setdefault(loaded.config.servers[name].resource, []).extend(written)
        try:
            Catalogue(scopes)
        except ConfigError as error:
            place = ("authserver", "scopes", name)
            raise loaded.document.error(place, error.problem, error.remedy) from None
    return Catalogue(scopes)


def _events(loaded: LoadedConfig, written: AuthServerConfig) -> EventSink:
    events = written.events
    if events.file is not None:
        return recorded(FileSink(loaded.path(events.file)), events.on_failure)
    return recorded(StreamSink(), events.on_failure) if events.stdout else no_events


def _limiter(store: "Store", written: AuthServerConfig, *, alone: bool) -> RateLimiter:
    limits = RateLimits(
        client=Rate(**dict(written.rate_limits.client)),
        source=Rate(**dict(written.rate_limits.source)),
        failure_cost=written.rate_limits.failure_cost,
    )
    return MemoryRateLimiter(limits) if alone and store.is_local else StoredRateLimiter(store, limits)
