"""`policy-engine serve authserver`: the authorization server of a configuration."""

from pathlib import Path
from typing import Annotated

import typer

from policy_engine.authserver import Listening, serve_configured
from policy_engine.cli.console import errors_explained
from policy_engine.cli.options import ConfigOption
from policy_engine.errors import ConfigError

__all__ = ["authserver"]


def authserver(
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="The port; 0 for any that is free. If left out: 8080, or that of an http issuer.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="How many processes serve; they share the port.")
    ] = 1,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", help="A PEM file with the certificate chain.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="A PEM file with its key.")] = None,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Run the authorization server that the section `authserver` describes, until SIGTERM or Ctrl-C.

    It gives `client_credentials` tokens to the machines that `policy-engine clients` registered. At
    `/healthz` it says that it runs, at `/readyz` that it could issue a token now. No request is logged; the
    record of each is what `authserver.events` says.

    Example: policy-engine serve authserver --port 8080
    """
    with errors_explained():
        serve_configured(
            config, host=host, port=port, workers=workers, tls=_tls(tls_cert, tls_key), announce=_announce
        )


def _tls(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise ConfigError("a certificate goes with its key", remedy="give both --tls-cert and --tls-key")
    return certificate, key


def _announce(listening: Listening) -> None:
    typer.echo(f"listening at {listening.url}, as the issuer {listening.issuer}")
    if listening.exposed:
        typer.echo(
            "warning: others can connect without TLS; put a proxy in front that ends it, and name that under "
            "`authserver.trusted_proxies`, or give --tls-cert and --tls-key",
            err=True,
        )
    elif listening.unnamed_proxy:
        typer.echo(
            "warning: the issuer is https, and TLS isn't ended here; name the proxy that ends it under "
            "`authserver.trusted_proxies`, or all requests count as from that one, and share its limits",
            err=True,
        )
