"""uris: one spelling each, and the same parts to every reader."""

from typing import Any
from unicodedata import is_normalized
from urllib.parse import quote, unquote, urlsplit

import httpx2
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from policy_engine.errors import MessageError
from policy_engine.mcp.parameters import MAX_URI, parse_uri
from tests.plugins.samples import samples

PARTS: dict[str, dict[str, Any]] = {
    "test://static-text": {"scheme": "test", "authority": "static-text", "host": "static-text", "path": ""},
    "test://template/123/data": {
        "scheme": "test",
        "authority": "template",
        "host": "template",
        "path": "/123/data",
    },
    "file:///x": {"scheme": "file", "authority": "", "host": "", "path": "/x"},
    "file:///C:/a%20b/": {"scheme": "file", "authority": "", "host": "", "path": "/C:/a%20b/"},
    "https://example.com/": {
        "scheme": "https",
        "authority": "example.com",
        "host": "example.com",
        "path": "/",
    },
    "https://[::1]:8443/a?q=%2F..%2F#f": {
        "scheme": "https",
        "authority": "[::1]:8443",
        "host": "[::1]",
        "port": 8443,
        "path": "/a",
        "query": "q=%2F..%2F",
        "fragment": "f",
    },
    "http://127.0.0.1/": {"scheme": "http", "authority": "127.0.0.1", "host": "127.0.0.1", "path": "/"},
    "memo://Notes/1": {"scheme": "memo", "authority": "Notes", "host": "Notes", "path": "/1"},
    "note://Jane%20Doe": {"scheme": "note", "authority": "Jane%20Doe", "host": "Jane%20Doe", "path": ""},
    "screen://": {"scheme": "screen", "authority": "", "host": "", "path": ""},
    "urn:isbn:0451450523": {"scheme": "urn", "path": "isbn:0451450523"},
    "file:///report%20(1)@b,c.pdf": {
        "scheme": "file",
        "authority": "",
        "host": "",
        "path": "/report%20(1)@b,c.pdf",
    },
    "a:/...;x/%20.b/%E2%80%8D": {"scheme": "a", "path": "/...;x/%20.b/%E2%80%8D"},
    "a:b?c=%28%40": {"scheme": "a", "path": "b", "query": "c=%28%40"},
    "x:?a/../b": {"scheme": "x", "path": "", "query": "a/../b"},
    "a+b-c.d:/%E3%83%A1": {"scheme": "a+b-c.d", "path": "/%E3%83%A1"},
}


@pytest.mark.parametrize(("text", "parts"), PARTS.items(), ids=PARTS.keys())
def test_a_uri_is_taken_apart(text: str, parts: dict[str, Any]) -> None:
    """What isn't there isn't an attribute; what is there is as it was written."""
    assert parse_uri(text).attributes == {"uri": text, **parts}


REFUSED: dict[str, tuple[str, ...]] = {
    "uri": (
        "", "x", "//host/path", "1a:b", ":b", "a b:c", "a:b c", "a:\t", "a:\x00", "a:\x7f", "a:b\n", "a:\\b",
        "a:é", "a:\u00a0", "ａ:b", "a:<b>", 'a:"', "a:{b}", "a:b|c", "a:^", "a:`",  # noqa: RUF001 -- that's it
        "a:%", "a:%4", "a:%zz", "a:%00", "a:%0A", "a:%7F", "a:%C2%80", "a:%FF", "a:%C0%AF", "a:%E3%83",
        "a:b#c#d", "a:/[b]", "x" * 65 + ":y", "x:" + "y" * MAX_URI,
    ),
    "uri_path": (
        "file:///a/../b", "file:///..", "file:///./a", "file:///a/.", "a:..", "a:b/..", "a:../b", "t://h/..;/x",
        "file:///a//b", "file:////etc", "https://h//", "a:b//c", "file:///a%2Fb", "file:///a%5Cb",
        "file:///..%2Fb", "a:b%2F", "file:///a%252Fb", "file:///%2541",
        "file:///a/..%20/b", "file:///%20./b", "file:///.%3B/x", "file:///a/..%3Bx", "file:///..%EF%BB%BF/x",
        "file:///a/.%C2%A0./b", "file:///%EF%BC%8E%EF%BC%8E/x", "file:///a%EF%BC%8Fb", "file:///a%EF%BC%BCb",
        "file:///%E2%80%A5/x", "file:///a%EF%BC%85b", "a:%EF%B9%92env", "t://a%EF%BC%8Fb/",
    ),
    "uri_authority": (
        "https://user@host/", "https://user:pass@host/", "t://@scope/x", "t://a%40b/x", "https:///host/x",
        "http:/host", "http:host", "file:/etc/passwd", "file:etc", "https://:80/", "t://h:/x", "t://h:x/",
        "t://h:65536/", "t://h:080/", "t://h:-1/", "https://[::1/", "https://[::1]x/", "https://[v1.a]/",
        "https://[fe80::1%251]/", "https://::1/", "https://a%20b/", "https://host./",
        "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://010.0.0.1/", "http://1.2.3.256/",
        "t://a%2Fb/", "t://a%3A1/", "t://a%2541/", "t://a[b/", "t://../x", "t://.",
    ),
    "uri_spelling": (
        "FILE:///x", "Https://h/", "https://Host/", "file:///%61", "file:///a%2E%2E", "file:///%2e%2e/x",
        "a:%7E", "a:%e3%83%a1", "a:%c3%A9", "https://h:443/", "http://h:80", "wss://h:443/", "ftp://h:21/",
        "file://localhost/x", "https://[0:0::1]/", "https://[::FFFF]/", "a:b?c=%41", "a:b#%41", "a:b?",
        "a:b#", "a:b?#c",
        "https://h", "https://h?x", "http://h#x", "wss://h", "ftp://h", "file://h", "file://",
        *(f"file:///a%{ord(char):02X}b" for char in "!$&'()*+,;=:@"), "file:///%40private/x", "t://a%28b/",
        "a:cafe%CC%81", "t://cafe%CC%81", "file:///%E2%84%AB",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "detail"), [(text, detail) for detail, texts in REFUSED.items() for text in texts]
)
def test_what_is_no_uri_or_has_two_readings_is_refused(text: str, detail: str) -> None:
    """With the detail that says what is wrong; the URI itself isn't in the error."""
    with pytest.raises(MessageError) as caught:
        parse_uri(text)

    assert (caught.value.code, caught.value.detail) == ("invalid_params", detail)
    assert len(text) < 4 or text not in str(caught.value)


