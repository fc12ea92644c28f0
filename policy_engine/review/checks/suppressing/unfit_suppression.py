"""PS125: a comment that is to allow a finding, and allows nothing.

What it checks:
    A comment begins with `policy-engine: allow`, and gives no reason, names a code that there isn't, or
    doesn't stand directly above a policy (in the configuration: directly above a line).
    What it is about can't be allowed itself.

Why it matters:
    Its author thinks that somebody answered for a finding, and nobody will ever read why.

Example:
    ```cedar
    // policy-engine: allow PS001
    @id("open")
    permit (principal, action == Action::"github/list_issues", resource);
    ```

Instead:
    ```cedar
    // policy-engine: allow PS001 -- the list of issues is public anyway
    @id("open")
    permit (principal, action == Action::"github/list_issues", resource);
    ```
"""

from collections.abc import Collection, Iterator

from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.looking import Scene
from policy_engine.review.checks.suppressing.comments import Suppressions
from policy_engine.review.verdict import Severity

__all__ = ["UNFIT_SUPPRESSION", "unfit"]

_REMEDY = "write `policy-engine: allow CODE -- why it is so, and until when` in the line above it"


_CODES = "see docs/reference/checks.md and docs/reference/warnings.md"


def _nothing(_: Scene) -> Iterator[Found]:
    """Looked for when all others are done: see `unfit`."""
    yield from ()


def unfit(comments: Suppressions, known: Collection[str]) -> Iterator[tuple[int, Found]]:
    """What is wrong, with the position of the comment that it is about.

    Args:
        comments: all of them.
        known: the codes that can be allowed.
    """
    for position, one in enumerate(comments.every):
        if one.problem:
            yield position, Found(message=f"this allows nothing: {one.problem}", remedy=_REMEDY)
        for code in one.codes:
            if code not in known:
                message = f"`{code}` isn't the code of a finding that can be allowed"
                yield position, Found(message=message, remedy=_CODES)


UNFIT_SUPPRESSION = Check(code="PS125", page=__doc__ or "", severity=Severity.warning, find=_nothing)
