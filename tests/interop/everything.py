"""A server with what the conformance suite asks for by name, built with the official SDK."""

import asyncio
import base64
import json
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import (
    AudioContent,
    Completion,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

__all__ = ["everything"]

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
    )
).decode()
SILENCE = base64.b64encode(
    b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\2\0\0\0\0\0"
).decode()


class Person(BaseModel):
    """What is asked of a user."""

    username: str = Field(description="The name of an account")
    email: str = Field(description="An address")


class Defaults(BaseModel):
    """A default of each primitive type."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Annotated[str, Field(json_schema_extra={"enum": ["active", "inactive", "pending"]})] = "active"
    verified: bool = True


def everything() -> MCPServer:
    """Make it."""
    server = MCPServer("everything", log_level="CRITICAL")
    _contents(server)
    _conversations(server)
    _resources(server)
    _prompts(server)
    return server


def _embedded(uri: str, media: str, text: str) -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=media, text=text)
    )


def _contents(server: MCPServer) -> None:
    image = ImageContent(type="image", data=PIXEL, mime_type="image/png")

    @server.tool()
    def test_simple_text() -> str:
        """Text."""
        return "This is a simple text response for testing."

    @server.tool()
    def test_image_content() -> list[ImageContent]:
        """An image."""
        return [image]

    @server.tool()
    def test_audio_content() -> list[AudioContent]:
        """A sound."""
        return [AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")]

    @server.tool()
    def test_embedded_resource() -> list[EmbeddedResource]:
        """A resource."""
        text = "This is an embedded resource content."
        return [_embedded("test://embedded-resource", "text/plain", text)]

    @server.tool()
    def test_multiple_content_types() -> list[ContentBlock]:
        """One of each."""
        text = TextContent(type="text", text="Multiple content types test:")
        told = json.dumps({"test": "data", "value": 123})
        return [text, image, _embedded("test://mixed-content-resource", "application/json", told)]

    @server.tool()
    def test_error_handling() -> str:
        """A failure."""
        raise RuntimeError("This tool intentionally returns an error for testing")

    @server.tool()
    def test_x_mcp_header(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
        """An argument that a header repeats."""
        return region


def _conversations(server: MCPServer) -> None:
    @server.tool()
    async def test_tool_with_logging(context: Context) -> str:
        """Says what it does."""
        for step in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            await context.info(step)
            await asyncio.sleep(0.05)
        return "done"

    @server.tool()
    async def test_tool_with_progress(context: Context) -> str:
        """Says how far it is."""
        for step in (0, 50, 100):
            await context.report_progress(step, 100)
            await asyncio.sleep(0.05)
        return "done"

    @server.tool()
    async def test_elicitation(message: str, context: Context) -> str:
        """Asks the user."""
        answer = await context.elicit(message=message, schema=Person)
        return f"User response: {answer.action}"

    @server.tool()
    async def test_elicitation_sep1034_defaults(context: Context) -> str:
        """Asks the user, with defaults."""
        answer = await context.elicit(message="Please provide user information", schema=Defaults)
        return f"Elicitation completed: action={answer.action}"

    @server.tool()
    async def test_trigger_tool_change(context: Context) -> str:
        """Tells whoever listens."""
        await context.notify_tools_changed()
        return "done"

    @server.tool()
    async def test_trigger_prompt_change(context: Context) -> str:
        """Tells whoever listens."""
        await context.notify_prompts_changed()
        return "done"

    @server.tool()
    async def test_reconnection(context: Context) -> str:
        """Closes the stream in the middle."""
        await context.close_sse_stream()
        await asyncio.sleep(0.2)
        return "Reconnection test completed"


def _resources(server: MCPServer) -> None:
    @server.resource("test://static-text", mime_type="text/plain")
    def static_text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png")
    def static_binary() -> bytes:
        return base64.b64decode(PIXEL)

    @server.resource("test://template/{id}/data", mime_type="application/json")
    def template(id: str) -> str:  # noqa: A002 -- the suite's name
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.resource("test://watched-resource", mime_type="text/plain")
    def watched() -> str:
        return "watched"


def _prompts(server: MCPServer) -> None:
    @server.prompt()
    def test_simple_prompt() -> str:
        """Without arguments."""
        return "This is a simple prompt for testing."

    @server.prompt()
    def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """With two."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt()
    def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803 -- the suite's
        """With a resource."""
        embedded = _embedded(resourceUri, "text/plain", "Embedded resource content for testing.")
        return [UserMessage(content=embedded), UserMessage(content="Please process it.")]

    @server.prompt()
    def test_prompt_with_image() -> list[UserMessage]:
        """With an image."""
        image = ImageContent(type="image", data=PIXEL, mime_type="image/png")
        return [UserMessage(content=image), UserMessage(content="Please look at it.")]

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # of the SDK
    async def complete(_ref: Any, _argument: Any, _context: Any) -> Completion:
        return Completion(values=[], total=0, has_more=False)
