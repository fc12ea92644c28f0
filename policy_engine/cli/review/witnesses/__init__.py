"""Witnesses as a reviewer types and keeps them: a token, a command, a scenario."""

from policy_engine.cli.review.witnesses.attesting import attested, calls_to_deny
from policy_engine.cli.review.witnesses.commands import Command, command_of
from policy_engine.cli.review.witnesses.proving import Proof, prove
from policy_engine.cli.review.witnesses.saving import Saved, save_scenario

__all__ = [
    "Command",
    "Proof",
    "Saved",
    "attested",
    "calls_to_deny",
    "command_of",
    "prove",
    "save_scenario",
]
