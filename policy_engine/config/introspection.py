"""The introspection section of an issuer: how it is asked about opaque tokens, and as whom."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from policy_engine.config.texts import FilePath, Text
from policy_engine.errors import ConfigError, JoseError
from policy_engine.files import FileModel
from policy_engine.jose import SigningKey
from policy_engine.model.strict_json import JsonError, parse
from policy_engine.tokens import (
    ClientCredentials,
    Introspection,
    NoCredentials,
    PrivateKeyJwt,
    SecretBasic,
    SecretPost,
    is_prefix,
)

__all__ = ["IntrospectionConfig", "make_introspection"]

MAX_CACHE_SECONDS: Final = 60


class IntrospectionConfig(FileModel):
    """How an issuer is asked about opaque tokens (RFC 7662), and by which credentials."""

    uri: Text | None = None
    """The https address of its endpoint; omitted: from its metadata, on its own host."""
    client_id: Text
    """The id that we have at the issuer."""
    client_secret: Text | None = Field(
        default=None, repr=False, json_schema_extra={"pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}
    )
    """Our secret there: the name of a variable, `${NAME}`, and nothing else."""
    client_secret_file: FilePath | None = None
    """A file that holds the secret, and nothing else."""
    key: FilePath | None = None
    """A private JWK, in place of a secret; for `private_key_jwt`."""
    method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = "client_secret_basic"
    """How we prove who we are."""
    cache_seconds: Annotated[int, Field(ge=0, le=MAX_CACHE_SECONDS)] = 10
    """How long an answer counts, and so how long a token that was revoked is still taken."""
    prefixes: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """What every opaque token of this issuer begins with; others aren't sent there."""

    @field_validator("prefixes")
    @classmethod
    def _of_tokens(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(is_prefix(prefix) for prefix in prefixes):
            raise ValueError("each should be of letters, digits and `-._~+/`")
        return prefixes

    @field_validator("client_secret")
    @classmethod
    def _of_one_line(cls, secret: str | None) -> str | None:
        return None if secret is None else _one_line(secret)

    @model_validator(mode="after")
    def _credentials(self) -> "IntrospectionConfig":
        secrets = [self.client_secret, self.client_secret_file]
        if self.method == "private_key_jwt":
            if self.key is None or secrets != [None, None]:
                raise ValueError("`private_key_jwt` takes `key`, and no secret")
        elif self.key is not None:
            raise ValueError("`key` goes with `method: private_key_jwt`")
        elif secrets.count(None) != 1:
            raise ValueError("give exactly one of `client_secret` and `client_secret_file`")
        return self


def make_introspection(
    written: IntrospectionConfig,
    *,
    issuer_url: str,
    now: Callable[[], float],
    path: Callable[[Path], Path],
    development: bool,
    with_credentials: bool,
) -> Introspection:
    """What stage 1 asks the issuer with.

    Args:
        written: the section.
        issuer_url: the exact `iss`.
        now: the clock.
        path: gives a path of the configuration as the process can open it.
        development: allow loopback http.
        with_credentials: whether to read secrets; without, nobody can be asked.

    Raises:
        ConfigError: a file can't be read or used.
    """
    return Introspection(
        issuer_url=issuer_url,
        uri=written.uri,
        credentials=_credentials(written, issuer_url, now, path) if with_credentials else NoCredentials(),
        now=now,
        cache_seconds=written.cache_seconds,
        prefixes=written.prefixes,
        allow_loopback_http=development,
    )


def _credentials(
    written: IntrospectionConfig,
    issuer_url: str,
    now: Callable[[], float],
    path: Callable[[Path], Path],
) -> ClientCredentials:
    client_id = written.client_id
    if written.key is not None:
        key = _private_key(path(written.key))
        return PrivateKeyJwt(client_id=client_id, key=key, audience=issuer_url, now=now)
    secret = written.client_secret or _secret(path(written.client_secret_file or Path()))
    method = SecretPost if written.method == "client_secret_post" else SecretBasic
    return method(client_id=client_id, secret=secret)


def _secret(file: Path) -> str:
    try:
        return _one_line(_text(file, "client_secret_file"))
    except ValueError:
        problem = "the file holds no secret of one line"
        raise ConfigError(problem, remedy="write the secret alone", file=file) from None


def _one_line(text: str) -> str:
    """A secret without the line end that editors, and mounted secrets, put behind it.

    Raises:
        ValueError: it has several lines, or none.
    """
    secret = text.rstrip("\r\n")
    if not secret.isprintable() or not secret:
        raise ValueError("should be a secret of one line")
    return secret


def _private_key(file: Path) -> SigningKey:
    remedy = "write one private JWK"
    try:
        return SigningKey.from_jwk(parse(_text(file, "key")))
    except JoseError as error:
        raise ConfigError(f"no private JWK: {error.note}", remedy=remedy, file=file) from None
    except JsonError as error:
        raise ConfigError(f"no private JWK: {error.code}", remedy=remedy, file=file) from None


def _text(file: Path, key: str) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("can't read the file: not UTF-8", file=file) from None
    except (OSError, ValueError) as error:
        # Its name isn't repeated: it may be the secret, written under the wrong key.
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise ConfigError(
            f"can't read the file that `{key}` names: {reason}", remedy="write a path there"
        ) from None
