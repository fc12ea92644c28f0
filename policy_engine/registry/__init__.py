"""Who is registered at our own authorization server, for the engine: kept up to date beside its decisions.

A store, or a file that was exported from one, is looked at each second by a thread of its own; a decision
never waits for it. What is disabled, removed or denied there is refused from the next call on.
"""

from policy_engine.registry.exported import ExportedFile
from policy_engine.registry.snapshot import Snapshot
from policy_engine.registry.source import Denials, Entry, Reading, Source
from policy_engine.registry.stored import StoredRegistry
from policy_engine.registry.watch import RegistryWatch

__all__ = [
    "Denials",
    "Entry",
    "ExportedFile",
    "Reading",
    "RegistryWatch",
    "Snapshot",
    "Source",
    "StoredRegistry",
]
