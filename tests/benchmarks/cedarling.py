"""Cedarling, where it is installed: the same token, and the same policies as far as it can have them.

It knows no principal: a token becomes an entity in the context, and what a policy says of the caller becomes
a condition on the claims of that entity. So `principal == Client::"machines/ci-7"` is written here as a
condition on `client_id`, and "a machine" as a token of the issuer of machines.
The request is made once and asked again and again; verified tokens are remembered, and nothing is logged.

    pip install --target build/peers cedarling_python
"""

import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from tests.benchmarks.world import AS, TOOL, TOOLS, Json, World, message

__all__ = ["cedarling", "decider"]

PEERS = Path(__file__).parents[2] / "build" / "peers"

_KEYS = Path(__file__).with_name("keys_server.py")

SCHEMA = """
namespace Machines {
  entity TrustedIssuer = { issuer_entity_id: Github::Url };
  entity Access_token = TOKEN tags Set<String>;
}
namespace Corp {
  entity TrustedIssuer = { issuer_entity_id: Github::Url };
  entity Access_token = TOKEN tags Set<String>;
}
namespace Github {
  type Url = { host: String, path: String, protocol: String };
  entity Any;
  entity Tool = { name: String };
  action "call_tool", "read_only";
  action READING in ["call_tool", "read_only"] appliesTo APPLIES;
  action OTHERS in ["call_tool"] appliesTo APPLIES;
}
type Context = {
  tokens: {
    machines_access_token?: Machines::Access_token,
    corp_access_token?: Corp::Access_token,
    total_token_count: Long
  },
  arguments: { repo: String, title: String, body: String, labels: Set<String>, milestone: Long }
};
"""

MACHINE, PERSON = "context.tokens.machines_access_token", "context.tokens.corp_access_token"
COMMON = """
@id("people-read")
permit (principal, action in Github::Action::"read_only", resource)
when { context.tokens has corp_access_token };
@id("own-projects")
forbid (principal, action in Github::Action::"call_tool", resource)
when { context.tokens has machines_access_token }
unless { context.arguments.repo like "acme/*" };
"""
OF_ONE_MACHINE = f"""
@id("ci-{{n}}")
permit (principal, action == Github::Action::"{{tool}}", resource)
when {{{{ context.tokens has machines_access_token && {MACHINE}.hasTag("client_id")
  && {MACHINE}.getTag("client_id").contains("ci-{{n}}") && {MACHINE}.hasTag("scope")
  && {MACHINE}.getTag("scope").contains("issues:read issues:write")
  && context.arguments.repo like "acme/app-*" }}}};
"""
OF_MACHINES = f"""
@id("team-{{n}}")
permit (principal, action in Github::Action::"call_tool", resource)
when {{{{ context.tokens has machines_access_token && {MACHINE}.hasTag("groups")
  && {MACHINE}.getTag("groups").contains("team-{{n}}") && context.arguments.repo == "acme/team-{{n}}" }}}};
"""
OF_PEOPLE = f"""
@id("people-{{n}}")
permit (principal, action == Github::Action::"{{tool}}", resource)
when {{{{ context.tokens has corp_access_token && {PERSON}.hasTag("groups")
  && {PERSON}.getTag("groups").contains("team-{{n}}") && context.arguments.repo == "acme/team-{{n}}" }}}};
"""
KINDS = (*[OF_ONE_MACHINE] * 7, OF_MACHINES, OF_MACHINES, OF_PEOPLE)
"""The kinds of `world`, one by one."""


def cedarling() -> ModuleType | None:
    """The library, if it is installed."""
    if PEERS.is_dir() and str(PEERS) not in sys.path:
        sys.path.append(str(PEERS))
    try:
        return importlib.import_module("cedarling_python")
    except ImportError:
        return None


def decider(library: ModuleType, world: World, count: int, token: str) -> Callable[[], bool]:
    """Cedarling with as many policies, asked about `world.message` with a token."""
    with tempfile.TemporaryDirectory() as folder, _published(world) as port:
        store = Path(folder)
        _write(store, count, port)
        options = {
            "CEDARLING_APPLICATION_NAME": "benchmark",
            "CEDARLING_POLICY_STORE_LOCAL_FN": folder,
            "CEDARLING_JWT_SIG_VALIDATION": "enabled",
            "CEDARLING_JWT_STATUS_VALIDATION": "disabled",
            "CEDARLING_JWT_SIGNATURE_ALGORITHMS_SUPPORTED": [*world.keys],
            "CEDARLING_TOKEN_CACHE_MAX_TTL": 3600,
            "CEDARLING_LOG_TYPE": "off",
        }
        # It holds the GIL while it fetches keys, so a thread of ours could never answer it.
        engine = library.Cedarling(library.BootstrapConfig(options))
    uid = {"entity_type": "Github::Tool", "id": f"github/{TOOL}"}
    request = library.AuthorizeMultiIssuerRequest(
        tokens=[library.TokenInput(mapping="Machines::Access_token", payload=token)],
        action=f'Github::Action::"{TOOL}"',
        resource=library.EntityData.from_dict({"cedar_entity_mapping": uid, "name": TOOL}),
        context={"arguments": message()["params"]["arguments"]},
    )
    return lambda: bool(engine.authorize_multi_issuer(request).is_allowed())


def _write(store: Path, count: int, port: int) -> None:
    """A policy store of its own format."""
    policies, issuers = store / "policies", store / "trusted-issuers"
    policies.mkdir()
    issuers.mkdir()
    others = (KINDS[n % 10].format(n=n, tool=TOOLS[n % len(TOOLS)]) for n in range(1, count - 2))
    own = OF_ONE_MACHINE.format(n=0, tool=TOOL)
    (policies / "all.cedar").write_text("".join([COMMON, own, *others]))
    (store / "schema.cedarschema").write_text(_schema())
    described: Json = {"id": "ab" * 16, "name": "Github", "version": "1.0.0"}
    metadata = {"policy_store_spec_version": 1, "cedar_version": "4.4.0", "policy_store": described}
    (store / "metadata.json").write_text(json.dumps(metadata))
    # The issuer of people is left out: metadata of two issuers from one host are mixed up.
    kind = {"trusted": True, "entity_type_name": "Machines::Access_token", "token_id": "jti"}
    url = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
    issuer = {"name": "Machines", "configuration_endpoint": url, "token_metadata": {"access_token": kind}}
    (issuers / "machines.json").write_text(json.dumps(issuer))


def _schema() -> str:
    reading = [json.dumps(name) for name in TOOLS if name.startswith(("list", "get"))]
    others = [json.dumps(name) for name in TOOLS if not name.startswith(("list", "get"))]
    attributes = "{ token_type: String, jti: String, iss: TrustedIssuer, validated_at: Long, exp: Long }"
    applies = "{ principal: [Any], resource: [Tool], context: Context }"
    text = SCHEMA.replace("TOKEN", attributes).replace("APPLIES", applies)
    return text.replace("READING", ", ".join(reading)).replace("OTHERS", ", ".join(others))


@contextmanager
def _published(world: World) -> Iterator[int]:
    """Serve the issuer's metadata and keys, in another process, while Cedarling begins."""
    served = {"issuer": AS, "keys": {"keys": [key.public_jwk() for key in world.keys.values()]}}
    command = [sys.executable, str(_KEYS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(served) + "\n")
        server.stdin.flush()
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()
