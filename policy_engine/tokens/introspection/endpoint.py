"""Where an issuer is asked: where the operator says, or where its metadata do (RFC 8414 section 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from policy_engine.errors import ConfigError, TokenError
from policy_engine.tokens.discovery import find_metadata, trusted_address
from policy_engine.tokens.fetching import Steps
from policy_engine.tokens.introspection.answer import introspection_unavailable
from policy_engine.tokens.urls import parse_url

__all__ = ["Endpoint"]

MAX_AGE_SECONDS: Final = 600
COOLDOWN_SECONDS: Final = 10
"""Between two attempts to read metadata that couldn't be read."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of one attempt: the address, or detail and note of why there is none."""

    at: float
    uri: str | None
    problem: tuple[str, str]


class Endpoint:
    """The introspection endpoint of one issuer; many threads and an event loop may share one.

    Args:
        uri: where the operator says it is; trusted. None: ask the issuer's metadata, and believe them only
            about the issuer's own host, since whoever could change them would otherwise be sent our tokens.
        issuer_url: the exact `iss`.
        now: the time, in seconds.
        allow_loopback_http: development only: http on this machine will do.

    Raises:
        ConfigError: the address to ask isn't https (or http on this machine, where that is allowed).
    """

    def __init__(
        self, *, uri: str | None, issuer_url: str, now: Callable[[], float], allow_loopback_http: bool = False
    ) -> None:
        url = parse_url(issuer_url if uri is None else uri)
        if url is None or not url.may_be_fetched(allow_loopback_http=allow_loopback_http):
            what = "the issuer" if uri is None else "its introspection endpoint"
            raise ConfigError(
                f"an issuer can't be asked about opaque tokens: {what} isn't an https URL",
                remedy="give the https address of the endpoint as `uri`",
            )
        self._uri = uri
        self._issuer_url = issuer_url
        self._now = now
        self._found: _Found | None = None

    def find(self) -> Steps[str]:
        """The address of the endpoint; one that was found before is used on while metadata can't be had.

        Raises:
            TokenError: `introspection_unavailable` (`no_endpoint`, `untrusted_endpoint`, and those of
                `find_metadata`).
        """
        if self._uri is not None:
            return self._uri
        found = self._found
        if found is None or not self._fresh(found):
            found = self._found = yield from self._look(found)
        if found.uri is None:
            raise introspection_unavailable(*found.problem)
        return found.uri

    def _look(self, before: _Found | None) -> Steps[_Found]:
        began = self._now()
        try:
            metadata = yield from find_metadata(self._issuer_url)
        except TokenError as error:
            known = None if before is None else before.uri
            return _Found(began, known, (error.detail or "", error.note))
        written = metadata.get("introspection_endpoint")
        uri = trusted_address(written, self._issuer_url)
        if uri is not None:
            return _Found(began, uri, ("", ""))
        if written is None:
            return _Found(
                began, None, ("no_endpoint", "the issuer's metadata name no introspection endpoint")
            )
        wrong = "isn't a URL" if parse_url(written) is None else "isn't on the issuer's host"
        note = f"the metadata's `introspection_endpoint` {wrong}"
        return _Found(began, None, ("untrusted_endpoint", note))

    def _fresh(self, found: _Found) -> bool:
        period = COOLDOWN_SECONDS if found.problem[0] else MAX_AGE_SECONDS
        return 0 <= self._now() - found.at < period  # a clock that was set back counts as long ago
