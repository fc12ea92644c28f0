"""What every part of the page needs: the review, and where on the page policies stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from policy_engine.markup import Html, element, joined
from policy_engine.review.access import Access
from policy_engine.review.report.comparing import Comparison
from policy_engine.review.report.places import Places
from policy_engine.review.report.standing import Standing
from policy_engine.review.review import Review

__all__ = ["Site", "icon", "section"]

_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that the page is made of.

    Attributes:
        review: the review.
        access: its matrix, if it has one.
        comparison: with an earlier one, if there is one.
        places: where policies are written.
        anchors: by policy id, what it is called on the page.
    """

    review: Review
    access: Access | None
    comparison: Comparison | None
    places: Places
    anchors: Mapping[str, str]

    @classmethod
    def of(cls, review: Review, comparison: Comparison | None, places: Places) -> "Site":
        """Number the policies."""
        access = review.access if isinstance(review.access, Access) else None
        names = () if access is None else access.policies
        anchors = {name: f"p{number}" for number, name in enumerate(names)}
        return cls(
            review=review,
            access=access,
            comparison=comparison,
            places=places,
            anchors=MappingProxyType(anchors),
        )

    def policy(self, name: str) -> Html:
        """The name of a policy, as a link to its text where the page has it."""
        shown = element("code", name)
        anchor = self.anchors.get(name)
        if anchor is None:
            return element("span", shown, class_="policy-link")
        where = self.places.of_policy(name)
        return element("a", shown, class_="policy-link", href=f"#{anchor}", title=where or None)

    def named(self, names: Iterable[str]) -> Html:
        """Several of them; of many, the first."""
        parts: list[str] = []
        listed = [*names]
        for name in listed[:_MOST_NAMES]:
            parts += [", ", self.policy(name)] if parts else [self.policy(name)]
        if len(listed) > _MOST_NAMES:
            parts.append(f" and {len(listed) - _MOST_NAMES:,} more")
        return joined(parts)


def icon(standing: Standing) -> Html:
    """A shape for a standing: a cross in an octagon, a mark in a triangle, a tick in a circle, a dot."""
    use = element("use", href=f"#i-{standing}")
    return element("svg", use, class_=f"icon {standing}", viewBox="0 0 24 24", aria_hidden="true")


def section(name: str, title: str, *content: str, lead: str = "") -> Html:
    """A part of the page that a reader can go to."""
    heading = element("h2", title, id=f"{name}-title")
    said = [element("p", lead, class_="lead")] if lead else []
    return element("section", heading, *said, *content, id=name, aria_labelledby=f"{name}-title")
