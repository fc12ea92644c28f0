"""Where a server is at the gateway: at the path of its resource, under the host of it."""

import re

from policy_engine.config.models import Config
from policy_engine.tokens import parse_url

__all__ = ["served_hosts", "served_path"]


def served_path(config: Config, name: str) -> str:
    """The path at which a server is, as it is sent."""
    gateway = config.gateway
    written = None if gateway is None else gateway.upstreams[name].path
    if written is not None:
        return written
    path = re.sub("^[^/]*//[^/]*", "", config.servers[name].resource)
    return path.partition("?")[0] or "/"


def served_hosts(config: Config, name: str) -> frozenset[str]:
    """What `Host` may say of a server, in small letters: the host of its resource, and what is configured."""
    url = parse_url(config.servers[name].resource)
    assert url is not None  # noqa: S101 -- `check_rules` has seen it
    own = {f"{url.host}:{url.port}", *([url.host] if url.default_port else [])}
    more = () if config.gateway is None else config.gateway.hosts
    return frozenset({*own, *(host.lower() for host in more)})
