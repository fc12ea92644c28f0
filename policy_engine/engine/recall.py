"""A call that differs from an earlier one in nothing that policies read: what was decided then is told again.

Most calls are of a few tools by the same callers, and of their arguments policies read one or two. Everything
that is checked of such a call is checked by the same functions as always, only what is the same for every
call of this tool by this caller isn't worked out anew. What isn't certain to be told so, is for `pipeline` to
decide; a property test holds the two to the same decisions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from policy_engine.config import Stages
from policy_engine.errors import ConfigError
from policy_engine.evaluator import Known
from policy_engine.kept import Kept
from policy_engine.mcp import (
    CALL_PARTS,
    Body,
    PlainCall,
    call_parts,
    checks_skipped,
    plain_call,
    read_body,
    stated_version,
)
from policy_engine.model import ALLOWED, AuthorizationRequest, CedarJson, EntityUid, HttpFacts, Identity

__all__ = ["Recall", "common_fields"]

Fields = dict[str, Any]
"""Of a decision."""

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_MOST, _SIZE = 100_000, 4_000
"""Plans that are kept, and bytes that one takes, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is the same for every call of one tool by one caller.

    Attributes:
        identity: the caller; the very object, which one token alone has.
        known: what the policies' answers are found by.
        resource: the tool.
        fields: those of the decision.
        silent: says of the rest of a context that no policy in shadow mode has anything to say, as it had
            nothing of the very same question before; None where no policy is in it.
    """

    identity: Identity
    known: Known
    silent: Callable[[CedarJson], bool] | None
    resource: EntityUid
    fields: Fields


class Recall:
    """Plans of calls, for one generation of what was loaded.

    Args:
        stages: that generation.

    Attributes:
        stages: the same.
        only_server: the server that is meant where none is named; None if there are several.
    """

    __slots__ = ("_plans", "only_server", "stages")

    def __init__(self, stages: Stages) -> None:
        reuse = stages.loaded.config.reuse
        self.stages = stages
        self.only_server = next(iter(stages.servers)) if len(stages.servers) == 1 else None
        self._plans: Kept[tuple[str, str, int], _Plan] = Kept(
            _MOST if reuse.answers else 0, reuse.megabytes * 1024 * 1024 // 16
        )

    def named(self, server: str | None) -> str:
        """The server that is meant.

        Raises:
            ConfigError: none is named, and several are configured.
        """
        server = self.only_server if server is None else server
        if server is None:
            raise ConfigError("several servers are configured", remedy="say which one: server=…")
        return server

    def tell(
        self, server: str, token: str, message: Mapping[str, Any] | bytes | str, http: HttpFacts | None
    ) -> tuple[Fields | None, Body | None]:
        """Fields of the decision, if an answer of the policies to the very same question is at hand.

        Args:
            server: whom the message is for.
            token: the bearer's.
            message: what is asked.
            http: what is known of the HTTP request, which is a POST.

        Returns:
            All fields but the times, or None; and the message, if it was read meanwhile. Never raises: what
            is wrong with either, whoever decides finds again.
        """
        body: Body | None = None
        try:
            stages = self.stages
            audiences = stages.audiences_by_server.get(server)
            verified = None if audiences is None else stages.verifier.seen(token, audiences.any_kind)
            if verified is None:
                return None, None
            identity = stages.mapper.map(verified)
            body = read_body(message)
            call = plain_call(body)
            if call is None:
                return None, body
            plan = self._plans.get((server, call.name, id(identity)))
            # The plan holds the identity, so that no other object can have its number meanwhile; and it was
            # made of one that opens this server.
            if plan is None or plan.identity is not identity:
                return None, body
            return self._told(server, plan, call, http), body
        except Exception:  # noqa: BLE001 -- whatever it is, it isn't told here
            return None, body

    def learn(
        self, server: str, identity: Identity, jti: str | None, body: Body, request: AuthorizationRequest
    ) -> None:
        """Remember a call that was allowed; its token has that id."""
        call = plain_call(body)
        if call is None or "arguments" not in request.context:
            return
        fixed = {name: value for name, value in request.context.items() if name not in CALL_PARTS}
        known = self.stages.evaluator.known(request, fixed)
        shadows = self.stages.shadows
        silent = None if shadows is None else shadows.silence(request, fixed)
        if known is None or (silent is None and shadows is not None):
            return
        fields = {
            **common_fields(self.stages, server),
            "code": ALLOWED,
            "principal": identity.principal,
            "jti": jti,
            "method": "tools/call",
            "action": request.action,
            "resource": request.resource,
            "reused": True,
        }
        plan = _Plan(identity=identity, known=known, silent=silent, resource=request.resource, fields=fields)
        self._plans.keep((server, call.name, id(identity)), plan, _SIZE)

    def _told(self, server: str, plan: _Plan, call: PlainCall, http: HttpFacts | None) -> Fields | None:
        stages = self.stages
        if stages.drift.heard_anything and stages.drift.is_changed(plan.resource):
            return None
        version = stated_version(call, http)
        if version is None:
            return None
        arguments = stages.builder.arguments(server, call)
        if arguments is None or (arguments.forward is not call.arguments and arguments.forward):
            return None
        parts = call_parts(version, arguments)
        verdict = stages.evaluator.recall(plan.known, parts)
        if verdict is None or verdict.code != ALLOWED:
            return None
        if plan.silent is not None and not plan.silent(parts):
            return None  # what would have been otherwise is worked out, and recorded
        fields = plan.fields.copy()
        fields["request_id"] = call.id
        fields["checks_skipped"] = checks_skipped(http)
        fields["argument_names"] = arguments.names
        fields["policies"] = verdict.policies
        fields["forward"] = call.text
        return fields


def common_fields(stages: Stages, server: str) -> Fields:
    """Fields of every decision on a message for a server."""
    row = stages.servers.get(server)
    return {
        "server": server,
        "resource_url": None if row is None else row.resource,
        "policy_digest": stages.policies.digest,
        "generation": stages.generation,
        "forward_headers": _NO_HEADERS,
    }
