"""`when { principal is User && … }` → `principal is User` in the head.

The two mean the same, errors included, only if nothing is looked at before: the first part of the first
condition. Cedar looks at the head, then at the conditions in their order, and of `&&` at the left side first.
"""

from policy_engine.cedar import Binary, EntityLiteral, Expression, IsType, PolicyTree, Span, Variable
from policy_engine.evaluator import SurveyedPolicy
from policy_engine.review.checks.finding import Fix, TextEdit
from policy_engine.review.checks.looking import Scene

__all__ = ["first_asked", "kind_into_head"]

_PRINCIPAL = Variable("principal")


def first_asked(tree: PolicyTree) -> IsType | None:
    """The `principal is …` that a policy with an open head asks before anything else."""
    if tree.principal.operator != "all" or not tree.conditions or tree.conditions[0].kind != "when":
        return None
    node: Expression = tree.conditions[0].body
    while isinstance(node, Binary) and node.operator == "&&":
        node = node.left
    if not isinstance(node, IsType) or node.target != _PRINCIPAL:
        return None
    return node if node.ancestor is None or isinstance(node.ancestor, EntityLiteral) else None


def kind_into_head(scene: Scene, policy: SurveyedPolicy) -> Fix | None:
    """The fix; None where the text can't be edited with certainty, as where the kind stands in brackets."""
    tree, text = policy.tree, policy.policy.written.text
    asked, clause = first_asked(tree), tree.principal.span
    if asked is None or asked.span is None or clause is None:
        return None
    taken = _taken(tree, text, asked)
    if taken is None or any(taken.start < one.end and one.start < taken.end for one in tree.comments):
        return None
    head = scene.edit(policy, clause, text[asked.span.start : asked.span.end])
    rest = scene.edit(policy, taken, "")
    edits: list[TextEdit] = [edit for edit in (head, rest) if edit is not None]
    if len(edits) != 2:  # noqa: PLR2004 -- both, or none
        return None
    return Fix(title=f"say `principal is {asked.type}` in the head", edits=tuple(edits))


def _taken(tree: PolicyTree, text: str, asked: IsType) -> Span | None:
    """What goes: the question with the `&&` after it, or the whole condition if it asks nothing else."""
    condition = tree.conditions[0]
    if condition.span is None or asked.span is None:
        return None
    if condition.body == asked:
        start = len(text[: condition.span.start].rstrip())
        if any(comment.end == start for comment in tree.comments):  # what follows would be part of it
            start = condition.span.start
        return Span(start, condition.span.end, 1, 1)
    after = text[asked.span.end : condition.span.end]
    bare = after.lstrip()
    opened = text[condition.span.start : asked.span.start].split("{", 1)
    # A bracket before it would be left without its fellow.
    if not bare.startswith("&&") or len(opened) != 2 or opened[1].strip():  # noqa: PLR2004 -- `when`, and the rest
        return None
    rest = bare[2:]
    end = asked.span.end + len(after) - len(rest.lstrip())
    return Span(asked.span.start, end, 1, 1)
