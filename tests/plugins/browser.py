"""Chromium without a window, where it is installed: pages as a real browser has them.

Spoken to over a pair of pipes (`--remote-debugging-pipe`): JSON, a NUL after each message.
https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.postgres import require

__all__ = ["Browser", "Page", "browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)

_SECONDS = 30

_TO_BROWSER, _FROM_BROWSER = 3, 4
"""The descriptors that Chromium reads and writes."""


class Browser:
    """One process.

    Args:
        program: Chromium.
        folder: an empty folder of its own.
    """

    def __init__(self, program: str, folder: Path) -> None:
        heard, self._write = os.pipe()
        self._read, said = os.pipe()
        command = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
        # A shell puts the pipes where Chromium looks for them.
        plumbing = f'exec "$@" {_TO_BROWSER}<&{heard} {_FROM_BROWSER}>&{said}'
        with (folder.parent / "chromium.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["bash", "-c", plumbing, "bash", *command],
                pass_fds=(heard, said),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(heard)
        os.close(said)
        self._numbers = count(1)
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command, and wait for its answer; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _SECONDS
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait(self, event: str, session: str) -> None:
        """Wait for an event."""
        until = time.monotonic() + _SECONDS
        while not any(e.get("method") == event and e.get("sessionId") == session for e in self.events):
            self.events.append(self._next(until))

    def open(self, url: str, *, width: int = 1280, height: int = 900) -> "Page":
        """A new page, loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        for domain in ("Page", "Network", "Log", "Runtime", "Audits"):
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        page.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired", session)
        return page

    def close(self) -> None:
        """End it."""
        try:
            self.call("Browser.close")
            self._process.wait(_SECONDS)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(_SECONDS)
        finally:
            os.close(self._write)
            os.close(self._read)

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
            assert ready, "Chromium doesn't answer"
            some = os.read(self._read, 1 << 16)
            assert some, "Chromium ended"
            self._rest += some
        message, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class Page:
    """One page that a browser shows."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command to this page."""
        return self._browser.call(method, self._session, **params)

    def value(self, script: str) -> Any:
        """What an expression of JavaScript comes to, as JSON."""
        told = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def emulate(self, *, media: str = "", **features: str) -> None:
        """Show it as for another medium, or another wish of its reader: `prefers_color_scheme="dark"`."""
        wishes = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=wishes)

    def events(self, method: str) -> list[Mapping[str, Any]]:
        """What the browser told of it."""
        return [
            event["params"]
            for event in self._browser.events
            if event.get("method") == method and event.get("sessionId") == self._session
        ]

    def picture(self) -> bytes:
        """All of it as a PNG."""
        told = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(told["data"])

    def paper(self) -> bytes:
        """All of it as a PDF."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", targetId=self._target)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; started when the first test asks for it."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    require(program, "Chromium")
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="policy-engine-chromium-"))
    (folder / "profile").mkdir()
    running = Browser(program, folder / "profile")
    try:
        yield running
    finally:
        running.close()
        shutil.rmtree(folder, ignore_errors=True)
