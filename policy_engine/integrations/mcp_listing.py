"""Ask an MCP server for its list of tools: over streamable HTTP, or by starting it and speaking over stdio.

The SDK negotiates and asks. What a server says is bounded in time, bytes, pages and tools, and kept as it
wrote it: names and descriptions are data, whatever they look like. Nothing is called, and nothing that a
server asks for in return (sampling, roots, elicitation) is given.

The official SDK is an extra (`policy-engine[mcp]`), so it is imported where it is used: here, nowhere else.
"""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import anyio
from pydantic import BaseModel, Field, ValidationError

from policy_engine.errors import ConfigError
from policy_engine.integrations.mcp_reading import BY_HAND, UNREACHABLE, Limits, Watch, watched_client
from policy_engine.model.strict_json import JsonError, require_plain

if TYPE_CHECKING:  # the extra may be missing
    from mcp import ClientSession
    from mcp.client import Transport

__all__ = ["Limits", "tools_over_http", "tools_over_stdio"]

Items = list[dict[str, Any]]

_USUAL = Limits()


class _Page(BaseModel):
    """A page of the list, with items as they are: the SDK's own model drops what it doesn't know."""

    tools: list[dict[str, Any]]
    cursor: str | None = Field(default=None, alias="nextCursor")


def tools_over_http(url: str, *, token: str | None = None, limits: Limits = _USUAL) -> Items:
    """All items of a server's `tools/list`, over streamable HTTP.

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


def tools_over_stdio(command: Sequence[str], *, limits: Limits = _USUAL) -> Items:
    """All items of a server's `tools/list`, from a process that is started for it and ended afterwards.

    Args:
        command: the program and its arguments; no shell reads them. The process gets the few environment
            variables that the SDK holds harmless, and our standard error.
        limits: what the server may cost.

    Raises:
        ConfigError: as for `tools_over_http`.
    """
    watch = Watch(limits)
    return _ask(lambda: _stdio(command, watch), watch)


def _ask(connect: "Callable[[], Transport]", watch: Watch) -> Items:
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


async def _listed(connect: "Callable[[], Transport]", limits: Limits) -> Items:
    from mcp import Client  # noqa: PLC0415 -- an extra

    with anyio.fail_after(limits.seconds):
        async with Client(connect(), cache=None) as client:
            return await _pages(client.session, limits)


async def _pages(session: "ClientSession", limits: Limits) -> Items:
    from mcp.types import ListToolsRequest, PaginatedRequestParams  # noqa: PLC0415 -- an extra

    items: Items = []
    cursors: list[str | None] = [None]
    while len(cursors) <= limits.pages:
        params = PaginatedRequestParams(cursor=cursors[-1])
        page = await session.send_request(ListToolsRequest(params=params), _Page)
        items += page.tools
        if len(items) > limits.tools:
            raise ConfigError(f"the server lists more than {limits.tools} tools", remedy=BY_HAND)
        if not page.cursor:
            require_plain(items)
            return items
        if page.cursor in cursors:
            raise ConfigError("the server's list has no end: a `nextCursor` came twice", remedy=BY_HAND)
        cursors.append(page.cursor)
    raise ConfigError(f"the server's list has more than {limits.pages} pages", remedy=BY_HAND)


@asynccontextmanager
async def _http(url: str, token: str | None, watch: Watch) -> AsyncIterator[Any]:
    from mcp.client.streamable_http import streamable_http_client  # noqa: PLC0415 -- an extra

    async with (
        watched_client(watch, token) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=watch.limits.bytes) as streams,
    ):
        yield streams


@asynccontextmanager
async def _stdio(command: Sequence[str], watch: Watch) -> AsyncIterator[Any]:
    from mcp.client.stdio import get_default_environment  # noqa: PLC0415 -- an extra
    from mcp.shared.message import SessionMessage  # noqa: PLC0415 -- an extra
    from mcp.types import jsonrpc_message_adapter  # noqa: PLC0415 -- an extra

    process = await _started(command, get_default_environment(), watch)
    heard, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, said = anyio.create_memory_object_stream[SessionMessage](0)

    async def listen() -> None:
        async with heard:
            async for line in _lines(process, watch):
                message = jsonrpc_message_adapter.validate_python(watch.read(line), by_name=False)
                await heard.send(SessionMessage(message))

    async def speak() -> None:
        with suppress(OSError):  # it has ended, which `listen` notices
            async for item in said:
                text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                await _say(process, text.encode() + b"\n")

    try:
        async with read, write, said, anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            tasks.start_soon(speak)
            try:
                yield read, write
            finally:
                tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _ended(process)


# --- the process --------------------------------------------------------------------------------

_GRACE = 2.0
"""Seconds for a server to end by itself once its input is closed, and again once it was told to."""

_CHUNK = 65_536


async def _started(command: Sequence[str], environment: dict[str, str], watch: Watch) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            env=environment,
            limit=watch.limits.bytes,
            start_new_session=True,
        )
    except OSError as error:
        raise watch.refuse(f"the server can't be started: {error.strerror}", "try it in a shell") from None


async def _lines(process: Process, watch: Watch) -> AsyncIterator[bytes]:
    output = cast("asyncio.StreamReader", process.stdout)  # it was asked for
    while True:
        try:
            line = await output.readline()
        except ValueError:  # longer than the reader may hold
            raise watch.refuse(f"the server says more than {watch.limits.bytes} bytes") from None
        if not line:
            return
        yield watch.count(line)


async def _say(process: Process, line: bytes) -> None:
    input_ = cast("asyncio.StreamWriter", process.stdin)  # it was asked for
    input_.write(line)
    await input_.drain()


async def _ended(process: Process) -> None:
    """Close its input, and end it where that isn't enough (MCP 2025-11-25, Lifecycle, Shutdown)."""
    cast("asyncio.StreamWriter", process.stdin).close()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_drain, process)
        for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM), None):
            with anyio.move_on_after(_GRACE):
                await process.wait()
            if process.returncode is not None or number is None:
                break
            _signal(process, number)
        tasks.cancel_scope.cancel()


async def _drain(process: Process) -> None:
    """Let it finish what it is saying: a process can't end while it waits for a reader."""
    output = cast("asyncio.StreamReader", process.stdout)
    while await output.read(_CHUNK):
        pass


def _signal(process: Process, number: signal.Signals) -> None:
    # Its session was made for it: this reaches the process, what it started in turn, and nothing else.
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)


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
            problem = "the server ended, or hung up, before it had listed its tools"
        case MCPError() as refused:
            problem = f"the server doesn't list its tools (JSON-RPC error {refused.error.code})"
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
