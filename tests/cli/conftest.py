"""What the command line's tests share: a configuration to inspect tokens with, and tokens of its issuers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import policy_engine.mapper
from policy_engine.cli.inspection import Inspection, Outcome, inspect_token, lines, to_record
from policy_engine.config import LoadedConfig, config_from_values, load_config
from policy_engine.jose import SigningKey, sign

PROFILES = Path(policy_engine.mapper.__file__).parent / "profiles"
NOW = 1_790_000_000
GITHUB, JIRA = "https://mcp.example.com/github", "https://mcp.example.com/jira"
LOGIN, KEYCLOAK, AS = (
    "https://login.example.com",
    "https://login.example.com/realms/a",
    "https://as.example.com",
)

CONFIG = f"""\
version: 1
servers:
  github:
    resource: {GITHUB}
  jira:
    resource: {JIRA}
    audiences:
      corp: [api://jira]
      entra: {{user: api://people, client: api://machines}}
issuers:
  corp:
    issuer: {LOGIN}
    profile: rfc9068
    keys: {{file: corp.jwks.json}}
    clients:
      desktop-agent: {{grants: [authorization_code], acts_for_users: true}}
      portal: {{grants: [authorization_code]}}
      robot: {{grants: [client_credentials]}}
      relay: {{grants: [token-exchange]}}
    claims: {{user: {{groups: groups}}}}
  keycloak:
    issuer: {KEYCLOAK}
    profile: keycloak
    keys: {{file: corp.jwks.json}}
    algorithms: [ES256]
  machines:
    issuer: {AS}
    profile: policy-engine
    keys: {{uri: "https://127.0.0.1:9/jwks"}}
    clients:
      ci-bot: {{grants: [client_credentials], groups: [ci]}}
  entra:
    issuer: https://entra.example.com/v2.0
    profile: entra
    keys: {{file: corp.jwks.json}}
    clients:
      daemon: {{grants: [client_credentials]}}
policies: policies/
"""
LINES = {line.strip().partition(":")[0]: number for number, line in enumerate(CONFIG.splitlines(), start=1)}
"""Where each key that is there once stands."""

PERSON: dict[str, Any] = {
    "iss": LOGIN,
    "sub": "alice",
    "aud": GITHUB,
    "client_id": "web",
    "auth_time": NOW - 60,
    "iat": NOW - 60,
    "exp": NOW + 540,
    "jti": "t-1",
}
ROBOT: dict[str, Any] = {
    **{name: value for name, value in PERSON.items() if name != "auth_time"},
    "sub": "robot",
    "client_id": "robot",
}
REALM: dict[str, Any] = {
    **{name: value for name, value in PERSON.items() if name not in {"auth_time", "client_id"}},
    "iss": KEYCLOAK,
    "azp": "web",
    "typ": "Bearer",
    "sid": "s-1",
    "jti": "onrtrt:1",
}
CI_BOT: dict[str, Any] = {
    **ROBOT,
    "iss": AS,
    "sub": "ci-bot",
    "client_id": "ci-bot",
    "gty": "client_credentials",
    "sub_profile": "service",
}
ENTRA: dict[str, Any] = {
    "iss": "https://entra.example.com/v2.0",
    "aud": "api://people",
    "sub": "pairwise",
    "oid": "o-1",
    "ver": "2.0",
    "azp": "web",
    "idtyp": "user",
    "scp": "Mcp.Invoke",
    "iat": NOW,
    "exp": NOW + 60,
}


BASES: Mapping[str, Mapping[str, Any]] = {
    "person": PERSON,
    "robot": ROBOT,
    "realm": REALM,
    "ci-bot": CI_BOT,
    "entra": ENTRA,
}
"""What the issuers write: of a person, of a machine at the same issuer, and at three others."""

TYPES = {"realm": "JWT", "entra": "JWT"}


@dataclass(frozen=True)
class Bench:
    """A configuration, and the key that all its issuers sign with."""

    key: SigningKey
    loaded: LoadedConfig

    def line(self, key: str, below: int = 0) -> int:
        """The line of a key, the last that is called so, or one some lines below it."""
        written = {line.strip().partition(":")[0]: at for at, line in enumerate(CONFIG.splitlines(), 1)}
        return written[key] + below

    def token(
        self,
        base: str,
        changed: Mapping[str, Any] | None = None,
        *,
        key: SigningKey | None = None,
        typ: str | None = "",
    ) -> str:
        """A token of one of the bases with some claims changed (`...` leaves one out)."""
        all_claims = {**BASES[base], **(changed or {})}
        claims = {name: value for name, value in all_claims.items() if value is not ...}
        return sign(claims, key or self.key, typ=TYPES.get(base, "at+jwt") if typ == "" else typ)

    def look(self, token: str, server: str | None = None, *, with_keys: bool = True) -> Inspection:
        """Look at a token; neither the text nor the record holds anything of it."""
        found = inspect_token(self.loaded, token, server, now=lambda: NOW, with_keys=with_keys)
        told = "\n".join([*(text for _, text in lines(found)), json.dumps(to_record(found))])
        for segment in token.split("."):
            for start in range(len(segment) - 11):
                assert segment[start : start + 12] not in told
        return found

    def inspect(
        self,
        base: str,
        changed: Mapping[str, Any] | None = None,
        server: str | None = None,
        *,
        typ: str | None = "",
    ) -> Inspection:
        """Look at a token with some claims changed."""
        return self.look(self.token(base, changed, typ=typ), server)

    def outcomes(self, found: Inspection) -> dict[str, Outcome]:
        """What became of each check."""
        return {check.name: check.outcome for check in found.checks}

    def changes(self, found: Inspection) -> list[tuple[str, int | None, str]]:
        """The keys to change, their line, and what to write."""
        return [(".".join(change.path), change.line, change.text) for change in found.changes]

    def with_issuer(self, name: str, **keys: Any) -> "Bench":
        """The same as values, with keys for all issuers, and some settings of one replaced."""
        data = json.loads(json.dumps(self.loaded.document.data))
        jwks = {"jwks": {"keys": [self.key.public_jwk()]}}
        issuers = {each: {**issuer, "keys": jwks} for each, issuer in data["issuers"].items()}
        issuers[name] |= keys
        return Bench(self.key, config_from_values({**data, "development": True, "issuers": issuers}))

    def with_profile(self, name: str, **keys: str) -> "Bench":
        """The same, with a copy of `rfc9068` for a profile in which some keys are others."""
        written = (PROFILES / "rfc9068.yaml").read_text("utf-8").splitlines()
        kept = [line for line in written if line.partition(":")[0] not in keys]
        if "user_id" in keys:  # its examples are tried when it loads
            own = f"      {keys['user_id']}: $id"
            kept = [part for line in kept for part in ([own, line] if line == "      sub: $id" else [line])]
        path = self.folder / "own.yaml"
        path.write_text("\n".join([*kept, *(f"{key}: {value}" for key, value in keys.items())]), "utf-8")
        return self.with_issuer(name, profile=str(path))

    def in_folder(self, folder: Path) -> "Bench":
        """The same configuration alone in another folder."""
        (folder / "policy-engine.yaml").write_text(CONFIG)
        return Bench(self.key, load_config(folder / "policy-engine.yaml"))

    @property
    def folder(self) -> Path:
        """Where the configuration is."""
        return self.loaded.folder


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The configuration above, in a folder; its policies aren't even there."""
    folder = tmp_path_factory.mktemp("inspected")
    key = SigningKey.generate("ES256", kid="corp-1")
    (folder / "corp.jwks.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    (folder / "private.json").write_text(json.dumps(key.to_jwk()))
    (folder / "policy-engine.yaml").write_text(CONFIG)
    return Bench(key, load_config(folder / "policy-engine.yaml"))
