"""`policy-engine audit head`: what to keep elsewhere, so that no end of the log is cut off unnoticed."""

from pathlib import Path

import typer

from policy_engine.audit import verify_files
from policy_engine.cli.audit.progress import reading
from policy_engine.cli.audit.sources import FilesArgument, configured, files_of
from policy_engine.cli.console import EXIT_DENY, EXIT_YES, errors_explained, out, print_error
from policy_engine.cli.options import ConfigOption

__all__ = ["head"]


def head(files: FilesArgument = None, config: ConfigOption = Path("policy-engine.yaml")) -> None:
    """Print the head of each chain of the log: its last hash, its id, and how many lines it had.

    Keep them where whoever can write the log can't, and give them to `audit verify --head` later: the log may
    have grown by then, but must have these lines still.

    Exits with 0, with 1 if something in the log isn't as it was written, 2 if something can't be used.

    Example: policy-engine audit head > /mnt/elsewhere/heads.txt
    """
    with errors_explained():
        paths = files_of(files, configured(files, config))
        with reading(paths) as progress:
            report = verify_files(paths, progress=progress)
        for chain in report.chains:
            out().print(f"{chain.head}  {chain.id}  {chain.seq}")
        if not report.ok:
            print_error("something in the log isn't as it was written: policy-engine audit verify")
    raise typer.Exit(EXIT_YES if report.ok else EXIT_DENY)
