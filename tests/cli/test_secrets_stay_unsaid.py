"""No command prints what may be a secret, wherever in the configuration it was put, and by whatever slip."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.jose import SigningKey
from tests.plugins.samples import samples

SENTINEL = "Hunter2-98765432"
NUMBER = 9876543298765432
ISSUER = "https://login.example.com"
POLICY = '@id("p") permit (principal is User, action, resource);\n'
CONFIG: dict[str, Any] = {
    "version": 1,
    "servers": {
        "github": {
            "resource": "https://mcp.example.com/github",
            "introspection": "corp",
            "unpinned": "allow",
            "audiences": {"corp": ["https://aud.example"]},
        }
    },
    "issuers": {
        "corp": {
            "issuer": ISSUER,
            "profile": "rfc9068",
            "keys": {"file": "keys.json"},
            "introspection": {
                "uri": "https://127.0.0.1:9/introspect",
                "client_id": "us",
                "client_secret": "${OUR_SECRET}",
                "client_secret_file": "secret.txt",
                "key": "private.json",
                "method": "client_secret_basic",
                "cache_seconds": 10,
                "prefixes": ["mt_", "nt_"],
            },
        },
        "partner": {
            "issuer": "https://partner.example",
            "profile": "rfc9068",
            "keys": {"uri": "https://127.0.0.1:9/keys"},
            "introspection": {
                "uri": "https://127.0.0.1:9/introspect",
                "client_id": "us",
                "client_secret_file": "secret.txt",
                "prefixes": ["zt_"],
            },
        },
    },
    "policies": "p.cedar",
}
"""All keys of the section at once; `without` leaves out those that don't go together."""

SECTION = ("issuers", "corp", "introspection")
TOGETHER = {
    "client_secret": ("client_secret_file", "key"),
    "client_secret_file": ("client_secret", "key"),
    "key": ("client_secret", "client_secret_file"),
}
SHAPES: dict[str, Any] = {
    "text": SENTINEL,
    "text around a variable": f"{SENTINEL}${{OUR_SECRET}}",
    "text beside an open variable": f"{SENTINEL}${{",
    "URI": f"https://127.0.0.1:9/i?k={SENTINEL}",
    "URI with a user": f"https://u:{SENTINEL}@corp.example/i",
    "URI with a user alone": f"https://{SENTINEL}@corp.example/i",
    "number": NUMBER,
    "list": [SENTINEL],
    "list of lists": [[SENTINEL]],
    "mapping": {"a": SENTINEL},
    "key": {SENTINEL: None},
    "key with a colon": {f"a:{SENTINEL}": "x"},
    "two lines": f"x\n{SENTINEL}\n",
    "sign": f"*{SENTINEL}",
    "tag": f"!{SENTINEL}",
    "nothing printable": f"\x1b{SENTINEL}",
}
SLIPS = ("", "client_secrett", "secret", "clientSecret", "passwort", f"client_secret:{SENTINEL}", SENTINEL)
"""Keys that are written beside the right ones, with the secret under them."""


