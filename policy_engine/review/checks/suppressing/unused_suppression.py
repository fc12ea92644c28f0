"""PS126: a comment that allows a finding that there isn't.

What it checks:
    A comment allows a finding, with a reason, and the policy below it (in the configuration: the line below
    it) has no such finding.

Why it matters:
    What was a problem has gone, and the day on which it comes back is a day on which nobody hears of it.

Example:
    ```cedar
    // policy-engine: allow PS001 -- until the vendor ships groups
    @id("people-read")
    permit (principal is User, action in Action::"read_only", resource);
    ```

Instead:
    `policy-engine review --fix` removes it from files of policies, unless one of its codes is needed.

    ```cedar
    @id("people-read")
    permit (principal is User, action in Action::"read_only", resource);
    ```
"""

from collections.abc import Collection, Iterator

from policy_engine.evaluator import listed
from policy_engine.review.checks.check import Check, Found
from policy_engine.review.checks.fixing import comment_removed
from policy_engine.review.checks.looking import Scene
from policy_engine.review.checks.suppressing.comments import Suppressions
from policy_engine.review.verdict import Severity

__all__ = ["UNUSED_SUPPRESSION", "unused"]


def _nothing(_: Scene) -> Iterator[Found]:
    """Looked for when all others are done: see `unused`."""
    yield from ()


def unused(scene: Scene, comments: Suppressions, known: Collection[str]) -> Iterator[tuple[int, Found]]:
    """What is allowed in vain, with the position of the comment; see `unfit`."""
    for position, one in enumerate(comments.every):
        codes = [code for code in comments.unused(one) if code in known]
        if one.problem or not codes:
            continue
        whole = len(codes) == len(one.codes)
        yield (
            position,
            Found(
                message=f"there is no finding {listed(f'`{code}`' for code in codes)} here",
                remedy="remove the comment" if whole else "leave that out",
                fix=comment_removed(scene, one.file, one.line) if whole else None,
            ),
        )


UNUSED_SUPPRESSION = Check(code="PS126", page=__doc__ or "", severity=Severity.note, find=_nothing)
