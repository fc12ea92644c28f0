"""What leads to each code of our own authorization server's registry: a store, and what is done to it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from policy_engine import PolicyEngine
from policy_engine.storage import ClientChange, Denial, Store, open_store
from tests.plugins.provoking import LIST, Provocation, Room, told
from tests.plugins.raised_codes import Pair

__all__ = ["BY_REGISTRY"]


def disabled(store: Store) -> None:
    """Disable the machine."""
    document = {"client_id": "ci-bot", "category": "service", "enabled": False}
    change = ClientChange(client_id="ci-bot", document=document)
    store.clients.change([change], expected_version=None, now=0)


def denied(kind: Any, value: str) -> Callable[[Store], None]:
    """Deny tokens of the machine."""
    return lambda store: store.denials.add(Denial(kind=kind, value=value, since=0))


def registered(change: Callable[[Store], None], *, later: float = 0) -> Provocation:
    """A token of a registered machine, after a change of the store."""

    def provoke(room: Room) -> Pair:
        file = room.folder / "registered.db"
        store = open_store(f"sqlite:///{file}")
        document = {"client_id": "ci-bot", "category": "service", "enabled": True}
        first = ClientChange(client_id="ci-bot", document=document)
        store.clients.change([first], expected_version=None, now=0)
        times = [room.world.now]
        engine = PolicyEngine.from_config(configured(room, file), now=lambda: times[-1])
        try:
            change(store)
            engine.stages.registries["machines"].refresh()
            times.append(room.world.now + later)
            return told(engine.evaluate(room.world.machine(), LIST))
        finally:
            engine.close()
            store.close()
            for each in room.folder.glob("registered.db*"):
                each.unlink()

    return provoke


def configured(room: Room, store: Path) -> Path:
    """A configuration that reads the store."""
    machines = room.world.issuers()["machines"]
    resource = room.world.human_claims()["aud"]
    (room.folder / "registered.cedar").write_text('@id("m") permit (principal is Client, action, resource);')
    values = {
        "version": 1,
        "servers": {"github": {"resource": resource}},
        "issuers": {"machines": {**machines, "clients": "registry", "registry": {"store": str(store)}}},
        "policies": "registered.cedar",
    }
    file = room.folder / "registered.yaml"
    file.write_text(json.dumps(values))
    return file


BY_REGISTRY: Mapping[Pair, Provocation] = {
    ("revoked_token", "client"): registered(disabled),
    ("revoked_token", "subject"): registered(denied("subject", "ci-bot")),
    ("revoked_token", "jti"): registered(denied("jti", "t-1")),
    ("registry_unavailable", None): registered(lambda _: None, later=61),
}
