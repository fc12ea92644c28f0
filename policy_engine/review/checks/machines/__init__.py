"""Checks of what machines may do, by themselves and for people."""

from policy_engine.review.checks.machines.any_action import ANY_ACTION
from policy_engine.review.checks.machines.blind_delegation import BLIND_DELEGATION
from policy_engine.review.checks.machines.every_machine import EVERY_MACHINE
from policy_engine.review.checks.machines.every_server import EVERY_SERVER
from policy_engine.review.checks.machines.idle_group import IDLE_GROUP
from policy_engine.review.checks.machines.idle_machine import IDLE_MACHINE
from policy_engine.review.checks.machines.never_principal import NEVER_PRINCIPAL
from policy_engine.review.checks.machines.unconditional_destruction import UNCONDITIONAL_DESTRUCTION
from policy_engine.review.checks.machines.write_without_scope import WRITE_WITHOUT_SCOPE

__all__ = [
    "ANY_ACTION",
    "BLIND_DELEGATION",
    "EVERY_MACHINE",
    "EVERY_SERVER",
    "IDLE_GROUP",
    "IDLE_MACHINE",
    "NEVER_PRINCIPAL",
    "UNCONDITIONAL_DESTRUCTION",
    "WRITE_WITHOUT_SCOPE",
]
