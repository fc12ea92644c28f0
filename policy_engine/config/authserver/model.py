"""The shape of the section `authserver`."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, field_validator

from policy_engine.config.kept import KeptConfig
from policy_engine.config.texts import FilePath, Networks, Text, Texts
from policy_engine.files import FileModel

__all__ = ["AuthServerConfig", "EncryptionKeyConfig", "EventsConfig", "RateConfig", "RateLimitsConfig"]

Algorithm = Literal["ES256", "ES384", "ES512", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]


class EncryptionKeyConfig(KeptConfig):
    """What the signing keys in the store are encrypted with: exactly one of the two.

    It is 32 bytes, base64url, as `policy-engine keys encryption-key` writes them; several, one a line or with
    commas between them, while one is replaced: the first encrypts, and any decrypts.
    """

    file: FilePath | None = None
    """A file that holds it, and that nobody but its owner can read."""


class EventsConfig(FileModel):
    """Where the record of each request for a token goes."""

    file: FilePath | None = None
    """Appended to, one JSON line a request."""
    stdout: bool = False
    """Write to standard output instead."""
    on_failure: Literal["deny", "allow"] = "deny"
    """What becomes of a request that can't be recorded."""


class RateConfig(FileModel):
    """How often something may happen."""

    per_second: Annotated[float, Field(gt=0, le=100_000)]
    """As often in the long run."""
    burst: Annotated[float, Field(ge=1, le=1_000_000)]
    """As often at once."""


class RateLimitsConfig(FileModel):
    """How many requests for tokens are answered; beyond that the answer is 429."""

    client: RateConfig = RateConfig(per_second=20, burst=200)
    """Of one client from one source: others can't use up what is a client's."""
    source: RateConfig = RateConfig(per_second=100, burst=1000)
    """From one source, whatever clients it names."""
    failure_cost: Annotated[int, Field(ge=1, le=1000)] = 10
    """As how many requests a failed authentication counts."""


class AuthServerConfig(FileModel):
    """An authorization server for registered machines, which `policy-engine serve authserver` runs."""

    issuer: Text
    """Its issuer identifier; an issuer under `issuers`, with the profile `policy-engine`, has the same."""
    store: Text = Field(repr=False)
    """The database: the path of an SQLite file, or `postgresql://…`; with a password as `${NAME}`."""
    key_encryption: EncryptionKeyConfig
    """What the signing keys in the store are encrypted with."""
    scopes: Annotated[dict[Text, Texts], Field(min_length=1)]
    """By server, the scopes that tokens for it can be had with; its `resource` is what they are for."""
    signing_algorithm: Algorithm = "ES256"
    """What new signing keys sign with; old ones go on until they are rotated."""
    metadata_profile: Literal["strict", "sdk_compat", "conformance"] = "sdk_compat"
    """What the metadata say beyond the truth, for clients that need it."""
    assertion_aud_trailing_slash_tolerant: bool = False
    """Whether the audience of an assertion may have a slash after the issuer."""
    events: EventsConfig = EventsConfig()
    """Where requests for tokens are recorded."""
    rate_limits: RateLimitsConfig = RateLimitsConfig()
    """How many requests for tokens are answered."""
    trusted_proxies: Networks = ()
    """Networks whose `X-Forwarded-For` tells where a request is from; of others it is ignored."""

    @field_validator("scopes")
    @classmethod
    def _some(cls, written: dict[str, Iterable[str]]) -> dict[str, Iterable[str]]:
        if not all(written.values()):
            raise ValueError("each server needs at least one scope")
        return written
