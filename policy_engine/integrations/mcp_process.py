"""An MCP server that is started to be asked: its process, and the streams that the SDK speaks over.

It gets few environment variables and a session of its own; what it says is counted and read strictly; and it
never outlives what it was started for (MCP 2025-11-25, Lifecycle, Shutdown).
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import anyio

from policy_engine.integrations.mcp_reading import Watch

__all__ = ["started_server"]


@asynccontextmanager
async def started_server(command: Sequence[str], watch: Watch) -> AsyncIterator[Any]:
    """Start a server, and speak with it over its standard input and output."""
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
