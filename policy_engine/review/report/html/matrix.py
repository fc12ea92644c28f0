"""Who can do what, as tables: a row for everybody, a column for everything; a server each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

from policy_engine.markup import Html, element
from policy_engine.review.access import Access, Column, ColumnKind, Reach, Row, RowKind
from policy_engine.review.report.html.alike import Alike, alike
from policy_engine.review.report.html.site import Site
from policy_engine.review.report.words import KINDS, counted

__all__ = ["matrix_of"]

_SHORT: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "read_only": ("R", "read-only"),
        "destructive": ("D", "destructive"),
        "open_world": ("O", "open world"),
        "idempotent": ("I", "idempotent"),
    }
)
_CLASSES: Final[Mapping[Reach, str]] = MappingProxyType({Reach.always: "a", Reach.may: "m", Reach.never: "n"})
_HELP: Final = (
    "Choose a cell to see the policies that decide it. Arrow keys move between cells, Enter opens one. "
    "Who is shown in a group is in no other, but those that this one is in."
)


def _is_hot(row: Row, column: Column, reach: Reach) -> bool:
    """Whether a machine reaches what may destroy something."""
    return row.kind is RowKind.Client and "destructive" in column.groups and reach is not Reach.never


def matrix_of(site: Site) -> Iterator[Html]:
    """The tables, and what filters them."""
    access = site.access
    if access is None:
        return
    yield _filters(access)
    yield _legend()
    yield element("p", _HELP, class_="dim", id="grid-help")
    for server, columns in groupby(access.columns, key=lambda column: column.server):
        yield from _server(access, server, [*columns])
    yield element("p", "Nothing fits the filter.", class_="empty", id="no-cells", hidden="")
    yield element(
        "dialog",
        element("button", "Close", type="button", class_="close", id="cell-close"),
        element("div", id="cell-content"),
        id="cell",
        aria_labelledby="cell-title",
    )


def _filters(access: Access) -> Html:
    who = _input("filter-who", "Who", "such as: machine")
    what = _input("filter-what", "What", "such as: destructive")
    hot = element(
        "label",
        element("input", type="checkbox", id="filter-hot"),
        " only machines that reach destructive tools",
        class_="check",
    )
    size = f"{counted(len(access.rows), 'row')}, {counted(len(access.columns), 'column')}"
    status = element("output", size, id="filter-status", for_="filter-who filter-what filter-hot")
    return element("form", who, what, hot, status, class_="filters", id="filters", hidden="")


def _input(name: str, says: str, example: str) -> Html:
    box = element(
        "input", type="search", id=name, placeholder=example, autocomplete="off", spellcheck="false"
    )
    return element("label", element("span", says), box)


def _legend() -> Html:
    reaches = [
        element("span", element("span", "always", class_="cell a"), " every request is allowed"),
        element("span", element("span", "may", class_="cell m"), " it depends"),
        element("span", element("span", "never", class_="cell n"), " no request is allowed"),
        element("span", element("span", "may", class_="cell m hot"), " a machine reaches a destructive tool"),
    ]
    kinds = [
        element("span", element("span", sign, class_=f"sign {name}"), f" {says}")
        for name, (sign, says) in _SHORT.items()
    ]
    return element("p", *reaches, *kinds, class_="legend")


def _server(access: Access, server: str, columns: Sequence[Column]) -> Iterator[Html]:
    tools = [column for column in columns if column.kind is ColumnKind.tool]
    others = [column for column in columns if column.kind is not ColumnKind.tool]
    heading = element("h3", "Server ", element("code", server))
    yield element(
        "div",
        heading,
        *([_table(access, f"Tools of {server}", tools)] if tools else []),
        *([_folded(access, server, others)] if others else []),
        class_="server",
    )


def _folded(access: Access, server: str, columns: Sequence[Column]) -> Html:
    says = f"Prompts, resources and other methods ({len(columns):,})"
    return element("details", element("summary", says), _table(access, f"Other methods of {server}", columns))


def _table(access: Access, caption: str, columns: Sequence[Column]) -> Html:
    numbers = {column.id: number for number, column in enumerate(access.columns)}
    own = [(column, numbers[column.id]) for column in columns]
    heads = [element("th", "who", scope="col", class_="corner"), *(_head(column, at) for column, at in own)]
    bodies = [
        element("tbody", _kind(kind, len(own)), *(_row(access, row, own) for row in rows))
        for kind, rows in groupby(
            alike(access, range(len(access.rows))), key=lambda together: together.first.kind
        )
    ]
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads)),
        *bodies,
        class_="matrix",
        role="grid",
        aria_readonly="true",
        aria_describedby="grid-help",
    )
    return element(
        "div", table, class_="scroll matrix-scroll", tabindex="0", role="region", aria_label=caption
    )


def _head(column: Column, at: int) -> Html:
    signs = [
        element("abbr", sign, class_=f"sign {name}", title=says)
        for name, (sign, says) in _SHORT.items()
        if name in column.groups
    ]
    name = element("span", column.name, class_="name", title=column.name)
    return element("th", name, element("span", *signs, class_="signs"), scope="col", data_c=str(at))


def _kind(kind: RowKind, width: int) -> Html:
    return element(
        "tr",
        element("th", element("span", KINDS[kind]), scope="rowgroup", colspan=str(width + 1)),
        class_="kind",
    )


def _row(access: Access, together: Alike, columns: Iterable[tuple[Column, int]]) -> Html:
    number, row = together.numbers[0], together.first
    grid = access.grid[number]
    cells = []
    for column, at in columns:
        reach = access.cells[grid[at]].reach
        hot = " hot" if _is_hot(row, column, reach) else ""
        cells.append(Html(f'<td class="{_CLASSES[reach]}{hot}">{reach}</td>'))
    also = [element("small", together.also)] if together.also else []
    name = element("th", element("span", row.label), *also, scope="row", title=row.note or None)
    numbers = " ".join(map(str, together.numbers))
    return element("tr", name, *cells, data_r=numbers, class_="whole" if row.whole else None)
