"""A thread that loads what changed once it stands still, and keeps what was there if anything is wrong."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from policy_engine.config import Check, LoadedConfig, Stages
from policy_engine.engine.engine import PolicyEngine
from policy_engine.engine.reloading.files import Files, Seen
from policy_engine.errors import ConfigError

__all__ = ["PolicyWatcher"]

_log = logging.getLogger("policy_engine")

_MOST_TOLD: Final = 10
"""Reasons that one refusal tells the log."""

_RESTLESS: Final = 30
"""Looks in a row of which each finds something else, after which the log hears of it."""

_JOIN_SECONDS: Final = 10.0

_Wish = Literal["load", "end"]


class PolicyWatcher:
    """Loads an engine's configuration anew when it is asked to, and when files changed if that is configured.

    A file counts once two looks in a row find all files alike, so that one that is half written doesn't. What
    is loaded comes into force if all of it can be used, the files stood still meanwhile, and no check raises;
    else what was loaded before stays, and the log says why. That is tried again when files change again.

    Args:
        engine: whose configuration it is.
        checks: what has to hold of what was loaded; called in the thread of the watcher.
        also: names further files, whose change is one, too.
        watch: whether files are watched; None for what the configuration in force says.
        every: seconds between two looks; None for what the configuration in force says.
        since: when loading the engine began, in seconds since the epoch: what was written later has changed.
    """

    def __init__(
        self,
        engine: PolicyEngine,
        *,
        checks: Sequence[Check] = (),
        also: Callable[[LoadedConfig], Iterable[Path]] = lambda _: (),
        watch: bool | None = None,
        every: float | None = None,
        since: float | None = None,
    ) -> None:
        self._engine = engine
        self._checks = tuple(checks)
        self._files = Files(lambda: engine.stages.loaded, also)
        self._watch, self._every = watch, every
        self._since = time.time() if since is None else since
        self._wake: queue.SimpleQueue[_Wish] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._tried: Seen | None = None
        self._pending: Seen | None = None
        self._restless = 0

    def start(self) -> Self:
        """Begin; what was written since the engine was loaded is loaded soon."""
        if self._thread is None:
            self._begin()
            self._thread = threading.Thread(target=self._run, name="policy-watcher", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """End; what is being loaded may still come into force."""
        if self._thread is not None:
            self._wake.put("end")
            self._thread.join(_JOIN_SECONDS)
            self._thread = None

    def request(self) -> None:
        """Have everything loaded anew soon, changed or not; signal handlers may call it."""
        self._wake.put("load")

    def reload(self) -> bool:
        """Load everything anew, now and in this thread; whether it is in force. Never raises."""
        seen = self._look()
        self._tried = seen
        try:
            self._engine.reload(checks=(partial(self._stood_still, seen), *self._checks))
        except ConfigError as error:
            self._refused(error)
            return False
        except Exception as error:  # noqa: BLE001 -- the outermost handler: whatever it is, decisions go on
            _log.error("loading anew failed, and what was loaded stays in force: %s", type(error).__name__)
            return False
        stages = self._engine.stages
        _log.warning(
            "loaded anew: generation %d, %d policies, digest %s",
            stages.generation,
            len(stages.policies.policies),
            stages.digest,
        )
        return True

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _run(self) -> None:
        while True:
            reload = self._engine.stages.loaded.config.reload
            watched = reload.watch if self._watch is None else self._watch
            pause = reload.every if self._every is None else self._every
            asked = self._waited(pause if watched else None)
            if asked == "end":
                return
            try:
                if asked == "load" or (watched and self._due()):
                    self.reload()
            except Exception as error:  # noqa: BLE001 -- a thread that ends would watch nothing, unnoticed
                _log.error("a bug: looking at files failed: %s", type(error).__name__)

    def _waited(self, pause: float | None) -> _Wish | None:
        """What was asked for meanwhile, however often; None if time is up."""
        asked: _Wish | None = None
        with suppress(queue.Empty):
            asked = self._wake.get(timeout=pause)
            while asked != "end":
                asked = self._wake.get_nowait()
        return asked

    def _begin(self) -> None:
        seen = self._look()
        self._tried = None if seen.written_since(self._since) else seen

    def _look(self) -> Seen:
        return self._files.look()

    def _due(self) -> bool:
        """Whether files are otherwise than when they were last loaded, and stand still."""
        seen = self._look()
        if self._tried is not None and seen.says_the_same(self._tried):
            self._pending, self._restless = None, 0
            return False
        if seen == self._pending:
            self._pending, self._restless = None, 0
            return True
        self._pending = seen
        self._restless += 1
        if self._restless == _RESTLESS:
            _log.warning("files change all the time, and so aren't loaded; what was loaded stays in force")
        return False

    def _stood_still(self, before: Seen, _stages: Stages) -> None:
        if self._look() != before:
            self._tried = None
            raise ConfigError(
                "files changed while they were loaded", remedy="they are loaded again once they stand still"
            )

    def _refused(self, error: ConfigError) -> None:
        generation = self._engine.stages.generation
        _log.error("not loaded, and generation %d stays in force: %s", generation, error)
        for other in error.others[: _MOST_TOLD - 1]:
            _log.error("not loaded, also because of: %s", other)
        if len(error.others) >= _MOST_TOLD:
            _log.error("and %d more reasons", len(error.others) - _MOST_TOLD + 1)
