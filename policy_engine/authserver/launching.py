"""The way to what needs the extra `server`, which is only imported when something is served.

Whoever decides and doesn't issue has no web server and no database library, and needn't wait for them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from policy_engine.authserver.assembling import assemble_server
from policy_engine.authserver.server import AuthorizationServer
from policy_engine.config import AuthServerConfig, authserver_of, load_config
from policy_engine.extras import extra_needed

__all__ = ["Listening", "serve_configured", "serve_loopback"]

_PORT: Final = 8080


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a server listens.

    Attributes:
        url: the base of what it answers, seen from this machine.
        issuer: who it says it is.
        exposed: whether others can connect without TLS.
        unnamed_proxy: whether something in front must end TLS, which isn't named as a trusted proxy.
    """

    url: str
    issuer: str
    exposed: bool
    unnamed_proxy: bool


def serve_configured(
    file: Path,
    *,
    host: str,
    port: int | None,
    workers: int,
    tls: tuple[Path, Path] | None,
    announce: Callable[[Listening], None],
) -> None:
    """Serve the authorization server of a configuration until SIGTERM or SIGINT.

    Whatever can be wrong with it is found before the port is announced: the store is opened, and a key is
    there to sign with.

    Args:
        file: the configuration.
        host: an address or a name; with `development: true` one of this machine alone.
        port: 0 for any that is free; None for the one of the issuer in development, else 8080.
        workers: how many processes serve.
        tls: files of a certificate and its key.
        announce: told where it listens.

    Raises:
        ConfigError: something can't be used, or the extra isn't installed.
        PolicyEngineError: the store can't be reached, or no key signs.
        OSError: the port is taken.
    """
    loaded = load_config(file)
    written, development = authserver_of(loaded), loaded.config.development
    with extra_needed():
        from policy_engine import serving  # noqa: PLC0415 -- of an extra
        from policy_engine.authserver.serving import application_maker  # noqa: PLC0415 -- likewise
    assembled = assemble_server(loaded, alone=workers == 1)
    try:
        assembled.check()
        port = _port(written.issuer, development=development) if port is None else port
        with serving.listen(host, port, loopback_only=development) as listener:
            address, port = listener.getsockname()[:2]
            exposed = tls is None and not serving.is_loopback(address)
            listening = _listening(written, address, port, secure=tls is not None, exposed=exposed)
            serving.run(
                application_maker(loaded, assembled, file, workers=workers),
                listener,
                workers=workers,
                tls=tls,
                trusted_proxies=written.trusted_proxies,
                ready=lambda: announce(listening),
            )
    finally:
        assembled.close()


def _listening(
    written: AuthServerConfig, address: str, port: int, *, secure: bool, exposed: bool
) -> Listening:
    shown = f"[{address}]" if ":" in address else address
    behind = not secure and written.issuer.startswith("https:")
    return Listening(
        url=f"{'https' if secure else 'http'}://{shown}:{port}",
        issuer=written.issuer,
        exposed=exposed,
        unnamed_proxy=behind and not written.trusted_proxies,
    )


def _port(issuer: str, *, development: bool) -> int:
    url = urlsplit(issuer)
    return url.port or _PORT if development and url.scheme == "http" else _PORT


@contextmanager
def serve_loopback(
    make_server: Callable[[str], AuthorizationServer], *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[str]:
    """Serve on this machine while the context lasts, for development and demonstrations.

    Args:
        make_server: makes the server from its base URL, which is only known once the port is.
        host: a loopback address of IPv4.
        port: 0 for any that is free.

    Yields:
        The base URL, `http://127.0.0.1:<port>`.

    Raises:
        ConfigError: `host` isn't a loopback address, or the extra isn't installed.
        OSError: the port is taken.
    """
    with extra_needed():
        from policy_engine.authserver.serving import on_loopback  # noqa: PLC0415 -- of an extra
    with on_loopback(make_server, host=host, port=port) as base:
        yield base
