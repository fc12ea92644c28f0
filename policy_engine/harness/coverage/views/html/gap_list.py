"""What wasn't exercised, as a list that leads to the places."""

from collections.abc import Callable, Iterator

from policy_engine.harness.coverage.gaps import Gap, gaps_of
from policy_engine.harness.coverage.gathering import Coverage
from policy_engine.harness.coverage.places import PolicyPlace
from policy_engine.harness.coverage.views.html.policies import named_places
from policy_engine.markup import Html, element

__all__ = ["gap_list"]

_NOTHING = "Nothing: every policy decided for everybody it is for, and every clause came out both ways."

_LONGEST = 90
"""Characters of a policy that are shown."""


def gap_list(coverage: Coverage, project: str, shown: Callable[[str], str]) -> Iterator[Html]:
    """Each thing that no case exercised.

    Args:
        coverage: what was counted.
        project: what the project is called on the page.
        shown: how the path of a file is written.
    """
    items = [
        _item(place, gap, name, shown)
        for name, place in named_places(coverage, project)
        for gap in gaps_of(place)
    ]
    yield element("ul", *items, class_="gap-list") if items else element("p", _NOTHING, class_="all-well")


def _item(place: PolicyPlace, gap: Gap, name: str, shown: Callable[[str], str]) -> Html:
    written = place.policy.written
    where = f"{shown(written.file)}:{gap.span.line}" if written.file else f"line {gap.span.line}"
    part = " ".join(written.text[gap.span.start : gap.span.end].split())
    return element(
        "li",
        element("a", place.id, href=f"#{name}"),
        " ",
        element("strong", gap.says),
        " ",
        element("code", part if len(part) <= _LONGEST else f"{part[: _LONGEST - 1]}…"),
        " ",
        element("span", where, class_="where"),
        class_="never" if gap.never else "partly",
        data_subject=gap.subject,
    )
