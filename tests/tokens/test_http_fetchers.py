"""Fetching over HTTP, in a thread and in an event loop, from a server that misbehaves."""

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from policy_engine.tokens import (
    MAX_BODY_BYTES,
    AsyncHttpFetcher,
    Fetch,
    Fetched,
    FetchFailed,
    FetchResult,
    HttpFetcher,
)

Get = Callable[..., FetchResult]


def test_a_document_is_fetched(site: Any, get: Get) -> None:
    """One GET, whatever the status, with the headers that we want it to have."""
    site.put("/keys", b'{"keys":[]}')
    site.put("/gone", b"gone", status=410)

    assert get(site.url + "/keys") == Fetched(200, b'{"keys":[]}')
    assert get(site.url + "/gone") == Fetched(410, b"gone")
    assert [(sent["Accept"], sent["Accept-Encoding"]) for sent in site.requests] == [
        ("application/json", "identity")
    ] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site: Any, get: Get, status: int) -> None:
    """It could lead anywhere, inside the network too."""
    site.put("/keys", b"", status=status, headers={"Location": site.url + "/other"})
    site.put("/other", b'{"keys":[]}')

    assert get(site.url + "/keys") == Fetched(status, b"")
    assert site.hits == ["/keys"]


def test_the_largest_body_passes(site: Any, get: Get) -> None:
    """One byte more doesn't."""
    site.put("/large", b"x" * MAX_BODY_BYTES)
    site.put("/larger", b"x" * (MAX_BODY_BYTES + 1))

    assert get(site.url + "/large") == Fetched(200, b"x" * MAX_BODY_BYTES)
    assert get(site.url + "/larger") == FetchFailed("too_large")


def test_a_body_without_end_is_cut(site: Any, get: Get) -> None:
    """It is counted as it arrives, since its length needn't be told."""
    finished = threading.Event()

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(10_000):
                handler.wfile.write(b"x" * 65536)
        except OSError:
            finished.set()

    site.put("/endless", b"")
    site.pages["/endless"].write = write

    assert get(site.url + "/endless") == FetchFailed("too_large")
    assert finished.wait(5)


def test_a_compressed_body_is_not_unpacked(site: Any, get: Get) -> None:
    """We asked for none; a kilobyte could unpack to a gigabyte."""
    site.put("/bomb", gzip.compress(b"0" * 1_000_000), headers={"Content-Encoding": "gzip"})

    assert get(site.url + "/bomb") == FetchFailed("encoded")


def test_a_body_that_breaks_off_is_no_body(site: Any, get: Get) -> None:
    """Half a key set isn't one."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b'{"keys":[]}')

    site.put("/half", b"")
    site.pages["/half"].write = write

    assert get(site.url + "/half") == FetchFailed("connection")


def test_what_is_not_http_is_no_answer(site: Any, get: Get) -> None:
    """Any bytes may come back."""
    site.put("/noise", b"")
    site.pages["/noise"].write = lambda handler: handler.wfile.write(b"\x00\xff\r\n\r\n")

    assert get(site.url + "/noise") == FetchFailed("connection")


@pytest.mark.parametrize(
    "url", ["", "keys", "ftp://h.example/", "http://[", "http://127.0.0.1:99999/", "http://\ud800/", "\x00"]
)
def test_what_is_no_url_is_not_fetched(get: Get, url: str) -> None:
    """A fetcher never raises, not even for this."""
    assert get(url) == FetchFailed("not_a_url")


@pytest.mark.parametrize(
    "host",
    ["no-such-host.invalid", f"{'a' * 70}.invalid", "a..invalid", ".invalid", "[::ffff:ffff:1:1:1:1:1:1:1]"],
)
def test_a_host_that_cannot_be_is_no_answer(get: Get, host: str) -> None:
    """What resolving a name raises is an outage like any other."""
    assert get(f"https://{host}/", timeout=2) == FetchFailed("connection")


def test_the_address_is_asked_for_as_it_is_written(site: Any, get: Get) -> None:
    """Path, query and port; nothing is read twice, and nothing is left out."""
    site.put("/k;v=1/%20?a=b&c=[d]", b"{}")
    site.put("/", b"[]")

    assert get(site.url.upper() + "/k;v=1/%20?a=b&c=[d]") == Fetched(200, b"{}")
    assert get(site.url) == Fetched(200, b"[]")
    assert [sent["Host"] for sent in site.requests] == [site.url.removeprefix("http://")] * 2


def test_a_closed_port_is_no_answer(get: Get) -> None:
    """An outage is a value, too."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        assert get(f"http://127.0.0.1:{port}/") == FetchFailed("connection")


def test_proxies_of_the_environment_are_not_used(
    site: Any, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sets a variable doesn't choose the keys."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.put("/keys", b"{}")

    assert get(site.url + "/keys") == Fetched(200, b"{}")


def test_a_closed_fetcher_opens_again(site: Any) -> None:
    """Closing twice, or before anything was fetched, is no mistake."""
    site.put("/keys", b"{}")
    fetcher = HttpFetcher()
    fetcher.close()
    answers = [fetcher.fetch(Fetch(site.url + "/keys"))]
    fetcher.close()
    fetcher.close()
    answers.append(fetcher.fetch(Fetch(site.url + "/keys")))
    fetcher.close()

    assert answers == [Fetched(200, b"{}")] * 2


def test_one_fetcher_serves_one_event_loop_after_another(site: Any) -> None:
    """No connection outlives its loop."""
    site.put("/keys", b"{}")
    fetcher = AsyncHttpFetcher()
    answers = [asyncio.run(fetcher.fetch(Fetch(site.url + "/keys"))) for _ in range(3)]
    asyncio.run(fetcher.close())
    asyncio.run(fetcher.close())

    assert answers == [Fetched(200, b"{}")] * 3


def test_a_certificate_must_be_trusted(secure_site: tuple[str, ssl.SSLContext], get: Get) -> None:
    """The public certificates by default, or those that the operator names."""
    url, trusting = secure_site

    assert get(url, ssl_context=None) == FetchFailed("connection")
    assert get(url, ssl_context=trusting) == Fetched(200, b"{}")
