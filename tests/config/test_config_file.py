"""config: every key checked, every problem placed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.config import config_from_values, load_config
from policy_engine.errors import ConfigError

GOOD: dict[str, Any] = {
    "version": 1,
    "servers": {"github": {"resource": "https://mcp.example.com/github"}},
    "issuers": {"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
    "policies": "policies/",
}


def with_part(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one part replaced or added; `path` has slashes between keys."""
    *parents, last = path.split("/")
    result = node = dict(GOOD)
    for key in parents:
        node[key] = dict(node.get(key, {}))
        node = node[key]
    node[last] = value
    return result


SECOND = {"issuer": "https://login.example.com", "profile": "okta"}
SHARED = {
    "resource": "https://mcp.example.com/other",
    "audiences": {"corp": "https://mcp.example.com/github"},
}

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": (with_part("polices", "x"), "unknown key `polices` (did you mean `policies`?)"),
    "unknown key of a server": (
        with_part("servers/github/catalog", "x"),
        "unknown key `servers.github.catalog` (did you mean `catalogue`?)",
    ),
    "a version that equals 1": ({**GOOD, "version": True}, "`version`: input should be 1"),
    "a version of another type": ({**GOOD, "version": 1.0}, "`version`: input should be 1"),
    "another version": (with_part("version", 2), "`version`: input should be 1"),
    "no server": (
        with_part("servers", {}),
        "`servers`: dictionary should have at least 1 item after validation, not 0",
    ),
    "name with a capital": (
        with_part("servers/GitHub", {"resource": "https://x.example"}),
        "`servers.GitHub`: string should match pattern '^[a-z][a-z0-9_-]{0,62}$'",
    ),
    "name with a slash": (
        with_part("servers", {"a/b": {"resource": "https://x.example"}}),
        "`servers.a/b`: string should match pattern '^[a-z][a-z0-9_-]{0,62}$'",
    ),
    "http server": (
        with_part("servers/github/resource", "http://mcp.example.com"),
        "`servers.github.resource` isn't https (give the https URI)",
    ),
    "resource with a fragment": (
        with_part("servers/github/resource", "https://mcp.example.com/#x"),
        "`servers.github.resource` has a fragment (RFC 8707 section 2 forbids it) (give the https URI)",
    ),
    "resource with a user": (
        with_part("servers/github/resource", "https://a@mcp.example.com"),
        "`servers.github.resource` isn't an absolute URI with a plain host, and without a user "
        "(give the https URI)",
    ),
    "resource that isn't a URI": (
        with_part("servers/github/resource", "https://[::1"),
        "`servers.github.resource` isn't an absolute URI with a plain host, and without a user "
        "(give the https URI)",
    ),
    "audience of nobody": (
        with_part("servers/github/audiences", {"entra": ["x"]}),
        "no issuer is named `entra` (configured are: corp)",
    ),
    "shared audience": (
        with_part("servers/other", SHARED),
        "`github` and `other` share the audience `https://mcp.example.com/github` at issuer `corp` "
        "(give each its own, or set `shares_audience: true` on both)",
    ),
    "shared audience, only one says so": (
        with_part("servers/other", {**SHARED, "shares_audience": True}),
        "`github` and `other` share the audience `https://mcp.example.com/github` at issuer `corp` "
        "(give each its own, or set `shares_audience: true` on both)",
    ),
    "one issuer twice": (
        with_part("issuers/second", SECOND),
        "`second` and `corp` have one `issuer` (keep one of the two entries)",
    ),
    "http issuer without keys": (
        with_part("issuers/corp/issuer", "http://login.example.com"),
        "keys come from the issuer's metadata, and `issuer` isn't https "
        "(give an https issuer, or name its keys under `keys`)",
    ),
    "http keys": (
        with_part("issuers/corp/keys", {"uri": "http://127.0.0.1/jwks"}),
        "`keys.uri` isn't https (give the https URI of a JWK Set)",
    ),
    "two kinds of keys": (
        with_part("issuers/corp/keys", {"uri": "https://a.example", "file": "k.json"}),
        "`issuers.corp.keys`: give exactly one of `file`, `uri` and `jwks`",
    ),
    "development key in production": (
        with_part("issuers/corp/development_key", "key.json"),
        "a private key stands in a configuration that isn't for development "
        "(remove it, or set `development: true` where nobody else can connect)",
    ),
    "signing without a file": (
        with_part("audit", {"stdout": True, "sign": {"env": "KEY"}}),
        "`sign` is of a file, and none is written (name one: `audit.file`)",
    ),
    "rotating without a file": (
        with_part("audit", {"rotate": {"megabytes": 1}}),
        "`rotate` is of a file, and none is written (name one: `audit.file`)",
    ),
    "checkpoints without a key": (
        with_part("audit", {"file": "a.jsonl", "checkpoint": {"lines": 5}}),
        "`checkpoint` says when the file is signed, and it isn't (say with what: `audit.sign`)",
    ),
    "a key for marks and no marks": (
        with_part("audit", {"file": "a.jsonl", "redact_key": {"env": "KEY"}}),
        "`redact_key` marks what is redacted, and nothing is (name what is marked: `audit.redact`)",
    ),
    "two keys to sign with": (
        with_part("audit", {"file": "a.jsonl", "sign": {"env": "KEY", "file": "k"}}),
        "`audit.sign`: give exactly one of `file` and `env`",
    ),
    "a part of a record that is needed": (
        with_part("audit", {"redact": ["code"]}),
        "`code` is no part of a record that can be left unsaid (what can be: actor, actor.id, arguments,"
        " drift, jti, note, principal.evidence, principal.id, request_id, resource)",
    ),
    "a syslog server at two places": (
        with_part("audit", {"syslog": {"udp": "a:514", "tcp": "a:601"}}),
        "`audit.syslog`: give exactly one of `socket`, `udp` and `tcp`",
    ),
    "a syslog server without a port": (
        with_part("audit", {"syslog": {"udp": "logs.example.com"}}),
        "`audit.syslog`: an address is written `host:port`, one of IPv6 `[address]:port`",
    ),
    "a flag that is a number": (
        with_part("issuers/corp/flags", {"x": 1}),
        "`issuers.corp.flags.x`: should be true, false, a string or a list of strings",
    ),
}