def scalars(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every scalar."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    found = [each for key, inner in items for each in scalars(inner, (*path, key))]
    yield from found or [path]


BELOW = list(scalars(CONFIG["issuers"]["corp"]["introspection"]))
URIS = [
    ("servers", "github", "resource"),
    ("servers", "github", "audiences", "corp", 0),
    ("issuers", "corp", "issuer"),
    ("issuers", "partner", "issuer"),
    ("issuers", "partner", "keys", "uri"),
    ("issuers", "corp", "introspection", "uri"),
    ("issuers", "partner", "introspection", "uri"),
]


def put(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The configuration with another value at a place."""
    config = deepcopy(CONFIG)
    node: Any = config
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    section = config["issuers"]["corp"]["introspection"]
    last = path[3] if path[:3] == SECTION else None
    kept = last if isinstance(last, str) and last in TOGETHER else "client_secret"
    for name in TOGETHER[kept]:
        section.pop(name, None)
    if kept == "key":
        section["method"] = "private_key_jwt"
    return config


def dumped(value: Any, style: str, level: int = 0) -> str:
    """YAML in braces, one entry a line or all in one; JSON is YAML. In blocks, quoted or plain."""
    if style in {"line", "lines"}:
        return json.dumps(value, ensure_ascii=True, indent=1 if style == "lines" else None)
    pad = "  " * level
    if isinstance(value, dict) and value:
        lines = [f"{pad}{scalar(key, style)}:{under(inner, style, level)}" for key, inner in value.items()]
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join(f"{pad}-{under(item, style, level)}" for item in value)
    return pad + scalar(value, style)


def under(value: Any, style: str, level: int) -> str:
    """What stands behind a colon or a dash."""
    if isinstance(value, dict | list) and value:
        return f"\n{dumped(value, style, level + 1)}"
    return f" {scalar(value, style)}"


def scalar(value: Any, style: str) -> str:
    """A scalar, in quotes or as a careless hand writes it."""
    return value if style == "plain" and isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose configuration is written for each example."""
    folder = tmp_path_factory.mktemp("project")
    key = SigningKey.generate("ES256")
    (folder / "p.cedar").write_text(POLICY)
    (folder / "keys.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    (folder / "private.json").write_text(json.dumps(key.to_jwk()))
    (folder / "secret.txt").write_text("of ours\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def variables() -> Iterator[None]:
    """What the configuration names, and a terminal that is wide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUR_SECRET", "of ours")
        patch.setenv("COLUMNS", "400")
        yield


COMMANDS = (
    ("validate",),
    ("validate", "--format", "json"),
    ("issuers", "check", "--offline"),
    ("issuers", "check", "corp"),
    ("issuers", "add", "https://b.example", "-p", "rfc9068", "--no-fetch", "--dry-run"),
    ("evaluate", "--tool", "x", "--token", "mt_opaque"),
)


def printed(folder: Path, text: str) -> str:
    """What every command says of a configuration."""
    file = folder / "policy-engine.yaml"
    file.write_text(text, "utf-8")
    said = []
    for command in COMMANDS:
        result = CliRunner().invoke(app, [*command, "--config", str(file)])
        assert result.exception is None or isinstance(result.exception, SystemExit), (command, text)
        said.append(result.output)
    return "".join(said)


def secrets_in(text: str) -> list[str]:
    """The parts of the sentinel that a text shows."""
    return [part for part in ("hunter2", "98765432") if part in text.lower()]


STYLES = st.sampled_from(("line", "lines", "quoted", "plain"))


@settings(max_examples=samples(60))
@given(
    at=st.sampled_from(BELOW),
    shape=st.sampled_from(sorted(SHAPES)),
    slip=st.sampled_from(SLIPS),
    style=STYLES,
)
def test_what_stands_below_introspection_is_never_printed(
    folder: Path, at: tuple[str | int, ...], shape: str, slip: str, style: str
) -> None:
    """At any place, of any form, under a key that is written wrongly, and however the file is laid out."""
    config = put((*SECTION, *at), SHAPES[shape])
    if slip:
        config["issuers"]["corp"]["introspection"][slip] = SHAPES[shape]

    assert secrets_in(printed(folder, dumped(config, style))) == []


@settings(max_examples=samples(20))
@given(
    at=st.sampled_from(URIS),
    user=st.sampled_from((f"u:{SENTINEL}@", f"{SENTINEL}@", f"{SENTINEL}:@", f"u:a%40{SENTINEL}@")),
    style=STYLES,
    slip=st.sampled_from(("", "recource", "secret")),
)
def test_a_password_of_a_uri_is_never_printed(
    folder: Path, at: tuple[str | int, ...], user: str, style: str, slip: str
) -> None:
    """Whichever URI it is in, and whatever else is wrong."""
    config = put(at, f"https://{user}x.example/path")
    if slip:
        config["servers"]["github"][slip] = f"https://{user}x.example"

    assert secrets_in(printed(folder, dumped(config, style))) == []


@settings(max_examples=samples(20))
@given(at=st.sampled_from(BELOW), cut=st.integers(0, 3000), style=STYLES)
def test_nothing_secret_is_printed_of_a_file_that_breaks_off(
    folder: Path, at: tuple[str | int, ...], cut: int, style: str
) -> None:
    """Nobody knows what belongs to what there."""
    text = dumped(put((*SECTION, *at), SENTINEL), style)

    assert secrets_in(printed(folder, text[: cut % len(text)])) == []


def test_the_place_is_told_all_the_same(folder: Path) -> None:
    """In text and in JSON, with the line left out alone."""
    file = folder / "policy-engine.yaml"
    file.write_text(
        "version: 1\nservers: {github: {resource: https://mcp.example.com/github, unpined: allow}}\n"
        f"issuers:\n  corp:\n    issuer: {ISSUER}\n    profile: rfc9068\n"
        f"    introspection:\n      client_id: us\n      client_secret: {SENTINEL}\npolicies: p.cedar\n"
    )
    text = CliRunner().invoke(app, ["validate", "--config", str(file)])
    record = json.loads(
        CliRunner().invoke(app, ["validate", "--config", str(file), "--format", "json"]).output
    )

    assert text.output.replace(f"{folder}/", "").splitlines() == [
        "error: policy-engine.yaml:9:7: `issuers.corp.introspection.client_secret` isn't the name of an"
        " environment variable (write `${NAME}` and nothing else, and export NAME; or name a file)",
        "    9 | (not shown: it may hold a secret)",
        "invalid: 1 error",
    ]
    assert [(error["line"], error["source"]) for error in record["errors"]] == [
        (9, "(not shown: it may hold a secret)")
    ]
