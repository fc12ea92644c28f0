"""`policy-engine audit verify`: whether the audit log is what was written."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from policy_engine.audit import ChainReport, Report, verify_files
from policy_engine.cli.audit.progress import reading
from policy_engine.cli.audit.sources import FilesArgument, configured, files_of
from policy_engine.cli.audit.wording import moment
from policy_engine.cli.console import EXIT_DENY, EXIT_YES, Format, errors_explained, out, print_json, visible
from policy_engine.cli.options import ConfigOption, FormatOption, read_argument
from policy_engine.config import LoadedConfig, audit_verifier, configured_verifier
from policy_engine.errors import ConfigError

__all__ = ["verify"]

_HEAD = re.compile(r"[0-9a-fA-F]{64}")
_MOST = 100
"""Problems and notes that are printed; in JSON all are."""


def verify(
    files: FilesArgument = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", "-k", help="The public JWK, or JWK Set, that checkpoints must be signed with."),
    ] = None,
    heads: Annotated[
        list[str] | None,
        typer.Option(
            "--head", help="A head that was kept elsewhere, or `@FILE` of those that `audit head` printed."
        ),
    ] = None,
    config: ConfigOption = Path("policy-engine.yaml"),
    format: FormatOption = Format.text,  # noqa: A002 -- the option's name
) -> None:
    """Check that no line of the audit log was changed, removed, inserted or put elsewhere.

    What isn't as it was written is printed with its file and line. Without a key only what was changed
    without making all later hashes anew is found; with one, everything before the last checkpoint; and with
    heads, everything up to them. Of a configuration that signs, its own key is used unless one is given.

    Exits with 0 if everything is as it was written, 1 if something isn't, 2 if something can't be used.

    Example: policy-engine audit verify --key audit-key.public.jwk --head @heads.txt
    """
    with errors_explained():
        loaded = configured(files, config)
        paths = files_of(files, loaded)
        kept = [head for value in heads or () for head in _heads(value)]
        verifier = _verifier(key, loaded)
        with reading(paths) as progress:
            report = verify_files(paths, verifier=verifier, heads=kept, progress=progress)
        if format is Format.json:
            print_json(_record(report))
        else:
            for line in _lines(report):
                out().print(visible(line))
    raise typer.Exit(EXIT_YES if report.ok else EXIT_DENY)


def _verifier(key: Path | None, loaded: LoadedConfig | None) -> Any:  # noqa: ANN401 -- one of `config`, or None
    if key is not None:
        return audit_verifier(key)
    return None if loaded is None else configured_verifier(loaded)


def _heads(value: str) -> Iterator[str]:
    """The first word of each line."""
    words = [line.split()[0] for line in read_argument(value, "the heads").splitlines() if line.strip()]
    if not words or not all(map(_HEAD.fullmatch, words)):
        remedy = "give 64 hexadecimal digits, as `policy-engine audit head` prints them"
        raise ConfigError("--head: this is no head", remedy=remedy)
    yield from words


def _lines(report: Report) -> Iterator[str]:
    for chain in report.chains:
        lines = (
            f"lines {chain.first_seq}-{chain.seq}" if chain.seq != chain.first_seq else f"line {chain.seq}"
        )
        yield f"chain {chain.id}  {lines}  {_signed(chain, report)}  head {chain.head}"
    for note in report.notes[:_MOST]:
        yield f"note: {note.place}: {note.says}"
    yield from _more(len(report.notes), "notes")
    for problem in report.problems[:_MOST]:
        of = "" if problem.chain is None else f" (chain {problem.chain})"
        yield f"problem: {problem.place}: {problem.kind}: {problem.says}{of}"
    yield from _more(len(report.problems), "problems")
    chains = _counted(len(report.chains), "chain")
    if report.ok:
        yield f"ok: {_counted(report.lines, 'line')}, {chains}: nothing was changed"
    else:
        yield f"{_counted(len(report.problems), 'problem')} in {_counted(report.lines, 'line')}, {chains}"


def _signed(chain: ChainReport, report: Report) -> str:
    if not chain.signed_seq:
        return "not signed"
    checked = "" if report.signatures else ", not checked"
    return f"signed up to {chain.signed_seq} ({moment(chain.signed_at or 0)}{checked})"


def _more(count: int, what: str) -> Iterator[str]:
    if count > _MOST:
        yield f"… and {count - _MOST} more {what}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _record(report: Report) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "files": [str(file) for file in report.files],
        "lines": report.lines,
        "signatures_checked": report.signatures,
        "chains": [
            {
                "chain": chain.id,
                "first": {"file": str(chain.first.file), "line": chain.first.line, "seq": chain.first_seq},
                "last": {"file": str(chain.last.file), "line": chain.last.line, "seq": chain.seq},
                "lines": chain.lines,
                "signed": {"seq": chain.signed_seq, "time": chain.signed_at} if chain.signed_seq else None,
                "head": chain.head,
            }
            for chain in report.chains
        ],
        "problems": [
            {
                "file": str(problem.place.file),
                "line": problem.place.line,
                "chain": problem.chain,
                "kind": problem.kind,
                "says": problem.says,
            }
            for problem in report.problems
        ],
        "notes": [
            {"file": str(note.place.file), "line": note.place.line, "says": note.says}
            for note in report.notes
        ],
    }