@pytest.mark.parametrize(("values", "expected"), BAD.values(), ids=BAD.keys())
def test_a_bad_configuration_is_refused_with_its_reason(values: dict[str, Any], expected: str) -> None:
    """One sentence of what is wrong, and how to mend it."""
    with pytest.raises(ConfigError) as caught:
        config_from_values(values)

    assert str(caught.value) == expected


GOOD_VARIANTS: dict[str, dict[str, Any]] = {
    "plain": GOOD,
    "two servers that both say they share an audience": {
        **GOOD,
        "servers": {
            "github": {"resource": "https://mcp.example.com/github", "shares_audience": True},
            "other": {**SHARED, "shares_audience": True},
        },
    },
    "loopback in development": {
        **with_part("issuers/corp/issuer", "http://127.0.0.1:8123"),
        "development": True,
    },
    "audiences by kind": with_part("servers/github/audiences", {"corp": {"user": "a", "client": ["b", "c"]}}),
    "a policy list": with_part("policies", ["a/", "b.cedar"]),
}


@pytest.mark.parametrize("values", GOOD_VARIANTS.values(), ids=GOOD_VARIANTS.keys())
def test_a_good_configuration_is_read(values: dict[str, Any]) -> None:
    """What documentation shows is accepted."""
    assert config_from_values(values).config.version == 1


def test_a_string_and_a_list_mean_the_same() -> None:
    """`x` and `[x]` are one value where a list is expected."""
    config = config_from_values(with_part("servers/github/audiences", {"corp": "a"})).config

    audience = config.servers["github"].audiences["corp"]
    assert (audience.user, audience.client, config.policies) == (("a",), ("a",), (Path("policies"),))


def test_a_file_has_its_problems_placed(tmp_path: Path) -> None:
    """Rules between keys point at a line too, and all problems come at once."""
    file = tmp_path / "policy-engine.yaml"
    file.write_text(
        "version: 1\nservers:\n  github: {resource: http://x.example}\n"
        "issuers:\n  a: {issuer: 'https://i', profile: okta}\n  b: {issuer: 'https://i', profile: okta}\n"
        "policies: p/\n"
    )

    with pytest.raises(ConfigError) as caught:
        load_config(file)

    assert [str(error) for error in (caught.value, *caught.value.others)] == [
        f"{file}:3:12: `servers.github.resource` isn't https (give the https URI)",
        f"{file}:6:7: `b` and `a` have one `issuer` (keep one of the two entries)",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No configuration is an error of its own."""
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "policy-engine.yaml")

    assert caught.value.problem == "there is no such configuration file"


@pytest.fixture
def mistyped() -> Callable[[str], str]:
    """A file whose client id YAML reads as a number."""
    return lambda name: (
        "version: 1\nservers:\n  g: {resource: 'https://x'}\nissuers:\n  a:\n    issuer: 'https://i'\n"
        f"    profile: okta\n    clients:\n      {name}: {{grants: [client_credentials]}}\npolicies: p\n"
    )


@pytest.mark.parametrize(
    ("name", "kind"), [("017", "number"), ("1e5", "number"), ("true", "boolean"), ("~", "null")]
)
def test_a_client_id_that_yaml_misreads_is_refused(
    tmp_path: Path, mistyped: Callable[[str], str], name: str, kind: str
) -> None:
    """Ids that YAML takes for something else want quotes."""
    file = tmp_path / "policy-engine.yaml"
    file.write_text(mistyped(name))

    with pytest.raises(ConfigError) as caught:
        load_config(file)

    assert (caught.value.line, caught.value.column) == (9, 7)
    assert caught.value.problem.endswith(f"is read as a {kind}")
    assert caught.value.remedy == "put it in quotes"
