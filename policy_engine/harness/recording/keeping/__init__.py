"""Recorded traffic, kept as a scenario file; what can't be replayed exactly is marked, and not decided."""

from policy_engine.harness.recording.keeping.keeping import keep
from policy_engine.harness.recording.keeping.kept import Kept, KeptCase
from policy_engine.harness.recording.keeping.text import scenario_text

__all__ = ["Kept", "KeptCase", "keep", "scenario_text"]
