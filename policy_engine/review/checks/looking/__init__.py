"""What checks look at: policies with what they reach, and who is configured."""

from policy_engine.review.checks.looking.machines import Machine, machines_of
from policy_engine.review.checks.looking.nodes import (
    ACTOR,
    PRINCIPAL,
    SCOPES,
    TIME,
    TOKEN,
    about_kind,
    attribute,
    scope_literals,
    texts_asked_of_scopes,
)
from policy_engine.review.checks.looking.reach import Kind, Reach, is_tool
from policy_engine.review.checks.looking.scene import Scene

__all__ = [
    "ACTOR",
    "PRINCIPAL",
    "SCOPES",
    "TIME",
    "TOKEN",
    "Kind",
    "Machine",
    "Reach",
    "Scene",
    "about_kind",
    "attribute",
    "is_tool",
    "machines_of",
    "scope_literals",
    "texts_asked_of_scopes",
]
