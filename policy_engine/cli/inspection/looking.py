"""Look at a token: put it through both stages, check by check."""

import time
from collections.abc import Callable

from policy_engine.cli.inspection.bench import Bench
from policy_engine.cli.inspection.findings import Findings
from policy_engine.cli.inspection.inspection import Inspection
from policy_engine.config import LoadedConfig
from policy_engine.tokens import HttpFetcher, drive

__all__ = ["inspect_token"]


def inspect_token(
    loaded: LoadedConfig,
    token: str,
    server: str | None = None,
    *,
    with_keys: bool = True,
    now: Callable[[], float] = time.time,
) -> Inspection:
    """Put a token through both stages, and keep what was learnt on the way.

    Args:
        loaded: the configuration.
        token: as it came; never a part of the result.
        server: whom it should open; None for any that is configured.
        with_keys: whether to verify the signature; without, the verdict is never `accepted`.
        now: the clock.

    Raises:
        ConfigError: the configuration can't be used, or has no such server.
    """
    bench = Bench.of(loaded, now, with_keys=with_keys)
    audiences = bench.audiences(server)
    steps = bench.verifier.examine(
        token, audiences.any_kind, with_keys=not bench.keyless_because, server=server
    )
    fetcher = HttpFetcher()
    try:
        first = drive(steps, fetcher)
    finally:
        fetcher.close()
    second = None if first.token is None else bench.mapper.examine(first.token)
    return Findings(bench, token, server, first, second).inspection()
