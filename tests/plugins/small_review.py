"""A small review: a shop, policies with a mistake, and what a reviewer is told of them."""

from types import MappingProxyType
from typing import Any

from policy_engine import PolicyEngine
from policy_engine.config import config_from_values
from policy_engine.model import Client, EntityUid, TokenFacts
from policy_engine.review import Assumption, Outcome, Review, Severity, Subject, Verdict, Witness
from policy_engine.review.access import access
from policy_engine.review.checks import CheckFinding
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.witness import Bearer, Call

NOW = 1_790_000_000.0

__all__ = ["finding", "review_of", "shop", "small_review", "witness"]

POLICIES = """\
// Above all policies.
@id("anybody-wipes")
permit (principal, action == Action::"shop/wipe", resource)
when { context.arguments.env == "staging" &&
  context.token.scopes.contains("wipe") };
@id("people-look") @delegable
permit (principal is User, action in Action::"read_only", resource);
@id("machines-look")
permit (principal in ClientGroup::"machines/stock", action in Action::"read_only", resource);
@id("never-in-prod")
forbid (principal is Client, action in [Action::"shop/look", Action::"shop/wipe"], resource)
when { context.arguments.env == "prod" };
"""

_BOT = Client(issuer="machines", client_id="bot", groups=frozenset({"stock"}))
_ARGUMENTS = {"env": "staging"}
_MESSAGE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "wipe", "arguments": _ARGUMENTS},
}

Values = dict[str, Any]


def shop(wipe: str = "wipe") -> Values:
    """A configuration with two tools.

    Args:
        wipe: the name of the one that destroys.
    """

    def tool(name: str, **hints: bool) -> Values:
        schema = {"type": "object", "properties": {"env": {"type": "string"}}, "required": ["env"]}
        return {"reviewed": True, "item": {"name": name, "annotations": hints, "inputSchema": schema}}

    tools = [tool("look", readOnlyHint=True), tool(wipe, destructiveHint=True)]
    corp = {
        "issuer": "https://login.example.com",
        "profile": "rfc9068",
        "clients": {"helper": {"grants": ["authorization_code"], "acts_for_users": True}},
    }
    bot = {"grants": ["client_credentials"], "groups": ["stock"]}
    machines = {
        "issuer": "https://as.example.com",
        "profile": "policy-engine",
        "clients": {"bot": bot},
    }
    servers = {"shop": {"resource": "https://mcp.example.com/shop", "catalogue": {"tools": tools}}}
    return {
        "version": 1,
        "servers": servers,
        "issuers": {"corp": corp, "machines": machines},
        "policies": [],
    }


def review_of(values: Values, policies: str, *verdicts: Verdict, **more: Any) -> Review:
    """A review with the matrix of some policies."""
    subject = Subject.of_engine(PolicyEngine.from_config(config_from_values(values, policy_text=policies)))
    return Review(
        verdicts=verdicts,
        access=access(subject),
        assumptions=(
            Assumption(code="A1", statement="Requests are typed.", enforced="The engine types them."),
        ),
        digests=MappingProxyType({"policies": subject.policies.digest, "schema": "5c" * 32}),
        versions=MappingProxyType({"policy-engine": "1.0", "cvc5": None}),
        **more,
    )


def finding(**changes: Any) -> CheckFinding:
    """Something that a check found."""
    fields = {
        "code": "PS101",
        "policy": "anybody-wipes",
        "message": "its head names no kind",
        "remedy": "write `principal is User`",
        "file": "policies/shop.cedar",
        "line": 2,
        "column": 1,
        "severity": Severity.error,
    }
    return CheckFinding(**{**fields, **changes})


def witness(call: Call | None = None, twin: Witness | None = None, **changes: Any) -> Witness:
    """A machine that wipes."""
    fields = {
        "principal": _BOT.uid,
        "action": EntityUid("Action", "shop/wipe"),
        "resource": EntityUid("Tool", "shop/wipe"),
        "context": {"arguments": _ARGUMENTS, "token": {"scopes": ["wipe"]}},
        "entities": ({"uid": _BOT.uid.to_json(), "attrs": {}, "parents": []},),
        "allowed": True,
        "policies": ("anybody-wipes",),
    }
    return Witness(call=call, twin=twin, **{**fields, **changes})


def small_review(**changes: Any) -> Review:
    """The review; `changes` replace parts of it."""
    engine = PolicyEngine.from_config(config_from_values(shop(), policy_text=POLICIES))
    token = TokenFacts(scopes=("wipe",), grant="client_credentials")
    call = Call(
        principal=_BOT,
        server="shop",
        message=_MESSAGE,
        token=token,
        at=NOW,
        decision=engine.explain(_BOT, _MESSAGE, "shop", token).decision,
        bearer=Bearer(issuer="machines", kind="client", id="bot", scope="wipe"),
        command="policy-engine explain --client machines/bot --scope wipe --tool wipe "
        """--args '{"env": "staging"}'""",
    )
    twin = witness(principal=EntityUid("User", "machines/bot"))
    verdicts = (
        Verdict(
            question="separation",
            subject="anybody-wipes",
            outcome=Outcome.violated,
            statement="`anybody-wipes` treats a machine as it treats a person.",
            policies=("anybody-wipes",),
            witnesses=(witness(call, twin),),
            environments=2,
            solved=2,
        ),
        Verdict(
            question="separation",
            subject="people-look",
            outcome=Outcome.proved,
            statement="`people-look` is for people alone.",
            policies=("people-look",),
            environments=2,
        ),
        Verdict(
            question="never",
            subject="destructive",
            outcome=Outcome.unknown,
            statement="Whether a machine can do anything destructive isn't known.",
            reason=Unknown(UnknownReason.timeout, "10 seconds weren't enough"),
            environments=4,
        ),
        Verdict(
            question="health",
            subject="machines-look",
            outcome=Outcome.violated,
            statement="`machines-look` allows nothing that others don't.",
            policies=("machines-look",),
            severity=Severity.note,
            waived='@x-waived("so")',
        ),
    )

    fields = {"findings": (finding(),), **changes}
    return review_of(shop(), POLICIES, *fields.pop("verdicts", verdicts), **fields)
