"""People, machines, calls and outcomes as they stand in scenario files: what was found can be kept."""

from policy_engine.harness.entries.decided import outcome_text
from policy_engine.harness.entries.entry import Entry, entry_text
from policy_engine.harness.entries.parts import call_entry, json_text, principal_entry

__all__ = ["Entry", "call_entry", "entry_text", "json_text", "outcome_text", "principal_entry"]
