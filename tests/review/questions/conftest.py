"""A small deployment, reviewed with any policies, and what is said of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.review import Options, Review, Subject, Verdict, review
from tests.plugins.solver import require_cvc5

TEXT = {"type": "string"}


def tool(name: str, **hints: bool) -> dict[str, Any]:
    """A pinned tool that was reviewed, about a repository and a number of things."""
    properties = {"repo": TEXT, "count": {"type": "integer"}}
    schema = {"type": "object", "properties": properties, "required": ["repo"]}
    return {"reviewed": True, "item": {"name": name, "inputSchema": schema, "annotations": hints}}


TOOLS = [
    tool("look", readOnlyHint=True),
    tool("write", destructiveHint=False),
    tool("wipe", destructiveHint=True),
]

VALUES: dict[str, Any] = {
    "version": 1,
    "servers": {"git": {"resource": "https://mcp.example.com/git", "catalogue": {"tools": TOOLS}}},
    "issuers": {
        "corp": {
            "issuer": "https://login.example.com",
            "profile": "rfc9068",
            "claims": {"user": {"groups": "groups", "tags": {"team": "team"}, "email": "email"}},
            "clients": {"desktop": {"grants": ["authorization_code"], "acts_for_users": True}},
        },
        "machines": {
            "issuer": "https://as.example.com",
            "profile": "policy-engine",
            "clients": {
                "bot": {"grants": ["client_credentials"], "groups": ["ci"]},
                "other": {"grants": ["client_credentials"]},
            },
        },
    },
    "policies": [],
}

Reviewed = Callable[..., Review]


def loaded(policies: str, **changes: Any) -> LoadedConfig:
    """The deployment with these policies; `changes` replaces sections of its configuration."""
    return config_from_values({**VALUES, **changes}, policy_text=policies)


def subject(policies: str, **changes: Any) -> Subject:
    """The same, loaded."""
    return Subject.of(loaded(policies, **changes))


@pytest.fixture
def reviewed() -> Reviewed:
    """Asks one question about policies of the deployment."""
    require_cvc5()

    def ask(question: str, policies: str, *, of: Mapping[str, Any] | None = None, **options: Any) -> Review:
        return review(subject(policies, **(of or {})), Options(questions=(question,), **options))

    return ask


def said(found: Review) -> dict[str, tuple[str, str]]:
    """What is known of each subject, and the sentence that says so."""
    return {verdict.subject: (str(verdict.outcome), verdict.statement) for verdict in found.verdicts}


def about(found: Review, subject: str) -> Verdict:
    """The verdict on one subject."""
    (verdict,) = [verdict for verdict in found.verdicts if verdict.subject == subject]
    return verdict


def plain(verdict: Verdict) -> Verdict:
    """A verdict without its witnesses and without how it came about, to be compared as a whole."""
    return replace(verdict, witnesses=(), environments=0, solved=0, details={})
