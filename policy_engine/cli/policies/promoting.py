"""`policy-engine policies promote`: a policy in shadow mode decides from now on."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.cli.audit.wording import decision_line
from policy_engine.cli.clients.switching import confirmed
from policy_engine.cli.console import Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption
from policy_engine.cli.policies.standing import Standing, changed_store
from policy_engine.cli.policies.telling import LogOption, changes_line, shadow_record
from policy_engine.errors import ConfigError
from policy_engine.evaluator import StoredPolicy, written_tree
from policy_engine.files import Edit, read_text, replace_file

__all__ = ["promote"]

_BOM = "\ufeff"


def promote(
    policy_id: Annotated[str, typer.Argument(metavar="ID", help="The `@id` of a policy in shadow mode.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    log: LogOption = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Take `@mode("shadow")` from a policy in its file, so that it decides once the file is loaded.

    First it is said what the policy would have changed, by the audit log, and asked whether that is meant.
    Nothing else in the file changes, and nothing at all if the policies couldn't be loaded then.

    Exits with 0 if it was promoted, or could be with --dry-run, 1 if the answer was no, 2 if it can't be.

    Example: policy-engine policies promote no-night-deploys --dry-run
    """
    with errors_explained():
        standing = Standing.of(config, log or ())
        policy = standing.policy(policy_id)
        file, edit = _edit(policy)
        if format is Format.text:
            _tell(policy, standing)
        check = partial(_check, standing, policy, edit)
        if not dry_run:
            confirmed(f"let {policy_id} decide?", yes=yes)
        replace_file(file, edit, check=lambda _: check(), write=not dry_run)
        if format is Format.json:
            said: dict[str, Any] = shadow_record(policy, standing.log)
            print_json({**said, "promoted": not dry_run})
            return
        done = f"{policy_id} could be promoted" if dry_run else f"{policy_id} decides once it is loaded"
        out().print(visible(f"{done}: {file}:{policy.written.line}"))


def _tell(policy: StoredPolicy, standing: Standing) -> None:
    out().print(visible(f"{policy.effect} {policy.id}: {changes_line(policy, standing.log)}"))
    if standing.log is not None:
        for record in standing.log.of_policy(policy.id).examples:
            out().print(f"  {decision_line(record)}")


def _edit(policy: StoredPolicy) -> tuple[Path, Edit]:
    """The file's text without the annotation.

    Raises:
        ConfigError: the policy is in no file, or the file was changed meanwhile.
    """
    written = policy.written
    span = written_tree(written).annotation_spans.get("mode")
    if written.file is None or span is None:
        raise ConfigError(f"`{policy.id}` is in no file", remedy="take its `@mode` out where it is made")
    file = Path(written.file)
    before = read_text(file)
    start = _offset(before, written.line, written.column)
    if not before.startswith(written.text, start):
        raise ConfigError("the file was changed meanwhile", remedy="try again", file=file)
    after = written.text[span.end :]
    end = start + span.end + len(after) - len(after.lstrip())
    return file, Edit(before=before, after=before[: start + span.start] + before[end:])


def _offset(text: str, line: int, column: int) -> int:
    """How many characters stand before a place; a byte order mark counts in the text, and not in places."""
    start = len(_BOM) if text.startswith(_BOM) else 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _check(standing: Standing, policy: StoredPolicy, edit: Edit) -> None:
    """Hold the set as it would be against what it was: this policy decides, and nothing else is otherwise.

    Raises:
        ConfigError: more would be.
    """
    span = written_tree(policy.written).annotation_spans["mode"]
    runs = policy.effective.text
    promoted = runs[: span.start] + runs[span.end :].lstrip()
    meant = {
        each.id: (promoted, False) if each.id == policy.id else (each.effective.text, each.shadow)
        for each in standing.store.policies.values()
    }
    store = changed_store(standing.loaded, policy.written.file or "", edit.after.removeprefix(_BOM))
    if {each.id: (each.effective.text, each.shadow) for each in store.policies.values()} != meant:
        raise ConfigError(
            "the annotation can't be taken out without changing more",
            remedy='take `@mode("shadow")` out by hand',
            file=policy.written.file,
            line=policy.written.line,
        )
