"""Take out what does nothing: a policy that says what another one says, an annotation, a comment."""

from policy_engine.cedar import Span
from policy_engine.evaluator import SurveyedPolicy
from policy_engine.review.checks.finding import Fix, TextEdit
from policy_engine.review.checks.looking import Scene

__all__ = ["annotation_removed", "comment_removed", "policy_removed"]


def policy_removed(scene: Scene, policy: SurveyedPolicy) -> Fix | None:
    """Without a policy; None where a comment stands above it, which a person should look at."""
    written = policy.policy.written
    edit = scene.edit(policy, Span(0, len(written.text), 1, 1), "")
    text = None if edit is None else scene.text(edit.file)
    if edit is None or text is None:
        return None
    start, end = _with_blanks(text, edit.start, edit.end)
    if text[:start].rstrip("\r\n").rpartition("\n")[2].lstrip().startswith("//"):
        return None
    removed = TextEdit(file=edit.file, start=start, before=text[start:end], after="")
    return Fix(title=f"remove `{policy.policy.id}`", edits=(removed,))


def annotation_removed(scene: Scene, policy: SurveyedPolicy, name: str) -> Fix | None:
    """Without an annotation."""
    span = policy.tree.annotation_spans.get(name)
    text = policy.policy.written.text
    if span is None:
        return None
    after = text[span.end :]
    blank = len(after) - len(after.lstrip())
    edit = scene.edit(policy, Span(span.start, span.end + blank, span.line, span.column), "")
    return None if edit is None else Fix(title=f"remove `@{name}`", edits=(edit,))


def comment_removed(scene: Scene, file: str | None, line: int) -> Fix | None:
    """Without a line that is a comment and nothing else."""
    text = None if file is None else scene.text(file)
    start = scene.offset(file, line, 1)
    if file is None or text is None or start is None:
        return None
    end = text.find("\n", start) + 1 or len(text)
    if not text[start:end].lstrip().startswith("//"):
        return None
    removed = TextEdit(file=file, start=start, before=text[start:end], after="")
    return Fix(title="remove the comment", edits=(removed,))


def _with_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch with the rest of its last line, and one empty line after it."""
    for _ in range(2):
        line_end = text.find("\n", end)
        rest = text[end:] if line_end < 0 else text[end : line_end + 1]
        if rest.strip():
            break
        end += len(rest)
    return start, end
