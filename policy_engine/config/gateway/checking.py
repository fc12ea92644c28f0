"""What the section `gateway` must have in common with the rest of the file."""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from policy_engine.config.gateway.places import served_hosts, served_path
from policy_engine.config.models import Config, GatewayConfig
from policy_engine.tokens import parse_url

__all__ = ["check_gateway"]

Problem = tuple[tuple[str | int, ...], str, str]
"""Path of the part, what is wrong, how to mend it."""

_OURS: Final = re.compile(r"/healthz|/readyz|/\.well-known/oauth-protected-resource(?:/.*)?")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def check_gateway(config: Config) -> Iterator[Problem]:
    """Yield every problem of the section, if there is one."""
    gateway = config.gateway
    if gateway is None:
        return
    yield from _upstreams(config, gateway)
    for at, host in enumerate(gateway.hosts):
        if _HOST.fullmatch(host) is None:
            remedy = "write what clients send as `Host`: a name, and the port where it isn't the usual one"
            yield (("gateway", "hosts", at), "this is no host", remedy)
    if gateway.tls is None or not config.development:
        return
    yield (("gateway", "tls"), "with `development: true` nobody else connects", "leave out `tls`")


def _upstreams(config: Config, gateway: GatewayConfig) -> Iterator[Problem]:
    known, placed = ", ".join(sorted(config.servers)), list[str]()
    for name, upstream in gateway.upstreams.items():
        path = ("gateway", "upstreams", name)
        if name not in config.servers:
            yield (path, f"no server is named `{name}`", f"configured are: {known}")
            continue
        url = parse_url(upstream.url)
        if url is None:
            yield ((*path, "url"), "this is no http or https URL, without user", "write https://host/path")
        elif upstream.bearer is not None and not _may_see(
            url.scheme, local=url.loopback or upstream.plain_http
        ):
            problem = "the token would go to another machine without TLS"
            yield (
                (*path, "url"),
                problem,
                "use https; or write `plain_http: true` where the network is yours",
            )
        if parse_url(config.servers[name].resource) is None:
            continue  # said elsewhere
        placed.append(name)
        if _OURS.fullmatch(served_path(config, name)):
            yield (
                path,
                f"the gateway answers at `{served_path(config, name)}` itself",
                "give it another `path`",
            )
    for one, other in combinations(placed, 2):
        at = served_path(config, one)
        if at == served_path(config, other) and served_hosts(config, one) & served_hosts(config, other):
            problem = f"`{one}` is at the path `{at}`, too"
            yield (("gateway", "upstreams", other), problem, "give one of them another `path`")


def _may_see(scheme: str, *, local: bool) -> bool:
    return scheme == "https" or local
