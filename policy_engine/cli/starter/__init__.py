"""The project that `policy-engine init` writes: what is in it, and how it gets to its place."""

from policy_engine.cli.starter.install import install
from policy_engine.cli.starter.keys import missing_keys, write_key
from policy_engine.cli.starter.project import Project, example_project, pinned_project

__all__ = [
    "Project",
    "example_project",
    "install",
    "missing_keys",
    "pinned_project",
    "write_key",
]
