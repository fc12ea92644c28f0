"""Serve on this machine alone, in a thread of this process: for development and demonstrations."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from policy_engine.authserver.server import AuthorizationServer
from policy_engine.authserver.serving.application import make_application
from policy_engine.errors import ConfigError
from policy_engine.serving import listen, serving

__all__ = ["on_loopback"]


@contextmanager
def on_loopback(
    make_server: Callable[[str], AuthorizationServer], *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Serve while the context lasts.

    Args:
        make_server: makes the server from its base URL, which is only known once the port is.
        host: a loopback address of IPv4.
        port: 0 for any that is free.

    Yields:
        The base URL, `http://127.0.0.1:<port>`.

    Raises:
        ConfigError: `host` isn't a loopback address.
        OSError: the port is taken.
    """
    _require_loopback(host)
    with listen(host, port) as listener:
        base = f"http://{host}:{listener.getsockname()[1]}"
        application = make_application(make_server(base), check=lambda: None)
        with serving(application, listener):
            yield base


def _require_loopback(host: str) -> None:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ConfigError(
            "the development server binds loopback addresses only",
            remedy="use 127.0.0.1",
            code="loopback",
        )
