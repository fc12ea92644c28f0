"""`policy-engine token get`: a machine's token, from an authorization server (RFC 6749 section 4.4)."""

import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from policy_engine.cli.console import EXIT_DENY, errors_explained, print_error
from policy_engine.cli.inspection.wording import shown
from policy_engine.cli.options import ConfigOption
from policy_engine.config import authserver_of, load_config
from policy_engine.errors import ConfigError, JoseError, TokenError
from policy_engine.jose import SigningKey
from policy_engine.model.claims import CLIENT_CREDENTIALS
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import (
    ClientCredentials,
    Fetch,
    Fetched,
    HttpFetcher,
    PrivateKeyJwt,
    SecretBasic,
    SecretPost,
    drive,
    find_metadata,
    parse_url,
)

__all__ = ["get"]

_OK: Final = 200
_UNAVAILABLE: Final = "token_endpoint"
_FORM: Final = (("Content-Type", "application/x-www-form-urlencoded"),)


class SecretMethod(StrEnum):
    """How a secret is sent."""

    basic = "client_secret_basic"
    post = "client_secret_post"


def get(
    client: Annotated[str, typer.Argument(help="The client id.")],
    resource: Annotated[
        str, typer.Option("--resource", help="A `resource` of `servers`, which the token is for.")
    ],
    scope: Annotated[
        str | None,
        typer.Option("--scope", help="Scopes, separated by spaces; if left out, the client's default."),
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="A file with the client's secret.")
    ] = None,
    private_key: Annotated[
        Path | None,
        typer.Option("--private-key", help="A file with the client's private JWK, for `private_key_jwt`."),
    ] = None,
    method: Annotated[
        SecretMethod, typer.Option("--method", help="How the client is registered to send its secret.")
    ] = SecretMethod.basic,
    issuer: Annotated[
        str | None,
        typer.Option(
            "--issuer", help="The authorization server's issuer identifier; if left out, `authserver.issuer`."
        ),
    ] = None,
    config: ConfigOption = Path("policy-engine.yaml"),
) -> None:
    """Get a machine's token from an authorization server, and print it alone.

    The server's metadata say where its token endpoint is. Exits with 1 if the server refuses.

    Example: policy-engine token get ci-bot --resource https://mcp.example.com/github --secret-file ci.secret
    """
    with errors_explained():
        url = issuer or authserver_of(load_config(config)).issuer
        credentials = _credentials(client, url, secret_file, private_key, method)
        form = {"grant_type": CLIENT_CREDENTIALS, "resource": resource}
        token, refusal = _ask(url, credentials, form if scope is None else {**form, "scope": scope})
    if refusal:
        print_error(f"the server refused: {refusal}")
        raise typer.Exit(EXIT_DENY)
    typer.echo(token)


def _credentials(
    client: str, issuer: str, secret_file: Path | None, private_key: Path | None, method: SecretMethod
) -> ClientCredentials:
    if private_key is not None and secret_file is None:
        return PrivateKeyJwt(client_id=client, key=_key(private_key), audience=issuer, now=time.time)
    if secret_file is None or private_key is not None:
        raise ConfigError(
            "how does the client prove who it is?", remedy="give either --secret-file or --private-key"
        )
    secret = _read(secret_file).rstrip("\r\n")
    if not secret or not secret.isprintable():
        raise ConfigError(
            "the file holds no secret of one line", remedy="write the secret alone", file=secret_file
        )
    make = SecretPost if method is SecretMethod.post else SecretBasic
    return make(client_id=client, secret=secret)


def _key(file: Path) -> SigningKey:
    try:
        return SigningKey.from_jwk(parse(_read(file)))
    except (JoseError, JsonError):
        raise ConfigError(
            "the file holds no private JWK", remedy="write one private JWK", file=file
        ) from None


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("can't read the file: not UTF-8", file=file) from None


def _ask(issuer: str, credentials: ClientCredentials, form: dict[str, str]) -> tuple[str, str]:
    """Ask for a token: it, or what the server says against it. Credentials go to the issuer's own host alone.

    Raises:
        ConfigError: the server can't be asked, or doesn't answer as one.
    """
    fetcher, endpoint, proof = HttpFetcher(), _endpoint(issuer), credentials.proof()
    body = urlencode([*form.items(), *proof.fields]).encode()
    result = fetcher.fetch(Fetch(endpoint, method="POST", headers=(*_FORM, *proof.headers), body=body))
    if not isinstance(result, Fetched):
        raise _error(f"the token endpoint didn't answer: {result}", "see that it runs")
    try:
        parsed = parse(result.body)
    except JsonError:
        parsed = None
    answer: dict[str, Any] = parsed if isinstance(parsed, dict) else {}
    if result.status != _OK:
        sent = [value for name, value in proof.fields if name != "client_id"]
        return "", _told(result.status, answer, (*sent, getattr(credentials, "secret", "")))
    token = answer.get("access_token")
    if not isinstance(token, str) or not token.isprintable():
        raise _error("the server's answer holds no token", "see what answers there")
    return token, ""


def _endpoint(issuer: str) -> str:
    home = parse_url(issuer)
    if home is None or not home.may_be_fetched(allow_loopback_http=True):
        raise _error("the issuer is neither https nor http on loopback", "give its identifier: --issuer")
    try:
        written = drive(find_metadata(issuer), HttpFetcher()).get("token_endpoint")
    except TokenError as error:
        raise _error(f"the issuer's metadata can't be had: {error.note}", "see that it runs") from None
    found = parse_url(written)
    if not isinstance(written, str) or found is None or found.origin != home.origin:
        raise _error("the metadata name no token endpoint on the issuer's host", "see what answers there")
    return written


def _told(status: int, answer: dict[str, Any], secrets: Iterable[str]) -> str:
    """What the server says of it, in two members; nothing of what it was sent."""
    parts = [answer.get(name) for name in ("error", "error_description")]
    texts = [part for part in parts if isinstance(part, str)]
    kept = [shown(text) for text in texts if not any(secret and secret in text for secret in secrets)]
    return ": ".join([str(status), *kept])


def _error(problem: str, remedy: str) -> ConfigError:
    return ConfigError(problem, remedy=remedy, code=_UNAVAILABLE)
