"""From a configuration to a server: what is stored outlives it, and what is written in the file counts."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AssembledServer,
    HttpRequest,
    HttpResponse,
    assemble_server,
    authorization_server,
    catalogue_of,
    client_assertion,
)
from policy_engine.authserver.haste import BusyError
from policy_engine.config import config_from_values
from policy_engine.errors import AuditError, ConfigError, StorageError
from policy_engine.jose import SigningKey, new_sealing_key, peek
from policy_engine.model.stored import ClientChange

ISSUER, GITHUB, FILES = (
    "https://as.example.com",
    "https://mcp.example.com/github",
    "https://mcp.example.com/files",
)

Assemble = Callable[..., AssembledServer]


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A configuration with two servers."""
    monkeypatch.setenv("AS_KEY", new_sealing_key())
    return {
        "version": 1,
        "servers": {"github": {"resource": GITHUB}, "files": {"resource": FILES}},
        "issuers": {"machines": {"issuer": ISSUER, "profile": "policy-engine"}},
        "policies": ["p.cedar"],
        "authserver": {
            "issuer": ISSUER,
            "store": str(tmp_path / "machines.db"),
            "key_encryption": {"env": "AS_KEY"},
            "scopes": {"github": ["issues:read", "issues:write"], "files": ["files:read"]},
            "events": {"file": str(tmp_path / "events.jsonl")},
        },
    }


@pytest.fixture
def assemble(values: dict[str, Any], client_key: SigningKey) -> Iterator[Assemble]:
    """Assemble a server from what is different about the section, and register `ci-bot` if it isn't yet."""
    made: list[AssembledServer] = []

    def make(*, alone: bool = True, **changes: Any) -> AssembledServer:
        loaded = config_from_values({**values, "authserver": values["authserver"] | changes})
        made.append(assembled := assemble_server(loaded, alone=alone))
        document = {
            "client_id": "ci-bot",
            "category": "service",
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["client_credentials"],
            "jwks": {"keys": [client_key.public_jwk()]},
            "resources": [GITHUB],
            "scope": "issues:read",
        }
        if assembled.store.clients.find("ci-bot") is None:
            change = ClientChange(client_id="ci-bot", document=document)
            assembled.store.clients.change([change], expected_version=None, now=time.time())
        return assembled

    yield make
    for assembled in made:
        assembled.close()


@pytest.fixture
def asked(client_key: SigningKey) -> Callable[..., HttpRequest]:
    """A request of `ci-bot` for a token."""

    def make(assertion: str | None = None) -> HttpRequest:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or client_assertion("ci-bot", ISSUER, client_key, time.time()),
            "resource": GITHUB,
            "scope": "issues:read",
        }
        return HttpRequest(
            method="POST",
            path="/token",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=urlencode(form).encode(),
            source="192.0.2.1",
        )

    return make


def kid_of(response: HttpResponse) -> object:
    """The key that signed the token of an answer."""
    return peek(json.loads(response.body)["access_token"]).header["kid"]


def test_a_request_leaves_a_line(
    assemble: Assemble, asked: Callable[..., HttpRequest], tmp_path: Path
) -> None:
    """Whatever came of it; no token and no assertion is in it."""
    assembled = assemble()
    request = asked()
    response = assembled.server.handle(request)
    refused = assembled.server.handle(request)
    token = json.loads(response.body)
    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]

    assert (response.status, refused.status) == (200, 401)
    claims = json.loads(peek(token["access_token"]).payload)
    common = {"version": 1, "event": "token_request", "client_id": "ci-bot", "method": "private_key_jwt"}
    assert [[line.pop(name) for name in ("chain", "seq", "hash")][1] for line in lines] == [1, 2]
    assert [line | {"time": 0, "assertion_jti": "", "assertion_kid": ""} for line in lines] == [
        common
        | {
            "time": 0,
            "issued": True,
            "reason": None,
            "authenticated": True,
            "kid": kid_of(response),
            "jti": claims["jti"],
            "assertion_jti": "",
            "assertion_kid": "",
            "resource": GITHUB,
            "scopes": ["issues:read"],
            "expires_at": claims["exp"],
        },
        common
        | {
            "time": 0,
            "issued": False,
            "reason": "assertion_replayed",
            "authenticated": False,
            "kid": None,
            "jti": None,
            "assertion_jti": "",
            "assertion_kid": "",
            "resource": None,
            "scopes": [],
            "expires_at": None,
        },
    ]
    assert claims["aud"] == GITHUB


def test_what_is_stored_outlives_the_server(
    assemble: Assemble, asked: Callable[..., HttpRequest], client_key: SigningKey
) -> None:
    """Clients, the signing key, and which assertions were used."""
    request = asked(client_assertion("ci-bot", ISSUER, client_key, time.time()))
    first = assemble()
    before = first.server.handle(request)
    first.close()
    second = assemble()

    assert second.server.handle(request).status == 401
    assert kid_of(second.server.handle(asked())) == kid_of(before)


