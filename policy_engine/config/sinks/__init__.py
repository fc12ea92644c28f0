"""The section `audit`: where decisions are recorded, and the keys that stand for what is recorded."""

from policy_engine.config.sinks.keys import (
    AuditVerifier,
    audit_verifier,
    configured_verifier,
    new_audit_key,
    public_audit_key,
)
from policy_engine.config.sinks.redaction import shown_arguments
from policy_engine.config.sinks.trail import audit_trail

__all__ = [
    "AuditVerifier",
    "audit_trail",
    "audit_verifier",
    "configured_verifier",
    "new_audit_key",
    "public_audit_key",
    "shown_arguments",
]
