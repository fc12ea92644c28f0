"""Sets of policies that are shipped: each with its real configuration, and keys that sign real tokens."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policy_engine import Decision, PolicyEngine
from policy_engine.config import load_config
from policy_engine.files import read_document
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import Kind, example_token, load_profile

POLICIES = Path(__file__).parents[2] / "policies"
NOW = 1_790_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One folder of `policies/`, with an engine that has loaded its configuration.

    Attributes:
        folder: where it is.
        config: what its policy-engine.yaml says.
        expected: what its expected.yaml says.
        engine: decides by it.
        keys: sign as its issuers would.
    """

    folder: Path
    config: Mapping[str, Any]
    expected: Mapping[str, Any]
    engine: PolicyEngine
    keys: Mapping[str, SigningKey]

    def decide(self, who: str, what: str) -> Decision:
        """Let a principal of `expected.yaml` make a call of it."""
        call = self.expected["calls"][what]
        server = call.get("server", next(iter(self.config["servers"])))
        token = self._token(self.expected["principals"][who], server)
        return self.engine.evaluate(token, _message(call), server=server)

    def _token(self, who: Mapping[str, Any], server: str) -> str:
        kind: Kind = "user" if "user" in who else "client"
        issuer = who.get("issuer") or self._issuer(kind, who.get("client"))
        entry = self.config["issuers"][issuer]
        header, claims = example_token(
            load_profile(entry["profile"]),
            kind,
            id=who[kind],
            client=who.get("through", "portal"),
            issuer=entry["issuer"],
            audience=self.config["servers"][who.get("token_for", server)]["resource"],
            now=NOW - 10,
            lifetime=600,
            jti="t-1",
        )
        scope = {"scope": who["scope"]} if "scope" in who else {}
        typ = header.pop("typ")
        return sign({**claims, **scope, **who.get("claims", {})}, self.keys[issuer], typ=typ, header=header)

    def _issuer(self, kind: Kind, client: str | None) -> str:
        """The one issuer that has tokens of this kind, for this client."""
        (name,) = [
            name
            for name, entry in self.config["issuers"].items()
            if kind in load_profile(entry["profile"]).examples
            and (client is None or client in entry.get("clients", {}))
        ]
        return str(name)


def _message(call: Mapping[str, Any]) -> dict[str, Any]:
    method, params = call.get("method"), call.get("params", {})
    if method is None:
        method, params = "tools/call", {"name": call["tool"], "arguments": call.get("args", {})}
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


@pytest.fixture(scope="session")
def example(
    tmp_path_factory: pytest.TempPathFactory, signing_keys: dict[str, SigningKey]
) -> Callable[[str], Example]:
    """Load an example by the name of its folder, once: a copy that differs in its issuers' keys alone."""
    copy = tmp_path_factory.mktemp("examples") / "policies"
    shutil.copytree(POLICIES, copy)
    loaded: dict[str, Example] = {}

    def load(name: str) -> Example:
        if name not in loaded:
            loaded[name] = _load(copy / name, signing_keys)
        return loaded[name]

    return load


def _load(folder: Path, signing_keys: Mapping[str, SigningKey]) -> Example:
    file = folder / "policy-engine.yaml"
    config = read_document(file).data
    for name, entry in config["issuers"].items():
        entry["keys"] = {"jwks": {"keys": [signing_keys[name].public_jwk()]}}
    file.write_text(json.dumps(config))  # JSON is YAML
    load_config(file)
    return Example(
        folder=POLICIES / folder.name,
        config=config,
        expected=read_document(folder / "expected.yaml").data,
        engine=PolicyEngine.from_config(file, now=lambda: NOW),
        keys=signing_keys,
    )
