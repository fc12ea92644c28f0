"""What `validate` found, for people and for programs: a line each, with the place in the source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final, Literal

from rich.cells import cell_len
from rich.console import Console

from policy_engine.cli.console import visible
from policy_engine.errors import ConfigError
from policy_engine.evaluator import PolicyWarning
from policy_engine.files import secret_lines

__all__ = ["WITHHELD", "Finding", "in_order", "print_findings"]

WITHHELD: Final = "(not shown: it may hold a secret)"
"""In place of a line."""

_POLICIES: Final = ".cedar"
"""The suffix of files in which there is nothing secret."""

_STYLES = {"error": "bold red", "warning": "bold yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An error or a warning.

    Attributes:
        severity: which of the two.
        code: of a warning, `PSnnn`; of an error, what kind it is.
        policy: the id of the policy, if a warning is about one.
        problem: what, in one sentence.
        remedy: what to do about it, in one sentence.
        file: where it is written, if in a file.
        line: 1-based, if known.
        column: 1-based, if known.
        text: the finding as one line.
    """

    severity: Literal["error", "warning"]
    code: str
    policy: str | None
    problem: str
    remedy: str
    file: str | None
    line: int | None
    column: int | None
    text: str

    @classmethod
    def of_error(cls, error: ConfigError) -> "Finding":
        """What has to be mended."""
        return cls(
            severity="error",
            code=error.code,
            policy=None,
            problem=error.problem,
            remedy=error.remedy,
            file=error.file,
            line=error.line,
            column=error.column,
            text=str(error),
        )

    @classmethod
    def of_warning(cls, warning: PolicyWarning) -> "Finding":
        """What should be known."""
        return cls(
            severity="warning",
            code=warning.code,
            policy=warning.policy,
            problem=warning.message,
            remedy=warning.remedy,
            file=warning.file,
            line=warning.line,
            column=warning.column,
            text=str(warning),
        )

    @property
    def source(self) -> str | None:
        """The line that it is about, if it can be read; its place is taken where a secret may stand in it."""
        lines = () if self.file is None or self.line is None else _lines(self.file)
        return lines[self.line - 1] if self.line is not None and self.line <= len(lines) else None

    def to_dict(self) -> dict[str, object]:
        """For programs."""
        names = ("code", "policy", "problem", "remedy", "file", "line", "column")
        return {name: getattr(self, name) for name in names} | {"source": self.source}

    def excerpt(self) -> Iterator[str]:
        """The line that it is about, with carets under the part."""
        source = self.source
        if source is None or not source.strip():
            return
        yield f"{self.line:>5} | {source}"
        if source == WITHHELD:
            return
        yield f"{'':>5} | {_under(source, (self.column or 1) - 1)}"


def in_order(errors: Iterable[ConfigError], warnings: Iterable[PolicyWarning]) -> list[Finding]:
    """All of them by file, line and column."""
    found = [*map(Finding.of_error, errors), *map(Finding.of_warning, warnings)]
    return sorted(found, key=lambda one: (one.file or "", one.line or 0, one.column or 0))


def print_findings(console: Console, findings: Iterable[Finding]) -> None:
    """A line each, and the place below it."""
    _lines.cache_clear()
    for finding in findings:
        console.print(f"{finding.severity}:", style=_STYLES[finding.severity], end=" ")
        console.print(visible(finding.text))
        for line in finding.excerpt():
            console.print(visible(line, keep="\t"), style="dim")


@cache
def _lines(file: str) -> tuple[str, ...]:
    try:
        text = Path(file).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ()
    # Not `splitlines`: it would count line ends that YAML and Cedar don't.
    lines = [line.rstrip("\r") for line in text.split("\n")]
    secret = frozenset() if file.endswith(_POLICIES) else secret_lines(text)
    return tuple(WITHHELD if number in secret else line for number, line in enumerate(lines, start=1))


def _under(source: str, start: int) -> str:
    """Carets below the word that begins there; tabs stay tabs, and wide characters take two places."""
    before = "".join("\t" if char == "\t" else " " * cell_len(char) for char in source[:start])
    return before + "^" * max(1, cell_len(_word(source[start:])))


def _word(text: str) -> str:
    """A string, a name with what belongs to it (`Group::"…"`, `@id("…")`), or one character."""
    if text[:1] == '"':
        end = text.find('"', 1)
        return text[: end + 1] if end > 0 else text
    name = "".join(takewhile(lambda char: char.isalnum() or char in "_@:", text))
    rest = text[len(name) :]
    if name.endswith("::") and rest[:1] == '"':
        return name + _word(rest)
    return name.rstrip(":") or text[:1]