@pytest.mark.parametrize(("on_failure", "status"), [("deny", 503), ("allow", 200)])
def test_what_cant_be_recorded_is_refused_unless_it_is_allowed(
    on_failure: str, status: int, assemble: Assemble, asked: Callable[..., HttpRequest], tmp_path: Path
) -> None:
    """A folder can't be appended to."""
    assembled = assemble(events={"file": str(tmp_path), "on_failure": on_failure})

    assert assembled.server.handle(asked()).status == status


def test_events_may_go_to_standard_output(
    assemble: Assemble, asked: Callable[..., HttpRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    """For containers, whose output is collected; without any of the two, nothing is recorded."""
    for events in ({"stdout": True}, {}):
        assert assemble(events=events).server.handle(asked()).status == 200

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["issued"] is True


def test_requests_are_limited_as_is_written(assemble: Assemble, asked: Callable[..., HttpRequest]) -> None:
    """One server counts in memory; several processes count together."""
    limits = {"client": {"per_second": 0.001, "burst": 2}}
    alone = [assemble(rate_limits=limits) for _ in range(2)]
    together = [assemble(rate_limits=limits, alone=False) for _ in range(2)]

    assert [each.server.handle(asked()).status for each in (*alone, *alone, *alone)] == [200] * 4 + [429] * 2
    assert [each.server.handle(asked()).status for each in (*together, *together)] == [200] * 2 + [429] * 2


def test_readiness_needs_the_store_and_a_key(
    assemble: Assemble, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A key that another encryption key sealed signs nothing."""
    assemble().check()
    monkeypatch.setenv("AS_KEY", new_sealing_key())
    with pytest.raises(ConfigError):
        assemble().check()

    broken = assemble(store=str(tmp_path / "other.db"))
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("DROP TABLE changes")
    with pytest.raises(StorageError):
        broken.check()


def test_a_record_that_cant_be_written_is_no_readiness(assemble: Assemble, tmp_path: Path) -> None:
    """Where no token leaves without it; a file that isn't there yet is made with its first line."""
    file, folder = str(tmp_path / "new.jsonl"), str(tmp_path)
    assemble(events={"file": file}).check()
    assemble(events={"file": folder, "on_failure": "allow"}).check()
    with pytest.raises(AuditError):
        assemble(events={"file": folder}).check()
    assert not Path(file).exists()


def test_who_cant_wait_for_a_locked_store_says_so_soon(
    assemble: Assemble, asked: Callable[..., HttpRequest], tmp_path: Path
) -> None:
    """The request counts for nothing, so another can begin anew with it; a second long it isn't tried."""
    assembled, request = assemble(), asked()
    assert assembled.hasty is not None
    with closing(sqlite3.connect(tmp_path / "machines.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        for _ in range(10):
            with pytest.raises(BusyError):
                assembled.hasty.handle(request)
        took = time.monotonic() - began

    assert took < 1
    assert assembled.server.handle(request).status == 200
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 1


def test_metadata_say_what_is_configured(assemble: Assemble) -> None:
    """Scopes and resources come from the servers that are named."""
    server = assemble(metadata_profile="strict", scopes={"files": ["files:read"]}).server
    metadata = json.loads(
        server.handle(HttpRequest(method="GET", path="/.well-known/oauth-authorization-server")).body
    )

    assert (metadata["scopes_supported"], metadata["protected_resources"]) == (["files:read"], [FILES])
    assert "authorization_endpoint" not in metadata


def test_new_keys_sign_with_the_algorithm_that_is_written(
    assemble: Assemble, asked: Callable[..., HttpRequest]
) -> None:
    """Of those that RFC 9068 verifiers know."""
    answer = json.loads(assemble(signing_algorithm="EdDSA").server.handle(asked()).body)

    assert peek(answer["access_token"]).header["alg"] == "EdDSA"


def test_servers_of_one_resource_share_its_scopes(values: dict[str, Any]) -> None:
    """A token is for a resource, whatever it is called here."""
    values["servers"]["files"] = {"resource": GITHUB, "shares_audience": True}
    values["servers"]["github"]["shares_audience"] = True
    catalogue = catalogue_of(config_from_values(values))

    assert catalogue.resources == (GITHUB,)
    assert catalogue.scopes_of(GITHUB) == {"issues:read", "issues:write", "files:read"}


@pytest.mark.parametrize("scope", ["*", "openid", 'a"b'])
def test_a_scope_that_stands_for_more_is_refused(scope: str, values: dict[str, Any]) -> None:
    """Before anything is opened."""
    values["authserver"]["scopes"]["files"] = [scope]

    with pytest.raises(ConfigError, match="scope"):
        authorization_server(config_from_values(values))
    assert not Path(values["authserver"]["store"]).exists()
