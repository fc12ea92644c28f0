"""The policies as a drawing: whom each is about, the policy, what it is about."""

from collections.abc import Iterator
from typing import Final

from policy_engine.markup import Html, element
from policy_engine.review.report.html.graph_nodes import Node, drawn
from policy_engine.review.report.html.site import Site
from policy_engine.review.report.words import counted

__all__ = ["graph_of"]

_WIDTH: Final = 1100
_ROW: Final = 34
_BOX: Final = 26
_TOP: Final = 40
_COLUMNS: Final = ((10, 290, "who"), (400, 290, "policy"), (790, 300, "what"))
"""Left edges, widths and names of the three columns."""

_LETTERS: Final = 36
"""As many fit a box."""


def graph_of(site: Site) -> Html:
    """The drawing; each box has its whole name as a title, and its neighbours in its description."""
    policies = {} if site.access is None else site.access.policies
    nodes, way = drawn(policies.values())
    if not nodes:
        return element("p", "There are no policies that decide.", class_="empty")
    people = [*dict.fromkeys(name for node in nodes for name in node.who)]
    things = [*dict.fromkeys(name for node in nodes for name in node.what)]
    height = _TOP + _ROW * max(len(people), len(nodes), len(things)) + 10
    who = {name: _middle(at, len(people), height) for at, name in enumerate(people)}
    what = {name: _middle(at, len(things), height) for at, name in enumerate(things)}
    own = [_middle(at, len(nodes), height) for at in range(len(nodes))]
    parts = [
        element("title", "Policies: whom they are about, and what"),
        *(
            element("text", heading, x=str(left), y="20", class_="column")
            for (left, _, _), heading in zip(_COLUMNS, ("who", "policy", "what"), strict=True)
        ),
        *(edge for at, node in enumerate(nodes) for edge in _edges(node, at, own[at], who, what)),
        *(_box(0, y, name, f"w{at}") for at, (name, y) in enumerate(who.items())),
        *(_policy(site, node, own[at], at) for at, node in enumerate(nodes)),
        *(_box(2, y, name, f"t{at}") for at, (name, y) in enumerate(what.items())),
    ]
    drawing = element(
        "svg",
        *parts,
        class_="graph",
        viewBox=f"0 0 {_WIDTH} {height}",
        width=str(_WIDTH),
        height=str(height),
        role="img",
        aria_label="Graph of the policies; the list of policies says the same in words",
    )
    frame = element(
        "div", drawing, class_="scroll graph-scroll", tabindex="0", role="region", aria_label="Policy graph"
    )
    legend = [
        element("span", "solid lines: permit", class_="key permit"),
        element("span", "dashed lines: forbid", class_="key forbid"),
    ]
    says = f"{counted(len(policies), 'policy', 'policies')}{way}. "
    return element("figure", frame, element("figcaption", says, *legend))


def _middle(at: int, among: int, height: int) -> int:
    """Where the middle of a box is: a column is spread over the whole height."""
    free = (height - _TOP) / among
    return round(_TOP + free * (at + 0.5))


def _edges(node: Node, at: int, middle: int, who: dict[str, int], what: dict[str, int]) -> Iterator[Html]:
    (first, first_width, _), (own, own_width, _), (last, _, _) = _COLUMNS
    people, things = [*who], [*what]
    for name in node.who:
        ends = f"w{people.index(name)} p{at}"
        yield _edge((first + first_width, who[name]), (own, middle), node.effect, ends)
    for name in node.what:
        ends = f"p{at} t{things.index(name)}"
        yield _edge((own + own_width, middle), (last, what[name]), node.effect, ends)


def _edge(start: tuple[int, int], end: tuple[int, int], effect: str, ends: str) -> Html:
    (left, top), (right, bottom) = start, end
    turn = (left + right) // 2
    curve = f"M{left} {top}C{turn} {top} {turn} {bottom} {right} {bottom}"
    return element("path", d=curve, class_=f"edge {effect}", data_ends=ends)


def _policy(site: Site, node: Node, middle: int, at: int) -> Html:
    name = node.policies[0]
    one = len(node.policies) == 1
    says = name if one else counted(len(node.policies), node.effect)
    box = _box(1, middle, says, f"p{at}", node.effect, whole=", ".join(node.policies))
    anchor = site.anchors.get(name) if one else None
    return box if anchor is None else element("a", box, href=f"#{anchor}")


def _box(
    column: int, middle: int, says: str, name: str, class_: str = "", *, whole: str | None = None
) -> Html:
    left, width, kind = _COLUMNS[column]
    top = middle - _BOX // 2
    shown = says if len(says) <= _LETTERS else f"{says[: _LETTERS - 1]}…"
    return element(
        "g",
        element("title", whole or says),
        element("rect", x=str(left), y=str(top), width=str(width), height=str(_BOX), rx="6"),
        element("text", shown, x=str(left + 10), y=str(middle + 4)),
        class_=f"box {kind} {class_}".rstrip(),
        data_box=name,
    )
