"""What was recorded of decisions, asked again: read, put to policies, and kept as scenarios."""

from policy_engine.harness.recording.exchange import Exchange, Log, Problem
from policy_engine.harness.recording.keeping import Kept, KeptCase, keep, scenario_text
from policy_engine.harness.recording.reading import read_log
from policy_engine.harness.recording.situation import Gone, Situation, situation_of
from policy_engine.harness.recording.told import told_leanings
from policy_engine.harness.recording.verdicts import Judge, Leaning, Opinion

__all__ = [
    "Exchange",
    "Gone",
    "Judge",
    "Kept",
    "KeptCase",
    "Leaning",
    "Log",
    "Opinion",
    "Problem",
    "Situation",
    "keep",
    "read_log",
    "scenario_text",
    "situation_of",
    "told_leanings",
]
