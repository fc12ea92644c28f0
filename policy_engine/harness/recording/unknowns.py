"""What a policy asks of a question that isn't known."""

from collections.abc import Iterator

from policy_engine.cedar import (
    Binary,
    Expression,
    GetAttribute,
    HasAttribute,
    IsType,
    PartialRecord,
    PartialRequest,
    PolicyTree,
    Unknown,
    Variable,
    children,
    fold_clause,
    fold_expression,
    render_expression,
)

__all__ = ["unknown_parts"]

_CONTEXT = "context."


def unknown_parts(tree: PolicyTree, request: PartialRequest) -> tuple[str, ...]:
    """What it depends on whether a policy applies, each once, in Cedar without `context.`."""
    found: dict[str, None] = {}
    for clause in (tree.principal, tree.resource):
        if fold_clause(clause, request).holds is None:
            for literal in clause.entities:
                found[f"{clause.variable} in {literal.uid}"] = None
    for condition in tree.conditions:
        if fold_expression(condition.body, request).holds is None:
            found.update((text.removeprefix(_CONTEXT), None) for text in _unknown(condition.body, request))
    return tuple(found)


def _unknown(expression: Expression, request: PartialRequest) -> Iterator[str]:
    """The largest parts that read something of the request that isn't known."""
    rest = [expression]
    while rest:
        node = rest.pop()
        match node:
            case HasAttribute(target=target, name=name):
                if fold_expression(node, request).holds is None:
                    yield f"{render_expression(target)}.{name}"
            case GetAttribute() | Binary(operator="getTag" | "hasTag"):
                if _open(node, request):
                    yield render_expression(node)
            case Binary(operator="in", left=Variable()) | IsType():
                if fold_expression(node, request).holds is None:
                    yield render_expression(node)
            case _:
                rest.extend(reversed(children(node)))


def _open(node: Expression, request: PartialRequest) -> bool:
    folded = fold_expression(node, request)
    return bool(folded.errors) or isinstance(folded.value, Unknown | PartialRecord)
