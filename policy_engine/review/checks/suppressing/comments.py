"""Every comment that allows a finding: above a policy, or above a line of the configuration."""

from collections.abc import Iterator, Sequence

from policy_engine.evaluator import PolicySource, Suppression, read_suppression, suppressions_of
from policy_engine.files import read_text
from policy_engine.review.checks.finding import CheckFinding
from policy_engine.review.checks.looking import Scene

__all__ = ["Suppressions"]

_NOWHERE = "it doesn't stand directly above a line"


class Suppressions:
    """All of them, and which of them were needed.

    Args:
        scene: what is reviewed.

    Attributes:
        every: in the order of the files.
        used: by the place of a comment, the codes of which there was a finding.
    """

    def __init__(self, scene: Scene) -> None:
        policies = scene.subject.policies.policies.values()
        file = scene.loaded.document.file
        written = () if file is None else _of_yaml(PolicySource(text=read_text(file), file=str(file)))
        self.every: Sequence[Suppression] = (*suppressions_of(scene.sources, policies), *written)
        self.used: dict[tuple[str | None, int, int], set[str]] = {}

    def applied(self, finding: CheckFinding) -> CheckFinding:
        """A finding, and the reason why it was left so, if there is one."""
        for one in self.every:
            if one.allows(finding):
                self.used.setdefault((one.file, one.line, one.column), set()).add(finding.code)
                finding = finding if finding.suppressed is not None else finding.because(one.reason)
        return finding

    def unused(self, one: Suppression) -> list[str]:
        """The codes in a comment of which there was no finding."""
        used = self.used.get((one.file, one.line, one.column), set())
        return [code for code in one.codes if code not in used]


def _of_yaml(source: PolicySource) -> Iterator[Suppression]:
    lines = source.text.splitlines()
    for number, line in enumerate(lines, start=1):
        bare = line.lstrip(" \ufeff")
        read = read_suppression(bare[1:]) if bare.startswith("#") else None
        if read is None:
            continue
        codes, reason, problem = read
        below = next(
            (place for place in range(number, len(lines)) if not lines[place].lstrip().startswith("#")), None
        )
        if below is None or not lines[below].strip():
            below, problem = None, problem or _NOWHERE
        yield Suppression(
            codes=codes,
            reason=reason,
            problem=problem,
            policy=None,
            file=source.file,
            line=number,
            column=len(line) - len(bare) + 1,
            begins=(0, 0) if below is None else (below + 1, 1),
            ends=(0, 0) if below is None else (below + 2, 1),
        )
