"""Files that changed are loaded beside decisions, and used if nothing is wrong with them."""

from policy_engine.engine.reloading.files import named_files
from policy_engine.engine.reloading.signals import heed_sighup
from policy_engine.engine.reloading.watcher import PolicyWatcher

__all__ = ["PolicyWatcher", "heed_sighup", "named_files"]
