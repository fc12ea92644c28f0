"""From a configuration to an application, in this process or in each of several."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from policy_engine.authserver.assembling import AssembledServer, assemble_server
from policy_engine.authserver.serving.application import Application, make_application
from policy_engine.config import LoadedConfig, authserver_of, load_config
from policy_engine.serving import end_with

__all__ = ["application_maker"]


def application_maker(
    loaded: LoadedConfig, assembled: AssembledServer, file: Path, *, workers: int
) -> Callable[[], Application]:
    """What makes the application of a configuration.

    Args:
        loaded: the configuration.
        assembled: its server; used for one worker, and closed for several, since each opens its own.
        file: where the configuration is, for workers to read.
        workers: how many processes are to serve.
    """
    if workers == 1:
        return partial(_application, loaded, assembled)
    assembled.close()
    return partial(_of_worker, file, os.getpid())


def _application(loaded: LoadedConfig, assembled: AssembledServer) -> Application:
    return make_application(
        assembled.server,
        check=assembled.check,
        apart=not assembled.store.is_local,
        hasty=assembled.hasty,
        trusted_proxies=authserver_of(loaded).trusted_proxies,
    )


def _of_worker(file: Path, parent: int) -> Application:
    end_with(parent)
    loaded = load_config(file)
    return _application(loaded, assemble_server(loaded, alone=False))
