"""Ask an MCP server for what it lists: over streamable HTTP, or by starting it and speaking over stdio.

The SDK negotiates the revision and asks. What a server says is bounded in time, bytes, pages and items, and
kept as it wrote it: names and descriptions are data, whatever they look like. Nothing is called, and nothing
that a server asks for in return (sampling, roots, elicitation) is given.

The official SDK is an extra (`policy-engine[mcp]`), so it is imported where it is used: in the modules of
this folder that begin with `mcp`, nowhere else.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import BaseModel, Field, ValidationError, create_model

from policy_engine.errors import ConfigError
from policy_engine.integrations.mcp_process import started_server
from policy_engine.integrations.mcp_reading import BY_HAND, UNREACHABLE, Limits, Watch, watched_client
from policy_engine.mcp import ITEM_KINDS, TOOLS, ItemKind
from policy_engine.model.strict_json import JsonError, require_plain

if TYPE_CHECKING:  # the extra may be missing
    from mcp import Client
    from mcp.client import Transport

__all__ = ["Limits", "ServerLists", "lists_over_http", "lists_over_stdio"]

Items = list[dict[str, Any]]

_USUAL = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLists:
    """What a server lists.

    Attributes:
        items: by the member that a list of them is (`tools`, `prompts`, `resources`, `resourceTemplates`), as
            the server wrote them; empty where it has none.
        protocol: the revision that was spoken.
        name: what it calls itself, if it says so.
        version: likewise.
    """

    items: Mapping[str, Items]
    protocol: str
    name: str | None
    version: str | None


class _Page(BaseModel):
    """A page of a list, with items as they are: the SDK's own models drop what they don't know."""

    items: Items
    cursor: str | None = Field(default=None, alias="nextCursor")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """How the SDK asks for a list.

    Attributes:
        request: its name for the question.
        capability: that a server declares if it has such items.
        optional: whether a server that declares it may lack this list all the same.
    """

    request: str
    capability: str
    optional: bool = False


_QUESTIONS: Mapping[str, _Question] = MappingProxyType(
    {
        "tools": _Question(request="ListToolsRequest", capability="tools"),
        "prompts": _Question(request="ListPromptsRequest", capability="prompts"),
        "resources": _Question(request="ListResourcesRequest", capability="resources"),
        "resourceTemplates": _Question(
            request="ListResourceTemplatesRequest", capability="resources", optional=True
        ),
    }
)
"""By the member that holds the items."""


def lists_over_http(url: str, *, token: str | None = None, limits: Limits = _USUAL) -> ServerLists:
    """All items of all lists of a server, over streamable HTTP.

    Args:
        url: of the server; who writes it trusts it. Redirects are followed within its origin only.
        token: a bearer token, if the server wants one.
        limits: what the server may cost.

    Raises:
        ConfigError: the SDK isn't installed; or the server can't be reached, refuses, says what isn't strict,
            or costs too much.
    """
    watch = Watch(limits)
    return _ask(lambda: _http(url, token, watch), watch)


def lists_over_stdio(command: Sequence[str], *, limits: Limits = _USUAL) -> ServerLists:
    """All items of all lists of a server, from a process that is started for it and ended afterwards.

    Args:
        command: the program and its arguments; no shell reads them. The process gets the few environment
            variables that the SDK holds harmless, and our standard error.
        limits: what the server may cost.

    Raises:
        ConfigError: as for `lists_over_http`.
    """
    watch = Watch(limits)
    return _ask(lambda: started_server(command, watch), watch)


def _ask(connect: "Callable[[], Transport]", watch: Watch) -> ServerLists:
    try:
        import mcp  # noqa: F401, PLC0415 -- an extra
    except ModuleNotFoundError:
        problem = "asking an MCP server needs the `mcp` SDK, which isn't installed"
        raise ConfigError(problem, remedy="pip install 'policy-engine[mcp]'") from None
    try:
        with _sdk_silenced():
            return anyio.run(_listed, connect, watch.limits)
    except Exception as error:  # noqa: BLE001 -- the SDK raises whatever its transports raise, in groups
        raise watch.refusal or _explained(error, watch) from None


async def _listed(connect: "Callable[[], Transport]", limits: Limits) -> ServerLists:
    from mcp import Client  # noqa: PLC0415 -- an extra

    with anyio.fail_after(limits.seconds):
        async with Client(connect(), cache=None) as client:
            items = {kind.member: await _all(client, kind, limits) for kind in ITEM_KINDS}
            about = client.server_info
            return ServerLists(
                items=MappingProxyType(items),
                protocol=client.protocol_version,
                name=None if about is None else about.name,
                version=None if about is None else about.version,
            )


async def _all(client: "Client", kind: ItemKind, limits: Limits) -> Items:
    """Every item of a kind; none from a server that doesn't have the kind.

    Tools are asked for even if they aren't declared: some servers declare nothing.
    """
    from mcp import MCPError  # noqa: PLC0415 -- an extra
    from mcp.types import METHOD_NOT_FOUND  # noqa: PLC0415 -- an extra

    question = _QUESTIONS[kind.member]
    declared = getattr(client.server_capabilities, question.capability) is not None
    if not declared and kind is not TOOLS:
        return []
    try:
        return await _pages(client, kind, limits)
    except MCPError as error:
        if error.error.code == METHOD_NOT_FOUND and (question.optional or not declared):
            return []
        raise


async def _pages(client: "Client", kind: ItemKind, limits: Limits) -> Items:
    from mcp import types  # noqa: PLC0415 -- an extra

    request = getattr(types, _QUESTIONS[kind.member].request)
    page_model = create_model("Page", __base__=_Page, items=(Items, Field(alias=kind.member)))
    items: Items = []
    cursors: list[str | None] = [None]
    while len(cursors) <= limits.pages:
        params = types.PaginatedRequestParams(cursor=cursors[-1])
        page = await client.session.send_request(request(params=params), page_model)
        items += page.items
        if len(items) > limits.items:
            raise ConfigError(f"the server lists more than {limits.items} {kind.noun}s", remedy=BY_HAND)
        if not page.cursor:
            require_plain(items)
            return items
        if page.cursor in cursors:
            problem = f"the server's list of {kind.noun}s has no end: a `nextCursor` came twice"
            raise ConfigError(problem, remedy=BY_HAND)
        cursors.append(page.cursor)
    problem = f"the server's list of {kind.noun}s has more than {limits.pages} pages"
    raise ConfigError(problem, remedy=BY_HAND)


@asynccontextmanager
async def _http(url: str, token: str | None, watch: Watch) -> AsyncIterator[Any]:
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 -- an extra

    async with (
        watched_client(watch, token) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=watch.limits.bytes) as streams,
    ):
        yield streams


# --- what went wrong ----------------------------------------------------------------------------


@contextmanager
def _sdk_silenced() -> Iterator[None]:
    """Keep the SDK's own log quiet: it quotes what servers say, and we say what went wrong."""
    silence = logging.NullHandler()
    loggers = [logging.getLogger(name) for name in ("mcp", "client")]
    propagated = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(silence)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, propagated, strict=True):
            logger.removeHandler(silence)
            logger.propagate = propagate


def _explained(error: Exception, watch: Watch) -> ConfigError:
    from mcp import MCPError  # noqa: PLC0415 -- an extra
    from mcp.types import CONNECTION_CLOSED  # noqa: PLC0415 -- an extra

    causes = list(_leaves(error))
    match next((cause for cause in causes if isinstance(cause, ConfigError)), causes[0]):
        case ConfigError() as told:
            return told
        case TimeoutError():
            problem = f"the server gave no list within {watch.limits.seconds:g} seconds"
        case MCPError() if watch.status is not None and watch.status >= 400:  # noqa: PLR2004 -- HTTP
            problem = f"the server answers with HTTP status {watch.status}"
        case MCPError() as refused if refused.error.code == CONNECTION_CLOSED:
            problem = "the server ended, or hung up, before it had listed everything"
        case MCPError() as refused:
            problem = f"the server doesn't list what it has (JSON-RPC error {refused.error.code})"
        case ValidationError() | JsonError():
            problem = "the server's list isn't one that MCP knows"
        case failed if isinstance(failed, UNREACHABLE):
            problem = "the server can't be reached"
        case other:
            problem = f"the server can't be asked ({type(other).__name__})"
    return ConfigError(problem, remedy=BY_HAND)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
