"""Names in a scenario of what the configuration has: issuers, servers, principals."""

import json
import re
from typing import Final

from policy_engine.harness.scenarios.spot import Spot
from policy_engine.harness.world import World
from policy_engine.model import EntityUid

__all__ = ["check_issuer", "check_server", "uid_of"]

_UID: Final = re.compile(r'(User|Client)::("(?:[^"\\]|\\.)*")')


def uid_of(text: str, spot: Spot, world: World) -> tuple[EntityUid, str, str]:
    """The uid of a principal, with its issuer and its id there.

    Raises:
        ConfigError: it isn't one of a principal, or of no issuer that is configured.
    """
    found = _UID.fullmatch(text)
    try:
        name = json.loads(found[2]) if found else None
    except ValueError:
        name = None
    if found is None or not isinstance(name, str) or "/" not in name:
        raise spot.error(
            f"`{text}` names no principal", 'write `Client::"<issuer>/<id>"` or `User::"<issuer>/<id>"`'
        )
    issuer, _, rest = name.partition("/")
    check_issuer(issuer, spot, world)
    return EntityUid(found[1], name), issuer, rest


def check_issuer(name: str, spot: Spot, world: World) -> None:
    """Check that an issuer is configured.

    Raises:
        ConfigError: it isn't.
    """
    if name not in world.loaded.config.issuers:
        known = ", ".join(world.loaded.config.issuers)
        raise spot.error(f"no issuer is named `{name}`", f"configured are: {known}")


def check_server(name: str, spot: Spot, world: World) -> None:
    """Check that a server is configured.

    Raises:
        ConfigError: it isn't.
    """
    if name not in world.loaded.config.servers:
        known = ", ".join(world.loaded.config.servers)
        raise spot.error(f"no server is named `{name}`", f"configured are: {known}")
