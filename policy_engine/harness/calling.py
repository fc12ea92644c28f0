"""Somebody with a token, who calls tools: for tests that are written in Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_engine.engine import Message, PolicyEngine
from policy_engine.evaluator import Explanation
from policy_engine.model import Decision, HttpFacts, Principal

__all__ = ["Caller"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A machine, a person, or somebody whose token is refused.

    Attributes:
        engine: whom the token is shown to.
        token: the bearer token.
        server: whom the token is for; None where only one server is configured.
    """

    engine: PolicyEngine
    token: str = field(repr=False)
    server: str | None = None

    @property
    def principal(self) -> Principal:
        """Whom the engine takes them for.

        Raises:
            TokenError: their token opens nothing here.
            MappingError: it can't be told whether they are a machine or a human.
        """
        return self.engine.identify(self.token, self.server)

    def call(self, tool: str, arguments: Mapping[str, Any] | None = None, /, **named: Any) -> Decision:  # noqa: ANN401 -- any JSON
        """Call a tool.

        Args:
            tool: its name.
            arguments: its arguments.
            named: further ones, by name.
        """
        return self.send(_message(tool, arguments, named))

    def send(self, message: Message, *, http: HttpFacts | None = None) -> Decision:
        """Send a message of any kind; None for GET and DELETE, as `http` says."""
        return self.engine.evaluate(self.token, message, server=self.server, http=http)

    def sees(self, *tools: Mapping[str, Any]) -> tuple[str, ...]:
        """Ask for the tools, of which the server lists these; the names of those that are left."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        answer = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [dict(tool) for tool in tools]}}
        return self.engine.filter_list(self.token, request, answer, self.server).shown

    def explain(self, tool: str, arguments: Mapping[str, Any] | None = None, /, **named: Any) -> Explanation:  # noqa: ANN401 -- any JSON
        """Call a tool, and be told why it is decided so."""
        return self.engine.explain(self.token, _message(tool, arguments, named), self.server)


def _message(tool: str, arguments: Mapping[str, Any] | None, named: Mapping[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": {**(arguments or {}), **named}}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
