"""The conditions of a clause: its parts that come out true or false by themselves."""

from collections.abc import Iterator

from policy_engine.cedar import Binary, Expression, HasAttribute, If, Unary, Value, children

__all__ = ["conditions_in"]


def conditions_in(body: Expression) -> Iterator[Expression]:
    """What `&&`, `||`, `!` and `if` are between, in the order of the text; constants left aside.

    `a && !(b == c)` has two: `a` and `b == c`. A path, `has a.b`, is one. What is between them within another
    condition, as in `[a && b].contains(true)`, is found there, too.
    """
    rest = [(body, True)]
    while rest:
        node, is_condition = rest.pop()
        within: list[tuple[Expression, bool]]
        match node:
            case Value():
                continue
            case Binary(operator="&&" | "||") if not _is_path(node):
                within = [(node.left, True), (node.right, True)]
            case Unary(operator="!"):
                within = [(node.operand, True)]
            case If():
                within = [(node.condition, True), (node.then, is_condition), (node.otherwise, is_condition)]
            case _:
                if is_condition:
                    yield node
                within = [] if _is_path(node) else [(part, False) for part in children(node)]
        rest.extend(reversed(within))


def _is_path(node: Expression) -> bool:
    """Whether it is the `&&` that `has a.b` stands for: its last step is written where all of it is."""
    return (
        isinstance(node, Binary)
        and node.operator == "&&"
        and isinstance(node.right, HasAttribute)
        and node.span is not None
        and node.right.span == node.span
    )
