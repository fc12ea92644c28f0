"""Observers that a configuration asks for, in one process or in several, and where metrics are served."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policy_engine import __version__
from policy_engine.config import LoadedConfig
from policy_engine.model import Observer

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from policy_engine.integrations.metrics import Metrics
    from policy_engine.integrations.tracing import Tracing

__all__ = ["observers_of", "watched"]

_log = logging.getLogger(__name__)

_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client finds where processes count together."""


@contextmanager
def watched(loaded: LoadedConfig, *, workers: int = 1) -> Iterator[tuple[Observer, ...]]:
    """Serve metrics meanwhile, if the configuration says so.

    Args:
        loaded: the configuration.
        workers: how many processes decide. If there are several, each is started meanwhile, and asks
            `observers_of` for its own.

    Yields:
        The observers of this process, if it is the one that decides.

    Raises:
        ConfigError: an extra isn't installed, or others could connect to a configuration for development.
        OSError: the port can't be had.
    """
    with ExitStack() as undo:
        if workers > 1:
            _share(loaded, undo)
            yield ()
            return
        counting, tracing = _counting(loaded), _tracing(loaded)
        if counting is not None:
            _serve(loaded, lambda: counting.registry, undo)
        if tracing is not None:
            undo.callback(tracing.close)
        yield tuple(observer for observer in (counting, tracing) if observer is not None)


def observers_of(loaded: LoadedConfig) -> tuple[Observer, ...]:
    """Observers of one process of several; what they count, the process that started it serves.

    Raises:
        ConfigError: an extra isn't installed.
    """
    return tuple(observer for observer in (_counting(loaded), _tracing(loaded)) if observer is not None)


def _counting(loaded: LoadedConfig) -> "Metrics | None":
    config = loaded.config.metrics
    if config is None:
        return None
    with _extra(loaded, "metrics"):
        from policy_engine.integrations.metrics import Metrics  # noqa: PLC0415 -- an extra
    return Metrics(__version__, tools=config.tools)


def _tracing(loaded: LoadedConfig) -> "Tracing | None":
    config = loaded.config.tracing
    if config is None:
        return None
    with _extra(loaded, "tracing", "otel"):
        from policy_engine.integrations.tracing import Tracing, otlp  # noqa: PLC0415 -- an extra
    return Tracing(
        otlp(config.endpoint, timeout=config.timeout),
        service=config.service,
        sample=config.sample,
        callers=config.callers,
        people=config.people,
    )


def _share(loaded: LoadedConfig, undo: ExitStack) -> None:
    """Have processes that are started from now on count together, and serve what they count."""
    if loaded.config.metrics is None:
        return
    folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="policy-engine-metrics-"))
    before = os.environ.get(_SHARED)
    os.environ[_SHARED] = folder
    undo.callback(_restore, before)
    with _extra(loaded, "metrics"):
        from policy_engine.integrations.metrics import of_processes  # noqa: PLC0415 -- an extra
    _serve(loaded, lambda: of_processes(Path(folder)), undo)


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop(_SHARED, None)
    else:
        os.environ[_SHARED] = before


def _serve(loaded: LoadedConfig, registry: "Callable[[], CollectorRegistry]", undo: ExitStack) -> None:
    config = loaded.config.metrics
    assert config is not None  # noqa: S101 -- there is something to serve
    with _extra(loaded, "metrics"):
        from policy_engine.integrations.metrics import METRICS, Exposition  # noqa: PLC0415 -- an extra
        from policy_engine.serving import listen, serving  # noqa: PLC0415 -- likewise
    host, _, port = config.listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    listener = undo.enter_context(listen(host, int(port), loopback_only=loaded.config.development))
    undo.enter_context(serving(Exposition(registry), listener))
    address, taken = listener.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    _log.info("metrics are at http://%s:%d%s", shown, taken, METRICS)


@contextmanager
def _extra(loaded: LoadedConfig, section: str, extra: str = "metrics") -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("policy_engine"):
            raise
        problem = f"`{error.name.partition('.')[0]}` isn't installed"
        raise loaded.document.error((section,), problem, f"pip install 'policy-engine[{extra}]'") from None
