"""The registry as a file, for engines that can't ask the store: who is registered, and what counts no longer.

It holds nothing secret: no hashes, and no keys.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from policy_engine.model.stored import Denial, StoredClient

__all__ = ["exported_registry"]


def exported_registry(clients: Iterable[StoredClient], denials: Iterable[Denial]) -> str:
    """Write the file: JSON, sorted, so that the same registry is the same text."""
    denied: dict[str, list[dict[str, Any]]] = {"subject": [], "jti": []}
    for denial in sorted(denials, key=lambda denial: (denial.kind, denial.value)):
        denied[denial.kind].append({"value": denial.value, "until": denial.until})
    record = {
        "version": 1,
        "clients": {client.client_id: _known(client.document) for client in clients},
        "denied": denied,
    }
    return json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "category": document["category"],
        "enabled": document["enabled"],
        "groups": document.get("groups", []),
        "attributes": document.get("attributes", {}),
    }
