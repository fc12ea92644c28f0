"""The two things that an operator says about the server itself: who it is, and what tokens are for."""

from collections.abc import Callable, Iterable

import pytest

from policy_engine.authserver import AuthorizationServer, Catalogue
from policy_engine.authserver.catalogue import canonical_resource, parse_scope
from policy_engine.errors import ConfigError

MakeServer = Callable[..., AuthorizationServer]


@pytest.mark.parametrize(
    "issuer",
    [
        "https://as.example.com",
        "https://as.example.com:8443",
        "https://as.example.com/tenants/a-1",
        "https://10.0.0.1",
        "https://[2001:db8::1]:8443/a",
    ],
)
def test_an_issuer_is_kept_as_written(issuer: str, make_server: MakeServer) -> None:
    """Others compare it as text."""
    assert make_server(issuer=issuer).issuer == issuer


@pytest.mark.rules("AS-24")
@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "as.example.com",
        "https://",
        "ftp://as.example.com",
        "https://as.example.com/",
        "https://as.example.com/a/",
        "https://as.example.com//a",
        "https://as.example.com/../a",
        "https://as.example.com/.",
        "https://as.example.com?a=b",
        "https://as.example.com#a",
        "https://user@as.example.com",
        "https://AS.example.com",
        "HTTPS://as.example.com",
        "https://as.example.com:0",
        "https://as.example.com:65536",
        "https://[::g]",
        "https://[:::1]",
        'https://as.example.com/"',
        "https://as.example.com/%41",
        "https://as.example.com\n",
        " https://as.example.com",
    ],
)
def test_an_issuer_with_a_second_spelling_is_refused(issuer: str, make_server: MakeServer) -> None:
    """RFC 8414 section 2: no query, no fragment; and here nothing else that clients write differently."""
    with pytest.raises(ConfigError) as caught:
        make_server(issuer=issuer, development=True)

    assert (caught.value.code, caught.value.problem) == (
        "issuer",
        "the issuer isn't https://host[:port][/path]",
    )


@pytest.mark.rules("AS-24")
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_http_is_for_loopback_in_development(host: str, make_server: MakeServer) -> None:
    """Both have to be so."""
    issuer = f"http://{host}:8080"

    assert make_server(issuer=issuer, development=True).issuer == issuer
    with pytest.raises(ConfigError, match=r"^the issuer is http "):
        make_server(issuer=issuer)


@pytest.mark.rules("AS-24")
@pytest.mark.parametrize("host", ["as.example.com", "10.0.0.1", "localhost.example.com", "[2001:db8::1]"])
def test_http_is_never_for_others(host: str, make_server: MakeServer) -> None:
    """Development is no reason to send secrets over a network in the clear."""
    with pytest.raises(ConfigError, match="the issuer isn't https"):
        make_server(issuer=f"http://{host}", development=True)


def test_a_catalogue_lists_resources_and_scopes() -> None:
    """Sorted, each once, and each resource has its own."""
    catalogue = Catalogue({"https://b.example/": ["b", "c"], "https://a.example": ["c", "a"]})

    assert catalogue.resources == ("https://a.example", "https://b.example/")
    assert catalogue.scopes == ("a", "b", "c")
    assert catalogue.scopes_of("https://a.example") == {"a", "c"}
    assert catalogue.scopes_of("https://b.example") == frozenset()
    assert "https://b.example/" in catalogue
    assert "https://b.example" not in catalogue


@pytest.mark.parametrize(
    ("resources", "problem"),
    [
        ({}, "the catalogue has no resources"),
        ({"https://A.example": ["a"]}, "resource `https://A.example` isn't a canonical URI"),
        ({"https://a.example#f": ["a"]}, "resource `https://a.example#f` isn't a canonical URI"),
        ({"a.example": ["a"]}, "resource `a.example` isn't a canonical URI"),
        ({"https://a.example": []}, "resource `https://a.example` has no list of scopes"),
        ({"https://a.example": "read"}, "resource `https://a.example` has no list of scopes"),
        ({"https://a.example": ["a b"]}, "scope `a b` isn't one word of RFC 6749 section 3.3"),
        ({"https://a.example": [""]}, "scope `` isn't one word of RFC 6749 section 3.3"),
        ({"https://a.example": ["openid"]}, "scope `openid` speaks of a user's session"),
        ({"https://a.example": ["offline_access"]}, "scope `offline_access` speaks of a user's session"),
        ({"https://a.example": ["*"]}, "scope `*` stands for all others"),
        ({"https://a.example": ["issues:*"]}, "scope `issues:*` stands for all others"),
        ({"https://a.example": ["full-access"]}, "scope `full-access` stands for all others"),
    ],
)
def test_a_catalogue_that_says_too_much_or_nothing_is_refused(
    resources: dict[str, Iterable[str]], problem: str
) -> None:
    """Each entry is one resource with scopes that a machine can be given one by one."""
    with pytest.raises(ConfigError) as caught:
        Catalogue(resources)

    assert (caught.value.code, caught.value.problem) == ("catalogue", problem)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("https://a.example/p?q", "https://a.example/p?q"),
        ("HTTPS://A.Example:8443/P", "https://a.example:8443/P"),
        ("http://[::1]", "http://[::1]"),
        ("https://a.example/", "https://a.example/"),
        ("https://a.example#", None),
        ("https://", None),
        ("https://:80/", None),
        ("https:///a", None),
        ("https://a@b.example", None),
        ("https://a.example/\u00e9", None),
        ("https://a.example/ ", None),
        ("https://a.example\n", None),
        ("ftp://a.example", None),
        ("http\u017f://a.example", None),
        ("/a", None),
    ],
)
def test_a_resource_is_folded_in_scheme_and_host_only(text: str, canonical: str | None) -> None:
    """RFC 8707 section 2: an absolute URI without a fragment."""
    assert canonical_resource(text) == canonical


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("a", {"a"}),
        ("b a b", {"a", "b"}),
        ("!~", {"!~"}),
        ("", None),
        (" a", None),
        ("a ", None),
        ("a\tb", None),
        ('a"b', None),
        ("a\\b", None),
        ("\u00e9", None),
        ("a\n", None),
    ],
)
def test_scopes_have_one_space_between(text: str, scopes: set[str] | None) -> None:
    """RFC 6749 section 3.3."""
    assert parse_scope(text) == scopes
