"""The text of every policy, with marks on the conditions that cells depend on."""

from collections.abc import Iterator
from itertools import groupby

from policy_engine.cedar import PolicyTree, Span, read_tree
from policy_engine.errors import PolicyError
from policy_engine.markup import Html, element, joined, text_of
from policy_engine.review.access import PolicyText, written_parts
from policy_engine.review.report.html.site import Site

__all__ = ["policies_of"]

_MOST_MARKED = 3_000
"""To know where its conditions stand costs most of a millisecond a policy."""


def policies_of(site: Site) -> Iterator[Html]:
    """The policies by their files."""
    if site.access is None:
        return
    policies = site.access.policies
    marked = len(policies) <= _MOST_MARKED
    for file, group in groupby(policies.values(), key=lambda policy: policy.file):
        shown = "policies given as text" if file is None else site.places.shown(file)
        yield element("h3", element("code", shown), class_="file")
        for policy in group:
            yield _policy(site, policy, marked=marked)


def _policy(site: Site, policy: PolicyText, *, marked: bool) -> Html:
    lets_in = policy.effect == "permit" and not policy.guarded
    tags = [
        *([element("span", "shadow", class_="tag")] if policy.shadow else []),
        *([element("span", "lets agents in", class_="tag")] if lets_in else []),
    ]
    heading = element(
        "summary",
        element("span", policy.effect, class_=f"effect {policy.effect}"),
        " ",
        element("h4", policy.id),
        " ",
        *tags,
        element("span", f"line {policy.line}", class_="where"),
    )
    return element(
        "details",
        heading,
        _code(policy, marked=marked),
        class_="policy-card",
        id=site.anchors[policy.id],
        data_policy=policy.id,
        data_place=site.places.of_policy(policy.id) or f"line {policy.line}",
    )


def _code(policy: PolicyText, *, marked: bool) -> Html:
    """The text, a numbered line each; what must hold is marked with what cells call it."""
    marks = sorted(_marks(policy.text), key=lambda mark: mark[0].start) if marked else []
    lines: list[Html] = []
    start = 0
    for number, line in enumerate(policy.text.split("\n"), policy.line):
        gutter = element("span", class_="no", aria_hidden="true", data_no=str(number))
        shown = _stretch(policy.text, start, start + len(line), marks)
        lines.append(element("span", gutter, shown, "\n", class_="line"))
        start += len(line) + 1
    label = f"text of {policy.id}"
    return element("pre", element("code", *lines), class_="code", tabindex="0", aria_label=label)


def _marks(text: str) -> list[tuple[Span, str]]:
    try:
        tree: PolicyTree = read_tree(text)
    except (PolicyError, RecursionError):  # Cedar reads a little more than we do
        return []
    return [(span, name) for span, name in written_parts(tree) if span.start < span.end <= len(text)]


def _stretch(text: str, start: int, end: int, marks: list[tuple[Span, str]]) -> Html:
    """A line; marks that go over several are cut to it. No two of them overlap."""
    parts: list[Html] = []
    at = start
    for span, name in marks:
        left, right = max(span.start, at), min(span.end, end)
        if left < right:
            own = text[left:right]
            indent = len(own) - len(own.lstrip())
            parts += [text_of(text[at:left] + own[:indent])]
            parts.append(element("mark", own[indent:], data_text=name))
            at = right
    return joined([*parts, text_of(text[at:end])])
