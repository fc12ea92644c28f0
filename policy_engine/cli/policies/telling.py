"""`policy-engine policies status`: which policies there are, and what those in shadow mode would change."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.audit.wording import moment
from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.policies.standing import Log, Standing, Would
from policy_engine.evaluator import StoredPolicy

__all__ = ["LogOption", "changes_line", "shadow_record", "status"]

LogOption = Annotated[
    list[Path] | None,
    typer.Option("--log", help="An audit log in place of the configuration's own; oldest file first."),
]


def status(
    log: LogOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Say which policies there are, file by file, and what those in shadow mode would have changed.

    What is in the files is compared with what the last decision in the audit log was made with: a set that
    wasn't loaded yet, or was refused, is told. Counts are of the whole log, with files that were moved aside.

    Example: policy-engine policies status --format json
    """
    with errors_explained():
        standing = Standing.of(config, log or ())
        if format is Format.json:
            print_json(_record(standing))
            return
        for line in _lines(standing):
            out().print(visible(line))


def shadow_record(policy: StoredPolicy, log: Log | None) -> dict[str, Any]:
    """One policy in shadow mode, for programs; counts are null if there is no log."""
    counts = dict.fromkeys(Would().to_dict()) if log is None else log.of_policy(policy.id).to_dict()
    written = policy.written
    return {
        "id": policy.id,
        "effect": policy.effect,
        "file": written.file,
        "line": written.line,
        **counts,
        "since": None if log is None else log.first,
    }


def changes_line(policy: StoredPolicy, log: Log | None) -> str:
    """The same for people, on one line."""
    if log is None or log.first is None:
        return "no decision is in an audit log"
    would = log.of_policy(policy.id)
    parts = [
        f"would have {verb} {would.changes[change]}"
        for change, verb in (("allow", "allowed"), ("deny", "denied"))
        if would.changes[change]
    ]
    changed = " and ".join(parts) or "would have changed none"
    last = "" if would.last is None else f", last at {moment(would.last)}"
    return f"{changed} of {log.decisions} decisions since {moment(log.first)}{last}"


def _record(standing: Standing) -> dict[str, Any]:
    log = standing.log
    return {
        "digest": standing.store.digest,
        "policies": len(standing.store.policies),
        "files": [
            {"file": file, "policies": [policy.id for policy in policies]}
            for file, policies in standing.by_file.items()
        ],
        "shadow": [shadow_record(policy, log) for policy in standing.shadow],
        "log": None if log is None else log.to_dict(),
        "in_force": None if log is None or log.digest is None else log.digest == standing.store.digest,
    }


def _lines(standing: Standing) -> Iterator[str]:
    store = standing.store
    counts = f"{len(store.policies)} policies in {len(standing.by_file)} files"
    yield f"{counts}, {len(standing.shadow)} in shadow mode"
    yield f"digest  {store.digest}"
    yield from _in_force(standing)
    for file, policies in standing.by_file.items():
        yield ""
        yield _shown(file)
        for policy in policies:
            mode = "  (shadow)" if policy.shadow else ""
            yield f"  {policy.written.line:>4}  {policy.effect:<6}  {policy.id}{mode}"
            if policy.shadow:
                yield f"        {changes_line(policy, standing.log)}"


def _in_force(standing: Standing) -> Iterator[str]:
    log = standing.log
    if log is None or log.digest is None or log.since is None or log.last is None:
        yield "in force  not known: no decision is in an audit log"
        return
    generation = "" if log.generation is None else f", generation {log.generation}"
    if log.digest == standing.store.digest:
        last = f"; last decision at {moment(log.last)}"
        yield f"in force  this set, since {moment(log.since)}{generation}{last}"
        return
    yield f"in force  another set{generation}: the last decision, at {moment(log.last)}, was made with"
    yield f"          {log.digest}"
    yield "          (not loaded yet, or refused: see what the server logged)"


def _shown(file: str) -> str:
    try:
        return Path(file).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file
