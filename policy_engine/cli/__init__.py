"""The command line: one file a subcommand, `main.py` puts them together."""

from policy_engine.cli.main import app, main

__all__ = ["app", "main"]
