"""From a configuration to an authorization server whose parts are in its store."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from policy_engine.audit import FileSink, StreamSink
from policy_engine.authserver.catalogue import Catalogue
from policy_engine.authserver.client_auth import SHARE, ReplayStore, share_of
from policy_engine.authserver.events import EventSink, no_events
from policy_engine.authserver.haste import HastyLimiter, HastyReplays
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
from policy_engine.config import (
    AuthServerConfig,
    LoadedConfig,
    authserver_of,
    sealer_of,
    store_of,
    store_url,
)
from policy_engine.errors import AuditError, ConfigError

if TYPE_CHECKING:  # of an extra
    from policy_engine.storage import Store

__all__ = ["AssembledServer", "assemble_server", "authorization_server", "catalogue_of"]

_HASTE: Final = 0.05
"""Seconds that whoever is in haste waits for a locked store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledServer:
    """A server, and what it stands on.

    Attributes:
        server: answers requests; it may wait for the store for seconds.
        hasty: the same for whoever can't wait, as it raises BusyError; None where the store is elsewhere.
        store: where clients, keys and used assertions are.
        keys: what signs.
        clients: who is registered.
        check_record: raises an AuditError if no request could be recorded, and none must be answered then.
        close: lets go of the store.
    """

    server: AuthorizationServer
    hasty: AuthorizationServer | None = field(repr=False)
    store: "Store" = field(repr=False)
    keys: StoredKeys = field(repr=False)
    clients: StoredClientRegistry = field(repr=False)
    check_record: Callable[[], None] = field(repr=False)
    close: Callable[[], None] = field(repr=False)

    def check(self) -> None:
        """See whether a token could be issued now; nothing is changed, and no line is written.

        Raises:
            PolicyEngineError: it couldn't.
        """
        self.store.clients.change(
            (), expected_version=None, now=0
        )  # a change of nothing: can it be written to?
        self.clients.find("")
        self.keys.check()
        self.check_record()


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
    written, sealer, catalogue = authserver_of(loaded), sealer_of(loaded), catalogue_of(loaded)
    events, limits = _events(loaded, written), _limits(written)
    share = max(SHARE, share_of(limits))

    server = partial(_server, loaded=loaded, catalogue=catalogue, events=events, now=now)

    def keys_of(store: "Store") -> StoredKeys:
        return StoredKeys(store, sealer, algorithm=written.signing_algorithm, now=now)

    with ExitStack() as opened:
        store = store_of(loaded)
        opened.callback(store.close)
        in_memory = MemoryRateLimiter(limits) if alone and store.is_local else None
        keys, clients = keys_of(store), StoredClientRegistry(store, catalogue)
        limiter: RateLimiter = in_memory or StoredRateLimiter(store, limits)
        patient, hasty = server(keys, clients, StoredReplayStore(store, per_client=share), limiter), None
        if store.is_local:
            quick = _hasty_store(loaded, written)
            opened.callback(quick.close)
            replays = HastyReplays(StoredReplayStore(quick, per_client=share))
            limiter = in_memory or HastyLimiter(StoredRateLimiter(quick, limits))
            hasty = server(keys_of(quick), StoredClientRegistry(quick, catalogue), replays, limiter)
        return AssembledServer(
            server=patient,
            hasty=hasty,
            store=store,
            keys=keys,
            clients=clients,
            check_record=lambda: _check_record(loaded, written),
            close=opened.pop_all().close,
        )


def _server(
    keys: StoredKeys,
    clients: StoredClientRegistry,
    replays: ReplayStore,
    limiter: RateLimiter,
    *,
    loaded: LoadedConfig,
    catalogue: Catalogue,
    events: EventSink,
    now: Callable[[], float],
) -> AuthorizationServer:
    written = authserver_of(loaded)
    return AuthorizationServer(
        issuer=written.issuer,
        clients=clients,
        keys=keys,
        catalogue=catalogue,
        replay_store=replays,
        now=now,
        events=events,
        rate_limiter=limiter,
        metadata_profile=written.metadata_profile,
        assertion_aud_trailing_slash_tolerant=written.assertion_aud_trailing_slash_tolerant,
        development=loaded.config.development,
    )


def _hasty_store(loaded: LoadedConfig, written: AuthServerConfig) -> "Store":
    """The same file once more, for whoever can't wait."""
    from policy_engine.storage import open_store  # noqa: PLC0415 -- of an extra

    return open_store(store_url(loaded, written.store), create=False, wait=_HASTE)


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


def _check_record(loaded: LoadedConfig, written: AuthServerConfig) -> None:
    file = written.events.file
    if file is None or written.events.on_failure == "allow":
        return
    path = loaded.path(file)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_APPEND))
    except FileNotFoundError:
        # It is made with the first line.
        writable = os.access(path.parent, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    else:
        writable = True
    if not writable:
        raise AuditError("audit_failed", "the record of requests can't be written to")


def _limits(written: AuthServerConfig) -> RateLimits:
    return RateLimits(
        client=Rate(**dict(written.rate_limits.client)),
        source=Rate(**dict(written.rate_limits.source)),
        failure_cost=written.rate_limits.failure_cost,
    )
