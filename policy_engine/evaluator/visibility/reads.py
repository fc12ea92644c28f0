"""What a policy's conditions can learn of the thing that is asked for, and of the message.

A *read* is the largest part of a condition that looks at `action` and `resource` and at nothing else, or a
path into `context`. All else in a condition is the caller's, or written there. So two things that give the
same results for all reads of a policy give the same result for the policy, whoever asks.
"""

from collections.abc import Iterable

from policy_engine.cedar import Expression, GetAttribute, HasAttribute, Variable, children, walk

__all__ = ["reads_of"]

_ASKED = frozenset({"action", "resource"})


def reads_of(expressions: Iterable[Expression]) -> tuple[Expression, ...]:
    """Every read in some expressions, once."""
    found: dict[Expression, None] = {}
    rest = list(expressions)
    while rest:
        node = rest.pop()
        if _is_read(node):
            found[node] = None
        else:
            rest.extend(children(node))
    return tuple(found)


def _is_read(node: Expression) -> bool:
    variables = {part.name for part in walk(node) if isinstance(part, Variable)}
    if variables and variables <= _ASKED:
        return True
    base = node
    while isinstance(base, GetAttribute | HasAttribute):
        base = base.target
    return isinstance(base, Variable) and base.name == "context"
