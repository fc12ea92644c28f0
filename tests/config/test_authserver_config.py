"""config: the section `authserver`, the store that it names, and what seals the keys in it."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.config import authserver_of, load_config, sealer_of, store_of, store_url
from policy_engine.errors import ConfigError
from policy_engine.jose import Sealer, new_sealing_key

PASSWORD = "hush-hush-hush"

CONFIG = """\
version: 1
development: {development}
servers:
  github: {{resource: https://mcp.example.com/github}}
issuers:
  machines: {{issuer: {known}, profile: policy-engine}}
  corp: {{issuer: https://login.example.com, profile: rfc9068}}
authserver:
  issuer: {issuer}
  store: {store}
  key_encryption: {key}
  scopes: {scopes}
{more}policies: p.cedar
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration from what is different about it."""

    def write(
        *,
        issuer: str = "https://as.example.com",
        known: str = "https://as.example.com",
        store: str = "machines.db",
        key: str = "{file: as.key}",
        scopes: str = "{github: [issues:read, issues:write]}",
        more: str = "",
        development: str = "false",
    ) -> Path:
        file = tmp_path / "policy-engine.yaml"
        text = CONFIG.format(
            issuer=issuer,
            known=known,
            store=store,
            key=key,
            scopes=scopes,
            more="".join(f"  {line}\n" for line in more.splitlines()),
            development=development,
        )
        file.write_text(text)
        return file

    return write


def refused(file: Path) -> list[str]:
    """Every problem of a configuration, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    return [str(error).removeprefix(f"{file}:") for error in (caught.value, *caught.value.others)]


def test_what_isnt_written_has_strict_defaults(write: Write) -> None:
    """Requests are limited, slashes count, no proxy is trusted, and what can't be recorded is refused."""
    written = authserver_of(load_config(write()))

    assert written.model_dump(mode="json") == {
        "issuer": "https://as.example.com",
        "store": "machines.db",
        "key_encryption": {"file": "as.key", "env": None},
        "scopes": {"github": ["issues:read", "issues:write"]},
        "signing_algorithm": "ES256",
        "metadata_profile": "sdk_compat",
        "assertion_aud_trailing_slash_tolerant": False,
        "events": {"file": None, "stdout": False, "on_failure": "deny"},
        "rate_limits": {
            "client": {"per_second": 20.0, "burst": 200.0},
            "source": {"per_second": 100.0, "burst": 1000.0},
            "failure_cost": 10,
        },
        "trusted_proxies": [],
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"issuer": "https://other.example.com"},
            "9:3: no issuer with the profile `policy-engine` has this `issuer` (add one under `issuers`: "
            "machines: {issuer: https://other.example.com, profile: policy-engine, clients: registry})",
        ),
        (
            {"issuer": "https://login.example.com"},
            "9:3: no issuer with the profile `policy-engine` has this `issuer` (add one under `issuers`: "
            "machines: {issuer: https://login.example.com, profile: policy-engine, clients: registry})",
        ),
        (
            {"scopes": "{jira: [a]}"},
            "12:12: no server is named `jira` (configured are: github)",
        ),
        ({"scopes": "{}"}, "12:3: `authserver.scopes`: dictionary should have at least 1 item"),
        ({"scopes": "{github: []}"}, "12:3: `authserver.scopes`: each server needs at least one scope"),
        ({"store": "mysql://localhost/x"}, "10:3: the store is neither a file nor postgresql://…"),
        (
            {"store": f"postgresql://us:{PASSWORD}@localhost/x"},
            "10:3: a password stands in the file (write `${NAME}`, and export NAME)",
        ),
        *(
            (
                {"store": f"postgresql://us@localhost/x?sslmode=require&{name}={PASSWORD}"},
                "10:3: a password stands in the file (write `${NAME}`, and export NAME)",
            )
            for name in ("password", "passfile", "sslpassword", "p%61ssword")
        ),
        ({"key": "{}"}, "11:3: `authserver.key_encryption`: give exactly one of `file` and `env`"),
        (
            {"key": "{file: a, env: B}"},
            "11:3: `authserver.key_encryption`: give exactly one of `file` and `env`",
        ),
        ({"more": "signing_algorithm: HS256"}, "13:3: `authserver.signing_algorithm`: input should be"),
        (
            {"more": "trusted_proxies: [10.0.0.1/8]"},
            "13:3: `authserver.trusted_proxies`: each should be an address or a network",
        ),
        (
            {"more": "events: {file: e.jsonl, stdout: true}"},
            "13:3: events go either to a file or to standard output (keep one of the two)",
        ),
        ({"more": "rate_limits: {client: {per_second: 0, burst: 1}}"}, "13:26: `authserver.rate_limits"),
        ({"more": "trusted_proxy: [10.0.0.0/8]"}, "13:3: unknown key `authserver.trusted_proxy`"),
    ],
)
def test_a_mistake_is_told_at_its_place(changes: dict[str, str], problem: str, write: Write) -> None:
    """With a remedy, and without a password."""
    found = refused(write(**changes))

    assert len(found) == 1
    assert found[0].startswith(problem)
    assert PASSWORD not in found[0]


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8080", "http://localhost:8080"])
def test_http_is_for_loopback_in_development(issuer: str, write: Write) -> None:
    """RFC 8414 section 2 wants https."""
    changes = {"issuer": issuer, "known": issuer}

    assert authserver_of(load_config(write(**changes, development="true"))).issuer == issuer
    assert [text for text in refused(write(**changes)) if "authserver" in text] == [
        "9:3: `authserver.issuer` isn't https (use https; http is for loopback hosts with "
        "`development: true`)"
    ]


def test_without_the_section_there_is_no_server(tmp_path: Path, write: Write) -> None:
    """Commands that need it say so."""
    file = write()
    text = file.read_text()
    file.write_text(text[: text.index("authserver:")] + "policies: p.cedar\n")

    with pytest.raises(ConfigError, match="the configuration has no `authserver`"):
        authserver_of(load_config(file))
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("machines.db", "sqlite:///{folder}/machines.db"),
        ("/var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("sqlite:///machines.db", "sqlite:///{folder}/machines.db"),
        ("sqlite:////var/lib/x.db", "sqlite:////var/lib/x.db"),
        ("postgresql://localhost/x", "postgresql://localhost/x"),
    ],
)
def test_a_path_starts_from_the_folder_of_the_file(
    written: str, url: str, write: Write, tmp_path: Path
) -> None:
    """Wherever the command is run."""
    loaded = load_config(write(store=written))

    assert store_url(loaded, authserver_of(loaded).store) == url.format(folder=tmp_path)


