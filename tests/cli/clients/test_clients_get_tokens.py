"""What is registered by command gets tokens, and what is withdrawn gets none: one store for both."""

import base64
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    HttpRequest,
    assemble_server,
    client_assertion,
)
from policy_engine.config import load_config
from policy_engine.jose import SigningKey

ISSUER, GITHUB = "https://as.example.com", "https://mcp.example.com/github"
ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")


def answer(project: Any, form: dict[str, str], *headers: tuple[str, str]) -> tuple[int, str]:
    """Ask a server of this configuration for a token: the status, and the scope or the error."""
    assembled = assemble_server(load_config(project.folder / "policy-engine.yaml"))
    try:
        body = urlencode(
            {"grant_type": "client_credentials", "resource": GITHUB, "scope": "issues:read", **form}
        )
        form_type = ("Content-Type", "application/x-www-form-urlencoded")
        response = assembled.server.handle(
            HttpRequest(method="POST", path="/token", headers=(form_type, *headers), body=body.encode())
        )
    finally:
        assembled.close()
    told = json.loads(response.body)
    return response.status, told.get("scope") or told["error"]


@pytest.fixture(autouse=True)
def _encryption_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server's signing keys are sealed with."""
    monkeypatch.setenv("NOT_NEEDED_HERE", base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode())


def test_old_and_new_secrets_get_tokens_until_the_old_one_ends(project: Any) -> None:
    """Registered, rotated, finished, disabled, enabled, removed: each step counts at the server."""

    def by_secret(secret: str) -> tuple[int, str]:
        credentials = base64.b64encode(f"bot:{secret}".encode()).decode()
        return answer(project, {}, ("Authorization", f"Basic {credentials}"))

    good, bad = (200, "issues:read"), (401, "invalid_client")
    old = project.json("add", "bot", *ADD)["client_secret"]
    assert by_secret(old) == good
    new = project.json("rotate", "bot")["client_secret"]
    assert (by_secret(old), by_secret(new), by_secret(new[::-1])) == (good, good, bad)
    project.done("rotate", "bot", "--finish")
    assert (by_secret(old), by_secret(new)) == (bad, good)
    project.done("disable", "bot")
    assert by_secret(new) == bad
    project.done("enable", "bot")
    assert by_secret(new) == good
    project.done("remove", "bot", "--yes")
    assert by_secret(new) == bad


def test_a_generated_key_gets_tokens(project: Any) -> None:
    """The private half from the file, beside one that was added later."""

    def by_key(name: str) -> tuple[int, str]:
        key = SigningKey.from_jwk(json.loads((project.folder / name).read_text()))
        assertion = client_assertion("bot", ISSUER, key, time.time())
        return answer(project, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion})

    project.done("add", "bot", *ADD, "--generate-key", str(project.folder / "old.jwk"))
    project.done("rotate", "bot", "--generate-key", str(project.folder / "new.jwk"), "--algorithm", "EdDSA")
    assert (by_key("old.jwk"), by_key("new.jwk")) == ((200, "issues:read"), (200, "issues:read"))
    project.done("rotate", "bot", "--finish")
    assert (by_key("old.jwk"), by_key("new.jwk")) == ((401, "invalid_client"), (200, "issues:read"))


def test_an_applied_file_gets_tokens(project: Any) -> None:
    """With a default scope, which it needn't ask for."""
    file = project.write(
        "clients: [{client_id: bot, category: ai_agent, token_endpoint_auth_method: client_secret_post,"
        " grant_types: [client_credentials], resources: github, scope: issues:read issues:write,"
        " default_scope: issues:read, secret: generate}]"
    )
    secret = project.json("apply", "-f", file)["client_secrets"]["bot"]
    form = {"client_id": "bot", "client_secret": secret}

    assert answer(project, {**form, "scope": ""}) == (200, "issues:read")
    assert answer(project, {**form, "scope": "issues:write"}) == (200, "issues:write")
    assert answer(project, {**form, "resource": "https://mcp.example.com/files"}) == (400, "invalid_target")