PIECES = st.sampled_from(
    [
        "http:", "https:", "file:", "test:", "HTTP:", "a:", "//", "/", "host", "Host", "127.0.0.1", "[::1]",
        "x", ".", "..", "@", ":80", ":443", ":8080", ":", "?", "#", "a=b", ";", "%2F", "%2e", "%2E", "%5C",
        "%20", "%41", "%25", "%C3%A9", "é", " ", "\t", "\n", "\\", "&", "+", "localhost", "0x7f", "[", "]",
        "%28", "(", "%40", "%3B", "%CC%81", "e", "%EF%BC%8E", "%C2%A0", "%E2%80%8D",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@settings(max_examples=samples(1500))
@example(text="https://host/;x?y#z")
@example(text="test://[::1]:8080/a?b")
@given(text=TEXTS)
def test_other_readers_find_the_same_parts(text: str) -> None:
    """For every URI that is accepted: Python's own reader and that of httpx2."""
    try:
        uri = parse_uri(text)
    except MessageError:
        return
    python = urlsplit(text)

    assert (python.scheme, python.query, python.fragment) == (uri.scheme, uri.query or "", uri.fragment or "")
    assert (python.netloc, python.path or uri.path) == (uri.authority or "", uri.path)
    assert (python.username, python.password, python.port) == (None, None, uri.port)
    try:
        theirs = httpx2.URL(text)
    except (httpx2.InvalidURL, UnicodeError):
        return
    assert (theirs.scheme, theirs.userinfo, theirs.port) == (uri.scheme, b"", uri.port)
    assert theirs.raw_host.decode().strip("[]").lower() == (uri.host or "").strip("[]").lower()
    assert theirs.raw_path.decode().partition("?")[0] == (uri.path or "/")


@settings(max_examples=samples(500))
@given(text=TEXTS)
def test_a_path_that_is_decoded_later_has_the_same_segments(text: str) -> None:
    """A server may decode before or after it splits: it finds no other separator, and no way up."""
    try:
        path = parse_uri(text).path
    except MessageError:
        return
    decoded = unquote(path, errors="strict")

    assert decoded.split("/") == [unquote(segment) for segment in path.split("/")]
    assert not {".", ".."} & set(decoded.replace("\\", "/").split("/"))
    assert unquote(decoded) == decoded
    assert not {".", ".."} & {"".join(segment.partition(";")[0].split()) for segment in decoded.split("/")}


@settings(max_examples=samples(500))
@example(text="a:b(c)@d")
@example(text="t://h/%20%25x/caf%C3%A9")
@given(text=TEXTS)
def test_a_path_has_one_spelling(text: str) -> None:
    """What is accepted is the decoded text, encoded where that is needed, and only there."""
    try:
        path = parse_uri(text).path
    except MessageError:
        return
    decoded = unquote(path, errors="strict")

    assert quote(decoded, safe="/!$&'()*+,;=:@-._~") == path
    assert is_normalized("NFC", decoded)


@settings(max_examples=samples(500))
@given(
    text=st.text(st.characters(max_codepoint=0x17F), max_size=12), head=st.sampled_from(["a:", "t://h/", ""])
)
def test_any_text_is_taken_apart_or_refused(text: str, head: str) -> None:
    """Nothing but MessageError comes out, and what is accepted is put together again from its parts."""
    try:
        uri = parse_uri(head + text)
    except MessageError as error:
        assert error.detail in REFUSED
        return
    assume(uri.path == "" or uri.path in uri.text)
    authority = "" if uri.authority is None else f"//{uri.authority}"
    query = "" if uri.query is None else f"?{uri.query}"
    fragment = "" if uri.fragment is None else f"#{uri.fragment}"

    assert f"{uri.scheme}:{authority}{uri.path}{query}{fragment}" == head + text
