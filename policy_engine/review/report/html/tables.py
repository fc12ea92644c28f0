"""Everything else of the page that is a table or a list."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from policy_engine.markup import Html, element, joined, spoken
from policy_engine.review.access import Access, Cell, Column, ColumnKind, Reach, RowKind
from policy_engine.review.report.comparing import Change
from policy_engine.review.report.html.alike import Alike, alike
from policy_engine.review.report.html.site import Site
from policy_engine.review.report.standing import said
from policy_engine.review.report.words import counted

__all__ = ["basis_of", "changes_of", "delegation_of", "findings_of"]

_MOST_CHANGES: Final = 500


def changes_of(site: Site) -> Iterator[Html]:
    """What is otherwise than in an earlier report."""
    comparison = site.comparison
    if comparison is None:
        return
    digests = [element("code", digest[:16], "…") for digest in (comparison.before, comparison.after)]
    same = comparison.before == comparison.after
    told = ["The policies are the same."] if same else ["Policies ", digests[0], " became ", digests[1], "."]
    yield element("p", *told, class_="dim")
    if comparison.same:
        yield element("p", "Nothing is otherwise.", class_="empty")
    for says, changes in (
        ("Verdicts", comparison.verdicts),
        ("Findings", comparison.findings),
        ("Who can do what", comparison.cells),
    ):
        if changes:
            yield _table(
                f"{says}: {counted(len(changes), 'change')}",
                ("", "what", "was", "is"),
                map(_change, changes[:_MOST_CHANGES]),
            )
            if len(changes) > _MOST_CHANGES:
                yield element("p", f"And {len(changes) - _MOST_CHANGES:,} more.", class_="dim")


def _change(change: Change) -> Html:
    signs = {True: ("▲ worse", "worse"), False: ("▼ better", "better"), None: ("◆ other", "other")}
    says, class_ = signs[change.worse]
    subject: list[str] = []
    for part in change.subject:
        subject += [" · ", element("code", part)] if subject else [element("code", part)]
    note = [element("small", spoken(change.note))] if change.note else []
    return element(
        "tr",
        element("td", element("span", says, class_=f"change {class_}")),
        element("th", *subject, *note, scope="row"),
        element("td", said(change.before) or "not there"),
        element("td", said(change.after) or "gone"),
        data_how=change.how,
    )


def delegation_of(site: Site) -> Iterator[Html]:
    """What each agent can reach for a person, and by which policies."""
    access = site.access
    if access is None:
        return
    numbers = [number for number, row in enumerate(access.rows) if row.kind is RowKind.delegated]
    yield from (_agent(site, access, together) for together in alike(access, numbers))


def _agent(site: Site, access: Access, together: Alike) -> Html:
    row = together.first
    reached = [
        (column, access.cell(row.id, column.id))
        for column in access.columns
        if access.cell(row.id, column.id).reach is not Reach.never
    ]
    tools = [(column, cell) for column, cell in reached if column.kind is ColumnKind.tool]
    others = len(reached) - len(tools)
    agent = row.id.removeprefix("delegated by ") if not row.whole else "any agent"
    start = joined(
        [
            element("span", "any person", class_="node User"),
            " → ",
            element("span", agent, class_="node Client"),
        ]
    )
    paths = [_path(site, column, cell) for column, cell in tools]
    more = f"and {counted(others, 'other method')}" if others else ""
    lines = [*paths, *([element("li", more, class_="dim")] if more else [])]
    end = element("ul", *lines, class_="paths") if lines else element("p", "reaches nothing", class_="dim")
    also = [element("small", together.also)] if together.also else []
    return element("div", element("p", start, *also, class_="path"), end, class_="agent")


def _path(site: Site, column: Column, cell: Cell) -> Html:
    return element(
        "li",
        "→ ",
        element("span", f"{column.server}/{column.name}", class_="node tool"),
        " ",
        element("span", str(cell.reach), class_=f"cell {str(cell.reach)[0]}"),
        " by ",
        site.named(each.policy for each in cell.permits),
    )


def findings_of(site: Site) -> Iterator[Html]:
    """What the checks found; what somebody answered for is behind the rest."""
    findings = sorted(site.review.findings, key=lambda each: not each.counts)
    if not findings:
        yield element("p", "The checks found nothing.", class_="empty")
        return
    rows = []
    for finding in findings:
        where = site.places.at(finding.file, finding.line)
        said = [spoken(finding.message), element("small", spoken(finding.remedy))]
        if finding.suppressed is not None:
            said.append(element("small", f"left so: {finding.suppressed}"))
        rows.append(
            element(
                "tr",
                element("th", element("code", finding.code), scope="row"),
                element(
                    "td",
                    element("span", str(finding.severity) if finding.counts else "left so", class_="tag"),
                ),
                element("td", *said),
                element("td", "" if finding.policy is None else site.policy(finding.policy)),
                element("td", element("code", where)),
                class_=None if finding.counts else "dim",
            )
        )
    yield _table(counted(len(findings), "finding"), ("code", "", "says", "policy", "where"), rows)


def basis_of(site: Site) -> Iterator[Html]:
    """What the verdicts take for granted, how that is made sure of, and of what exactly they speak."""
    review = site.review
    rows = (
        element(
            "tr",
            element("th", element("code", each.code), scope="row"),
            element("td", each.statement),
            element("td", each.enforced),
        )
        for each in review.assumptions
    )
    yield _table("Assumptions", ("", "taken for granted", "how the engine makes sure of it"), rows)
    facts = [(f"SHA-256 of {name}", digest) for name, digest in review.digests.items()]
    facts += [(name, version or "not installed") for name, version in review.versions.items()]
    facts += [("questions", ", ".join(dict.fromkeys(each.question for each in review.verdicts)) or "none")]
    facts += [("seconds", f"{review.seconds:.1f}")] if review.seconds else []
    parts = [
        part for name, value in facts for part in (element("dt", name), element("dd", element("code", value)))
    ]
    yield element("dl", *parts, class_="facts")
    notes = dict.fromkeys((*review.notes, *(site.access.notes if site.access else ())))
    if notes:
        yield element("ul", *(element("li", note) for note in notes), class_="notes")


def _table(caption: str, heads: Sequence[str], rows: Iterable[Html]) -> Html:
    head = element("thead", element("tr", *(element("th", each, scope="col") for each in heads)))
    table = element("table", element("caption", caption), head, element("tbody", *rows), class_="list")
    return element("div", table, class_="scroll")
