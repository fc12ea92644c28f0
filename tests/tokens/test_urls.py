"""The grammar of URLs that keys are fetched from."""

import pytest

from policy_engine.tokens.urls import Url, parse_url, well_known_urls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://login.example.com", Url("https", "login.example.com", 443, "")),
        ("https://login.example.com/", Url("https", "login.example.com", 443, "/")),
        ("HTTPS://Login.Example.COM:8443/a?b=c", Url("https", "login.example.com", 8443, "/a?b=c")),
        ("http://127.0.0.1:8080/keys", Url("http", "127.0.0.1", 8080, "/keys")),
        ("http://[::1]/keys", Url("http", "[::1]", 80, "/keys")),
        ("https://h.example/@x%20", Url("https", "h.example", 443, "/@x%20")),
    ],
)
def test_a_url_is_parsed(text: str, expected: Url) -> None:
    """Scheme and host without regard to case, the port of the scheme where none is written."""
    assert parse_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"https://h.example/",
        "",
        "h.example/keys",
        "//h.example/keys",
        "ftp://h.example/keys",
        "file:///etc/passwd",
        "https://",
        "https:///keys",
        "https:/h.example/keys",
        "https:h.example",
        "https://user@h.example/",
        "https://h.example@attacker.example/",
        "https://h.example:pass@attacker.example/",
        "https://h.example\\@attacker.example/",
        "https://h.example/a\\b",
        "https://h.example/#fragment",
        "https://h.example#fragment",
        "https://h.example?x",
        "https://h.example:/",
        "https://h.example:123456/",
        "https://h.example:65536/",
        "https://h.example:0/",
        "https://h.example /",
        " https://h.example/",
        "https://h.example/\n",
        "https://h.example/a b",
        "https://h.example/\u00e9",
        "https://h\u0131.example/",
        "https://h.example\uff0fattacker.example/",
        "https://h%2eexample/",
        "https://[::1/",
        "https://[v1.x]/",
    ],
)
def test_what_two_parsers_could_read_differently_is_no_url(text: object) -> None:
    """No user, no fragment, no backslash, no blank, nothing outside ASCII."""
    assert parse_url(text) is None


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("[::1]", True),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),  # noqa: S104 -- nothing is bound
        ("10.0.0.1", False),
        ("[::2]", False),
    ],
)
def test_http_is_for_this_machine_and_for_development(host: str, *, loopback: bool) -> None:
    """Everything else is https, or isn't fetched."""
    plain, secure = parse_url(f"http://{host}/"), parse_url(f"https://{host}/")

    assert plain is not None
    assert secure is not None
    assert plain.may_be_fetched(allow_loopback_http=True) is loopback
    assert plain.may_be_fetched(allow_loopback_http=False) is False
    assert secure.may_be_fetched(allow_loopback_http=False) is True


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        (
            "https://h.example",
            (
                "https://h.example/.well-known/oauth-authorization-server",
                "https://h.example/.well-known/openid-configuration",
            ),
        ),
        (
            "https://h.example/",
            (
                "https://h.example/.well-known/oauth-authorization-server",
                "https://h.example/.well-known/openid-configuration",
            ),
        ),
        (
            "https://h.example:8443/realms/corp/",
            (
                "https://h.example:8443/.well-known/oauth-authorization-server/realms/corp",
                "https://h.example:8443/realms/corp/.well-known/openid-configuration",
                "https://h.example:8443/.well-known/openid-configuration/realms/corp",
            ),
        ),
    ],
)
def test_metadata_has_its_known_places(issuer: str, expected: tuple[str, ...]) -> None:
    """RFC 8414 section 3.1 and OpenID Connect Discovery 1.0 section 4.1; a last slash doesn't count."""
    assert well_known_urls(issuer) == expected