def test_the_store_may_come_from_a_variable(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its password, which nothing shows."""
    url = f"postgresql://us:{PASSWORD}@localhost/x"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATABASE_PASSWORD", PASSWORD)

    for written in ("${DATABASE_URL}", "postgresql://us:${DATABASE_PASSWORD}@localhost/x"):
        loaded = load_config(write(store=f'"{written}"'))
        assert store_url(loaded, authserver_of(loaded).store) == url
        assert PASSWORD not in repr(loaded.config)


def test_the_store_is_made_where_that_is_asked_for(write: Write, tmp_path: Path) -> None:
    """Otherwise it is an error with its place."""
    loaded = load_config(write())

    with pytest.raises(ConfigError) as caught:
        store_of(loaded, create=False)
    assert f"policy-engine.yaml:10:3: there is no store at {tmp_path}/machines.db" in str(caught.value)

    store = store_of(loaded)
    assert (store.version(), store.is_local) == (0, True)
    store.close()


def sealing(loaded_from: Path) -> Sealer:
    """The sealer of a configuration."""
    return sealer_of(load_config(loaded_from))


def test_keys_come_from_a_file_or_a_variable(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first seals, and any opens, so that one can be replaced."""
    old, new = new_sealing_key(), new_sealing_key()
    file = tmp_path / "as.key"
    file.touch(0o600)
    file.write_text(f"{old}\n")
    sealed = sealing(write()).seal(b"data", context="c")

    file.write_text(f"{new}\n{old}\n")
    assert sealing(write()).open(sealed, context="c") == b"data"

    monkeypatch.setenv("AS_KEY", f"{new}, {old}")
    both = sealing(write(key="{env: AS_KEY}"))
    assert both.open(sealed, context="c") == b"data"
    monkeypatch.setenv("AS_KEY", new)
    assert sealing(write(key="{env: AS_KEY}")).open(both.seal(b"x", context="c"), context="c") == b"x"


@pytest.mark.parametrize(
    "text", ["", "secret", "A" * 42, "A" * 44, f"{'A' * 43} short", "A" * 42 + "+", "é" * 43]
)
def test_what_isnt_a_key_is_refused_unquoted(text: str, write: Write, tmp_path: Path) -> None:
    """It may be nearly one."""
    file = tmp_path / "as.key"
    file.touch(0o600)
    file.write_text(text)

    with pytest.raises(ConfigError) as caught:
        sealing(write())
    assert "policy-engine keys encryption-key" in str(caught.value)
    assert not text or text not in str(caught.value)


def test_a_file_that_others_can_read_is_refused(write: Write, tmp_path: Path) -> None:
    """Whoever reads it and the database has the signing keys."""
    file = tmp_path / "as.key"
    file.write_text(new_sealing_key())
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(ConfigError) as caught:
            sealing(write())
        assert str(caught.value) == f"{file}: others may read the file (chmod 600)"


def test_a_missing_key_is_made_in_development_alone(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the owner alone, and the same one the next time."""
    with pytest.raises(ConfigError) as caught:
        sealing(write())
    assert str(caught.value) == (
        f"{tmp_path}/as.key: can't read the encryption key: No such file or directory "
        "(write one there: policy-engine keys encryption-key)"
    )
    monkeypatch.delenv("AS_KEY", raising=False)
    with pytest.raises(ConfigError, match="the environment variable `AS_KEY` isn't set"):
        sealing(write(key="{env: AS_KEY}", development="true"))

    sealed = sealing(write(development="true")).seal(b"data", context="c")

    assert stat.S_IMODE((tmp_path / "as.key").stat().st_mode) == 0o600
    assert sealing(write()).open(sealed, context="c") == b"data"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["as.key", "policy-engine.yaml"]
