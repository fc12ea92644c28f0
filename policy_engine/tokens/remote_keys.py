"""Keys that an issuer publishes, kept, and asked for anew as seldom as safety allows.

- Kept for `max_age`; then the next caller fetches, the others go on with what is known.
- A `kid` that isn't known makes one caller fetch, at most once per `cooldown`: anybody can invent a `kid`.
- The last good keys outlive an outage: a key set is replaced by a key set, never by an error; but not one
  that is longer than `max_staleness`, since a key may have been withdrawn in the meantime.
- Where no keys are known, at the start or after such an outage, there is nothing to go on with. Up to
  `FIRST_LOADS` callers fetch, and wait; the others are refused at once (`fetch_under_way`), since anybody can
  name a slow issuer in a forged token, and must not tie up all threads with that. So in the first burst of
  good requests some are refused, too, for as long as one fetch takes.
- A first load that fails is remembered for the cool-down; so is one that is given up.
- A lock guards the state and is never held while something is fetched.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from policy_engine.errors import ConfigError, TokenError
from policy_engine.jose import KeySet
from policy_engine.tokens.discovery import fetch_document, find_jwks_uri, parse_key_set, unavailable
from policy_engine.tokens.fetching import Steps
from policy_engine.tokens.urls import parse_url

__all__ = ["FIRST_LOADS", "RemoteKeys"]

FIRST_LOADS: Final = 4
"""Callers that may fetch the first keys at once; more than one, since one fetch may have bad luck."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What is known; replaced, never changed.

    Attributes:
        keys: the last good keys.
        body: the document that they came in.
        order: of the fetch that brought them.
        loaded_at: when that fetch began.
        attempted_at: when a fetch last began, after a rest.
        attempts: fetches that began then, or since.
        problem: detail and note of one of them that failed; None while none has.
    """

    keys: KeySet | None = None
    body: bytes = b""
    order: int = 0
    loaded_at: float = 0
    attempted_at: float | None = None
    attempts: int = 0
    problem: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One fetch: when it began, and after how many others; clocks run backwards, counters don't."""

    began: float
    order: int


class RemoteKeys:
    """The published keys of one issuer.

    Args:
        jwks_uri: where the operator says they are; None: ask the issuer's metadata.
        issuer_url: the exact `iss`.
        now: the time, in seconds.
        max_age: seconds that keys are used without asking again.
        cooldown: seconds between two attempts.
        max_staleness: seconds that keys are used while the issuer can't be asked again.
        allow_loopback_http: development only: http on this machine will do.

    Attributes:
        refreshed: is told of each attempt whether it brought keys; whoever observes sets it.

    Raises:
        ConfigError: the address to ask isn't https (or http on this machine, where that is allowed).
    """

    def __init__(
        self,
        *,
        jwks_uri: str | None,
        issuer_url: str,
        now: Callable[[], float],
        max_age: float = 600,
        cooldown: float = 30,
        max_staleness: float = 86_400,
        allow_loopback_http: bool = False,
    ) -> None:
        url = parse_url(issuer_url if jwks_uri is None else jwks_uri)
        if url is None or not url.may_be_fetched(allow_loopback_http=allow_loopback_http):
            what = "the issuer" if jwks_uri is None else "the address of its keys"
            raise ConfigError(
                f"the keys of an issuer can't be fetched: {what} isn't an https URL",
                remedy="give the keys in a file, or the https address of the JWK Set",
            )
        self._jwks_uri = jwks_uri
        self._issuer_url = issuer_url
        self._now = now
        self.refreshed: Callable[[bool], None] = lambda _ok: None
        self._max_age = max_age
        self._cooldown = cooldown
        self._max_staleness = max_staleness
        self._lock = threading.Lock()
        self._state = _State()
        self._begun = 0

    def keys(self, kid: str | None, /) -> Steps[KeySet]:
        """The keys now: those that are known, or those that are fetched for this call.

        Raises:
            TokenError: `keys_unavailable`: none are known, and none can be had.
        """
        known = self._known_or_begin(kid, self._now())
        if isinstance(known, KeySet):
            return known
        try:
            uri = self._jwks_uri or (yield from find_jwks_uri(self._issuer_url))
            body = yield from fetch_document(uri)
            fresh = parse_key_set(body)
        except TokenError as error:
            self.refreshed(False)  # noqa: FBT003 -- it takes nothing else
            return self._failed(error, self._now())
        self.refreshed(True)  # noqa: FBT003 -- likewise
        return self._loaded(fresh, body, known)

    def current(self, kid: str | None, /) -> KeySet | None:
        """The known keys, if nobody has to ask for newer ones; states never change, so no lock is held."""
        state, now = self._state, self._now()
        keys = state.keys
        if keys is None or abs(now - state.loaded_at) >= self._max_staleness:
            return None
        fresh = _within(self._max_age, state.loaded_at, now) and (kid is None or kid in keys)
        return keys if fresh else None

    def _known_or_begin(self, kid: str | None, now: float) -> KeySet | _Attempt:
        """The known keys, or the attempt that falls to this call."""
        with self._lock:
            state = self._usable(now)
            rested = not _within(self._cooldown, state.attempted_at, now)
            if state.keys is None:
                return self._begin(now, rested=rested)
            fresh = _within(self._max_age, state.loaded_at, now) and (kid is None or kid in state.keys)
            return state.keys if fresh or not rested else self._begin(now, rested=True)

    def _begin(self, now: float, *, rested: bool) -> _Attempt:
        """Note an attempt, before anything is fetched: whoever comes next must not fetch as well."""
        state = self._state
        if rested:
            self._state = replace(state, attempted_at=now, attempts=1, problem=None)
        elif state.problem is not None:
            raise unavailable(*state.problem)
        elif state.attempts >= FIRST_LOADS:
            raise unavailable("fetch_under_way", "the issuer's keys are being fetched")
        else:
            self._state = replace(state, attempts=state.attempts + 1)
        self._begun += 1
        return _Attempt(now, self._begun)

    def _loaded(self, fresh: KeySet, body: bytes, attempt: _Attempt) -> KeySet:
        with self._lock:
            state = self._state
            if state.keys is not None and state.order > attempt.order:
                return state.keys  # a fetch that began later was faster
            # The same document is the same object, so that what was verified with it stays verified.
            keys = state.keys if state.keys is not None and state.body == body else fresh
            self._state = _State(
                keys=keys,
                body=body,
                order=attempt.order,
                loaded_at=attempt.began,
                attempted_at=attempt.began,
            )
            return keys

    def _failed(self, error: TokenError, now: float) -> KeySet:
        with self._lock:
            state = replace(self._usable(now), problem=(error.detail or "", error.note))
            self._state = state
            if state.keys is None:
                raise error
        _log.warning("keys of %s stay as they were: %s", self._issuer_url, error)
        return state.keys

    def _usable(self, now: float) -> _State:
        """What is known, after keys that are too old were forgotten."""
        state = self._state
        # A clock that was set back by a second makes no keys old; one that was set back by more than keys
        # may be old says nothing of their age.
        if state.keys is not None and abs(now - state.loaded_at) >= self._max_staleness:
            self._state = state = replace(state, keys=None, body=b"")
        return state


def _within(period: float, since: float | None, now: float) -> bool:
    """Whether less than `period` has passed; a clock that was set back counts as long ago."""
    return since is not None and 0 <= now - since < period
