"""config: how an issuer is asked about opaque tokens, and that no secret of it is ever shown."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.config import LoadedConfig, examine, load_config, verified_issuers
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey

SECRET = "s3cr:t+/%&= of ours"
ISSUER = "https://login.example.com"

CONFIG = """\
version: 1
servers:
  github: {{resource: https://mcp.example.com/github{server}}}
issuers:
  corp:
    issuer: {url}
    profile: rfc9068
    keys: {{file: keys.json}}
    introspection: {{{introspection}}}
{issuers}policies: p.cedar
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a configuration with a section `introspection`."""
    monkeypatch.setenv("OUR_SECRET", SECRET)
    monkeypatch.setenv("MOUNTED_SECRET", SECRET + "\r\n")
    monkeypatch.setenv("NOTHING", "")
    monkeypatch.setenv("LINE_END", "\n")
    monkeypatch.setenv("TWO_LINES", f"{SECRET}\n{SECRET}")
    key = SigningKey.generate("ES256")
    (tmp_path / "p.cedar").write_text('@id("p") permit (principal is User, action, resource);')
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    (tmp_path / "private.json").write_text(json.dumps(key.to_jwk()))
    (tmp_path / "public.json").write_text(json.dumps(key.public_jwk()))
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "broken.json").write_text(SECRET)
    (tmp_path / "secret.txt").write_text(SECRET + "\n")
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "two.txt").write_text(f"{SECRET}\n{SECRET}\n")
    (tmp_path / "bytes.txt").write_bytes(b"\xff")

    def write(introspection: str, *, server: str = "", url: str = ISSUER, issuers: str = "") -> Path:
        file = tmp_path / "policy-engine.yaml"
        file.write_text(CONFIG.format(introspection=introspection, server=server, url=url, issuers=issuers))
        return file

    return write


def asked(loaded: LoadedConfig) -> Any:
    """What stage 1 asks `corp` with."""
    (issuer,) = verified_issuers(loaded, lambda: 0.0, {})
    assert issuer.introspection is not None
    return issuer.introspection


def proof(loaded: LoadedConfig) -> Any:
    """What goes into a request of it."""
    return asked(loaded)._credentials.proof()  # noqa: SLF001 -- that the server sees it is tested elsewhere


BY_SECRET = "client_id: mcp, client_secret: '${OUR_SECRET}'"


@pytest.mark.parametrize(
    "secret",
    [
        "client_secret: '${OUR_SECRET}'",
        "client_secret: '${MOUNTED_SECRET}'",
        "client_secret_file: secret.txt",
    ],
)
def test_a_secret_is_named_by_a_variable_or_a_file(write: Write, secret: str) -> None:
    """`client_secret_basic` is what is used unless another method is written; both parts are encoded."""
    loaded = load_config(write(f"client_id: mcp, {secret}"))

    assert proof(loaded).headers == (
        ("Authorization", "Basic bWNwOnMzY3IlM0F0JTJCJTJGJTI1JTI2JTNEK29mK291cnM="),
    )
    assert proof(loaded).fields == ()


def test_a_secret_may_be_posted(write: Write) -> None:
    """Where the issuer wants that."""
    loaded = load_config(write(f"{BY_SECRET}, method: client_secret_post"))

    assert (proof(loaded).headers, proof(loaded).fields) == (
        (),
        (("client_id", "mcp"), ("client_secret", SECRET)),
    )


def test_a_key_may_stand_in_place_of_a_secret(write: Write) -> None:
    """It signs a new assertion each time."""
    loaded = load_config(write("client_id: mcp, key: private.json, method: private_key_jwt"))
    names = ["client_id", "client_assertion_type", "client_assertion"]

    assert (proof(loaded).headers, [name for name, _ in proof(loaded).fields]) == ((), names)
    assert proof(loaded).fields[2] != proof(loaded).fields[2]


NO_VARIABLE = "`issuers.corp.introspection.client_secret` isn't the name of an environment variable"
SHAPES = {
    "no client": ("client_secret_file: secret.txt", "`issuers.corp.introspection.client_id` is missing"),
    "no secret": ("client_id: mcp", "give exactly one of `client_secret` and `client_secret_file`"),
    "two secrets": (
        f"{BY_SECRET}, client_secret_file: secret.txt",
        "give exactly one of `client_secret` and `client_secret_file`",
    ),
    "an empty secret": ("client_id: mcp, client_secret: ''", NO_VARIABLE),
    "a secret of nothing": ("client_id: mcp, client_secret: ", NO_VARIABLE),
    "a secret that is a number": ("client_id: mcp, client_secret: 71077345", NO_VARIABLE),
    "a secret that is a date": ("client_id: mcp, client_secret: 2026-01-01", NO_VARIABLE),
    "a secret that is written out": ("client_id: mcp, client_secret: s3cr", NO_VARIABLE),
    "a secret in a list": ("client_id: mcp, client_secret: [s3cr]", NO_VARIABLE),
    "a secret in a mapping": ("client_id: mcp, client_secret: {s3cr: 1}", NO_VARIABLE),
    "a secret with a tag": ("client_id: mcp, client_secret: !s3cr x", NO_VARIABLE),
    "a secret beside a variable": ("client_id: mcp, client_secret: 's3cr${OUR_SECRET}'", NO_VARIABLE),
    "a secret that looks like a variable": ("client_id: mcp, client_secret: '${s3cr} '", NO_VARIABLE),
    "a secret and a file": (
        "client_id: mcp, client_secret: s3cr, client_secret_file: secret.txt",
        NO_VARIABLE,
    ),
    "a variable of nothing": ("client_id: mcp, client_secret: '${NOTHING}'", "at least 1 character"),
    "a variable of a line end": ("client_id: mcp, client_secret: '${LINE_END}'", "a secret of one line"),
    "a variable of two lines": ("client_id: mcp, client_secret: '${TWO_LINES}'", "a secret of one line"),
    "a variable that isn't set": (
        "client_id: mcp, client_secret: '${NO_SUCH}'",
        "the environment variable `NO_SUCH` isn't set (export NO_SUCH)",
    ),
    "a secret without a blank before it": (
        f"{BY_SECRET}, client_secret:s3cr",
        "unknown key below `issuers.corp.introspection`",
    ),
    "a misspelt secret": (
        "client_id: mcp, client_secrett: s3cr",
        "unknown key `issuers.corp.introspection.client_secrett` (did you mean `client_secret`?)",
    ),
    "a number as a key": (f"{BY_SECRET}, 71077345: x", "a key is read as a number"),
    "a key without its method": (
        "client_id: mcp, key: private.json",
        "`key` goes with `method: private_key_jwt`",
    ),
    "the method without its key": (
        "client_id: mcp, method: private_key_jwt",
        "`private_key_jwt` takes `key`, and no secret",
    ),
    "a key and a secret": (
        f"{BY_SECRET}, key: private.json, method: private_key_jwt",
        "`private_key_jwt` takes `key`, and no secret",
    ),
    "another method": (f"{BY_SECRET}, method: none", "should be 'client_secret_basic'"),
    "too long a cache": (f"{BY_SECRET}, cache_seconds: 61", "less than or equal to 60"),
    "a cache of the past": (f"{BY_SECRET}, cache_seconds: -1", "greater than or equal to 0"),
    "an empty prefix": (f"{BY_SECRET}, prefixes: ['']", "at least 1 character"),
    "a prefix that no token has": (f"{BY_SECRET}, prefixes: ['mt ']", "each should be of letters, digits"),
    "an unknown key": (f"{BY_SECRET}, cache: 5", "unknown key below `issuers.corp.introspection`"),
    "signed tokens, too": (f"{BY_SECRET}, jwts: true", "unknown key below `issuers.corp.introspection`"),
    "an address without TLS": (
        f"{BY_SECRET}, uri: http://login.example.com/introspect",
        "`introspection.uri` isn't https",
    ),
    "an address with a user": (f"{BY_SECRET}, uri: 'https://a:b@x.example'", "without a user"),
    "a file that isn't there": (
        "client_id: mcp, client_secret_file: none.txt",
        "can't read the file that `client_secret_file` names: No such",
    ),
    "a secret in the place of its file": (
        "client_id: mcp, client_secret_file: s3cr",
        "can't read the file that `client_secret_file` names: No such",
    ),
    "a file with a name that no file has": (
        'client_id: mcp, client_secret_file: "s3cr\\0"',
        "can't read the file that `client_secret_file` names: not a path",
    ),
    "an empty file": ("client_id: mcp, client_secret_file: empty.txt", "holds no secret of one line"),
    "a file of two lines": ("client_id: mcp, client_secret_file: two.txt", "holds no secret of one line"),
    "a file of bytes": ("client_id: mcp, client_secret_file: bytes.txt", "can't read the file: not UTF-8"),
    "a key that is public": (
        "client_id: mcp, key: public.json, method: private_key_jwt",
        "no private JWK: the key isn't a private one",
    ),
    "a key that is a list": (
        "client_id: mcp, key: list.json, method: private_key_jwt",
        "no private JWK: a JWK is a JSON object",
    ),
    "a key that is no JSON": (
        "client_id: mcp, key: broken.json, method: private_key_jwt",
        "no private JWK: not_json",
    ),
}


@pytest.mark.parametrize(("introspection", "problem"), SHAPES.values(), ids=SHAPES.keys())
def test_what_can_not_be_used_is_said_with_its_place(write: Write, introspection: str, problem: str) -> None:
    """In one sentence that holds no secret."""
    with pytest.raises(ConfigError) as caught:
        asked(load_config(write(introspection)))

    told = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert problem in told
    assert caught.value.file is not None
    assert not any(secret in told for secret in (SECRET, "s3cr", "71077345", "a:b@"))


def test_an_endpoint_of_the_metadata_needs_an_issuer_that_has_some(write: Write) -> None:
    """Otherwise its address has to be written down."""
    with pytest.raises(ConfigError, match="the endpoint comes from the issuer's metadata, and `issuer`"):
        load_config(write(BY_SECRET, url="urn:corp"))

    assert asked(load_config(write(f"{BY_SECRET}, uri: 'https://x.example/i'", url="urn:corp")))


OTHER = """\
  partner:
    issuer: https://partner.example
    profile: rfc9068
    introspection: {client_id: mcp, client_secret_file: secret.txt, prefixes: [%s]}
"""


@pytest.mark.parametrize("prefix", ["mt_", "mt_a", "m"])
def test_two_issuers_with_one_prefix_are_refused(write: Write, prefix: str) -> None:
    """A token would have two issuers."""
    with pytest.raises(ConfigError) as caught:
        load_config(write(f"{BY_SECRET}, prefixes: [mt_]", issuers=OTHER % prefix))

    assert str(caught.value).partition("yaml:")[2] == (
        "13:69: opaque tokens of `corp` and `partner` can't be told apart by their prefixes"
        " (give prefixes of which none begins another)"
    )


@pytest.mark.parametrize("name", ["nobody", "partner"])
def test_a_server_names_an_issuer_that_is_asked(write: Write, name: str) -> None:
    """Not one without introspection, and not one that isn't there."""
    partner = "  partner: {issuer: https://partner.example, profile: rfc9068}\n"
    with pytest.raises(ConfigError) as caught:
        load_config(write(BY_SECRET, server=f", introspection: {name}", issuers=partner))

    assert str(caught.value).partition("yaml:")[2] == (
        f"3:54: no issuer named `{name}` has `introspection` (those that have: corp)"
    )


def test_secrets_are_shown_nowhere(write: Write) -> None:
    """Not where a value is printed, and not by `validate`, whatever its form."""
    file = write(BY_SECRET)
    loaded = load_config(file)
    issuer = loaded.config.issuers["corp"]
    written = issuer.introspection
    shown = [
        repr(loaded),
        str(loaded.config),
        repr(issuer),
        repr(written),
        repr(asked(loaded)),
        repr(proof(loaded)),
    ]
    runner = CliRunner()
    for form in ("text", "json"):
        result = runner.invoke(app, ["validate", "--config", str(file), "--format", form])
        shown.append(result.output)
        assert (result.exit_code, examine(loaded).errors) == (0, ())

    assert written is not None
    assert written.client_secret == SECRET
    assert not any("s3cr" in text for text in shown)
