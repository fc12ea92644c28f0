"""A review for a pull request (GitHub Flavored Markdown): short, with details that fold."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from policy_engine.review.access import Access, ColumnKind, Reach
from policy_engine.review.checks import CheckFinding
from policy_engine.review.report.commands import commands_of, sides
from policy_engine.review.report.comparing import Change, Comparison
from policy_engine.review.report.places import Places
from policy_engine.review.report.standing import STANDINGS, Standing, by_standing, said, summary
from policy_engine.review.report.words import OUTCOMES, counted, sentence, visible
from policy_engine.review.review import Review
from policy_engine.review.verdict import Verdict, Witness

__all__ = ["markdown"]

_SIGNS: Final = {
    Standing.violated: "❌",
    Standing.unknown: "❔",
    Standing.remark: "💡",
    Standing.waived: "🤝",
    Standing.proved: "✅",
}
_REACHES: Final = {Reach.always: "**always**", Reach.may: "may", Reach.never: "·"}

_MOST: Final = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

_MOST_COLUMNS: Final = 60
_MOST_CHANGES: Final = 30
_MOST_LINES: Final = 25
_MOST_NAMES: Final = 12
_LONGEST: Final = 400

_SIGN: Final = re.compile(r"[^\w\s,;'\"()/.\u0080-\U0010ffff-]|_|\.(?=\S)|^[-\d]")
"""What means something to Markdown, to HTML or to GitHub, or does at the beginning of an item."""


def markdown(
    review: Review, *, comparison: Comparison | None = None, shown: Callable[[str], str] = str
) -> str:
    """A review as a comment on a pull request; no name in it makes a link, a mention or an element.

    Args:
        review: the review.
        comparison: with an earlier one.
        shown: how the path of a file is written.
    """
    places = Places.of(review, shown)
    outcome = Standing(review.outcome)
    text = f"## {_SIGNS[outcome]} Policy review: {STANDINGS[outcome]}\n\n**{summary(review)}**\n"
    left_out = 0
    for block in _blocks(review, comparison, places):
        if len(text) + len(block) > _MOST:
            left_out += 1
        else:
            text += f"\n{block}"
    if left_out:
        text += f"\n{counted(left_out, 'more part')} would be too long for a comment; see the whole report.\n"
    return text


def _blocks(review: Review, comparison: Comparison | None, places: Places) -> Iterator[str]:
    for standing, verdicts in by_standing(review).items():
        if standing in (Standing.violated, Standing.unknown):
            yield from (_verdict(standing, verdict, places) for verdict in verdicts)
        elif verdicts:
            yield _listed(standing, verdicts)
    if comparison is not None:
        yield _changes(comparison)
    if review.findings:
        yield _findings(review.findings, places)
    if isinstance(review.access, Access):
        yield _matrix(review.access)
    yield _basis(review)


def _listed(standing: Standing, verdicts: Sequence[Verdict]) -> str:
    """A line each; what is waived with the reason."""
    lines = []
    for verdict in verdicts[:_MOST_LINES]:
        waived = "" if verdict.waived is None else f", by {_code(verdict.waived)}"
        lines.append(f"- {_code(verdict.question)} {_said(sentence(verdict.statement))}{waived}")
    if len(verdicts) > _MOST_LINES:
        lines.append(f"- and {len(verdicts) - _MOST_LINES:,} more")
    return _folded(f"{_SIGNS[standing]} {len(verdicts):,} {STANDINGS[standing]}", "\n".join(lines))


def _verdict(standing: Standing, verdict: Verdict, places: Places) -> str:
    word = OUTCOMES[verdict.outcome]
    lines = []
    if verdict.reason is not None:
        lines.append(f"Because {_code(str(verdict.reason.reason))}: {_said(verdict.reason.detail)}")
    if verdict.policies:
        first = verdict.policies[:_MOST_NAMES]
        named = ", ".join(f"{_code(name)}{_place(places.of_policy(name))}" for name in first)
        more = len(verdict.policies) - len(first)
        lines.append(f"Policies: {named}{f' and {more:,} more' if more else ''}")
    parts = ["\n\n".join(lines), *map(_witness, verdict.witnesses)]
    title = f"{_SIGNS[standing]} <b>{word}</b> {_code(verdict.question)} {_said(sentence(verdict.statement))}"
    return _folded(title, "\n\n".join(part for part in parts if part))


def _witness(witness: Witness) -> str:
    lines = [f"- {_asked(side)}" for side in sides(witness)]
    if witness.note:
        lines.append(f"- {_said(witness.note)}")
    if witness.call is not None and witness.call.note and not witness.call.reachable:
        lines.append(f"- nobody can send it: {_said(witness.call.note)}")
    for command in commands_of(witness):
        lines += ["", f"{_text(command.says)}:", "", _fenced(command.text, command.language)]
    return "\n".join(lines)


def _asked(witness: Witness) -> str:
    decision = "is **allowed**" if witness.allowed else "is **denied**"
    by = f" by {', '.join(map(_code, witness.policies))}" if witness.policies else ""
    who, action, resource = (_code(str(uid)) for uid in (witness.principal, witness.action, witness.resource))
    return f"{who} {decision} {action} on {resource}{by}"


def _changes(comparison: Comparison) -> str:
    if comparison.same:
        return "Nothing is otherwise than in the earlier report.\n"
    parts: Iterable[tuple[str, Sequence[Change]]] = (
        ("verdict", comparison.verdicts),
        ("finding", comparison.findings),
        ("cell", comparison.cells),
    )
    told = ", ".join(counted(len(changes), name) for name, changes in parts if changes)
    rows = ["| | what | was | is |", "|---|---|---|---|"]
    for name, changes in parts:
        rows += [_change(name, change) for change in changes[:_MOST_CHANGES]]
        if len(changes) > _MOST_CHANGES:
            rows.append(f"| {name} | and {len(changes) - _MOST_CHANGES:,} more | | |")
    return _folded(f"🔀 otherwise than in the earlier report: {told}", "\n".join(rows))


def _change(name: str, change: Change) -> str:
    sign = {True: "⬆️ ", False: "⬇️ ", None: ""}[change.worse]
    subject = " ".join(map(_code, change.subject))
    return f"| {sign}{name} | {subject} | {_text(said(change.before))} | {_text(said(change.after))} |"


def _findings(findings: Sequence[CheckFinding], places: Places) -> str:
    rows = ["| code | policy | says | where |", "|---|---|---|---|"]
    for finding in findings:
        policy = "" if finding.policy is None else _code(finding.policy)
        where = places.at(finding.file, finding.line)
        left = "" if finding.suppressed is None else f" (left so: {_text(finding.suppressed)})"
        says = f"{_said(finding.message)}{left}"
        rows.append(f"| {_code(finding.code)} | {policy} | {says} | {_code(where) if where else ''} |")
    return _folded(f"🔎 {counted(len(findings), 'finding')}", "\n".join(rows))


def _matrix(access: Access) -> str:
    """The kinds alone: what each of them reaches of the tools."""
    rows = [row for row in access.rows if row.whole]
    tools = [column for column in access.columns if column.kind is ColumnKind.tool]
    lines = [f"| tool | {' | '.join(_text(row.label) for row in rows)} |", f"|---|{'---|' * len(rows)}"]
    for column in tools[:_MOST_COLUMNS]:
        reaches = (_REACHES[access.cell(row.id, column.id).reach] for row in rows)
        lines.append(f"| {_code(f'{column.server}/{column.name}')} | {' | '.join(reaches)} |")
    if len(tools) > _MOST_COLUMNS:
        lines.append(f"| and {len(tools) - _MOST_COLUMNS:,} more |{' |' * len(rows)}")
    return _folded("👥 who can call what", "\n".join(lines))


def _basis(review: Review) -> str:
    lines = [f"- {_code(each.code)} {_text(each.statement)}" for each in review.assumptions]
    lines += [f"- SHA-256 of {_text(name)}: {_code(digest)}" for name, digest in review.digests.items()]
    told = (f"{name} {version or 'not installed'}" for name, version in review.versions.items())
    lines.append(f"- {_text(', '.join(told))}")
    lines += [f"- {_text(note)}" for note in review.notes]
    return _folded("📎 what it rests on", "\n".join(lines))


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content.rstrip()}\n\n</details>\n"


def _place(where: str) -> str:
    return f" ({_code(where)})" if where else ""


def _said(sentence: str) -> str:
    """A sentence; what stands in it between backticks is a name."""
    parts = _short(sentence).split("`")
    if len(parts) % 2 == 0:  # one that isn't closed is a sign like any other
        return _text(sentence)
    return "".join(_code(part) if at % 2 else _text(part) for at, part in enumerate(parts))


def _text(text: str) -> str:
    """A text in which nothing is markup: each sign that could be is spelt as a character reference.

    A reference is never read as Markdown (CommonMark 0.31, section 2.5). What GitHub links after that, people
    and issues by their signs, is cut in two by an empty comment.
    """
    return re.sub("(?<=&#64;|&#35;)", "<!-- -->", _spelt(_short(text)))


def _code(text: str) -> str:
    """A name; GitHub links nothing within `code`."""
    return f"<code>{_spelt(_short(text))}</code>"


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"


def _spelt(text: str) -> str:
    return _SIGN.sub(lambda found: f"&#{ord(found[0])};", text)


def _fenced(text: str, language: str) -> str:
    """A block of code, whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in _runs(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _runs(text: str) -> Iterator[str]:
    run = ""
    for char in text:
        if char == "`":
            run += char
        else:
            yield run
            run = ""
    yield run
