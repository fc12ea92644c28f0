"""Names and URIs by which a resource is what policies were told that it is."""

from collections.abc import Iterator, Mapping
from typing import Any

from policy_engine.mcp import Server
from policy_engine.model import EntityUid

__all__ = ["names_for"]

_ATTRIBUTE: Mapping[str, str] = {
    "Prompt": "name",
    "Resource": "uri",
    "ResourceTemplate": "uri_template",
    "Task": "task_id",
    "Tool": "name",
}
_PLAIN: Mapping[str, tuple[str, ...]] = {
    "Prompt": ("summary", "another-prompt"),
    "Resource": ("memo://notes/1", "file:///notes/1", "https://example.com/notes/1"),
    "ResourceTemplate": ("memo://notes/{id}",),
    "Task": ("task-1",),
    "Tool": ("another_tool", "some_tool"),
}


def names_for(resource: EntityUid, attributes: Mapping[str, Any], server: Server) -> Iterator[str]:
    """Names that a message could say, the likeliest first; each once, none of them empty.

    Args:
        resource: what the witness calls it.
        attributes: what the witness says of it.
        server: whose it is.
    """
    yield from dict.fromkeys(name for name in _all(resource, attributes, server) if name)


def _all(resource: EntityUid, attributes: Mapping[str, Any], server: Server) -> Iterator[str]:
    own = resource.id.removeprefix(f"{server.name}/")
    said = attributes.get(_ATTRIBUTE.get(resource.type, ""))
    pinned = () if server.catalogue is None else server.catalogue.items.get(resource.type, {})
    if attributes.get("pinned") is True:
        yield from (name for name in pinned if name in (own, said))
        yield from pinned
    yield own
    if isinstance(said, str):
        yield said
    if resource.type == "Resource":
        yield from _composed(attributes)
    yield from _PLAIN.get(resource.type, ())
    yield from pinned


def _composed(attributes: Mapping[str, Any]) -> Iterator[str]:
    """URIs of the parts that are said, with what has to be filled in."""
    said = {name: value for name, value in attributes.items() if isinstance(value, str)}
    port = attributes.get("port")
    hosts = [said[name] for name in ("authority", "host") if said.get(name)]
    if hosts and isinstance(port, int) and not isinstance(port, bool):
        hosts.insert(0, f"{said.get('host') or hosts[0]}:{port}")
    path = said.get("path", "")
    rooted = path if path.startswith("/") else f"/{path}"
    tail = f"?{said['query']}" if said.get("query") else ""
    tail += f"#{said['fragment']}" if said.get("fragment") else ""
    for scheme in dict.fromkeys((said.get("scheme") or "memo", "file", "https")):
        for host in hosts:
            yield f"{scheme}://{host}{rooted}{tail}"
        yield f"{scheme}://{rooted}{tail}"
        yield f"{scheme}://example.com{rooted}{tail}"
        if path:
            yield f"{scheme}:{path}{tail}"
