"""Frozen values that every stage shares; imports nothing of ours but errors."""

from policy_engine.model.codes import ALLOWED, CODES, Code
from policy_engine.model.decision import Decision, PolicyFault, PolicyMatch
from policy_engine.model.principal import Client, Identity, Principal, Tags, User
from policy_engine.model.request import AuthorizationRequest, CedarJson, HttpFacts, Surroundings
from policy_engine.model.token import TokenFacts, VerifiedToken
from policy_engine.model.uid import EntityUid

__all__ = [
    "ALLOWED",
    "CODES",
    "AuthorizationRequest",
    "CedarJson",
    "Client",
    "Code",
    "Decision",
    "EntityUid",
    "HttpFacts",
    "Identity",
    "PolicyFault",
    "PolicyMatch",
    "Principal",
    "Surroundings",
    "Tags",
    "TokenFacts",
    "User",
    "VerifiedToken",
]
