"""What was recorded of decisions, asked again: read, put to policies, and kept as scenarios."""

from policy_engine.harness.recording.exchange import Exchange, Log, Problem
from policy_engine.harness.recording.reading import read_log
from policy_engine.harness.recording.situation import Gone, Situation, situation_of
from policy_engine.harness.recording.told import told_leanings
from policy_engine.harness.recording.verdicts import Judge, Leaning, Opinion

__all__ = [
    "Exchange",
    "Gone",
    "Judge",
    "Leaning",
    "Log",
    "Opinion",
    "Problem",
    "Situation",
    "read_log",
    "situation_of",
    "told_leanings",
]
