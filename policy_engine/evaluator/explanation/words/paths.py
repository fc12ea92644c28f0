"""Paths like `context.arguments.env`: what they lead to, and how that is called."""

from policy_engine.cedar import Expression, GetAttribute, HasAttribute, Variable, render_expression, walk

__all__ = ["ACTOR", "SCOPES", "argument_of", "is_constant", "label", "path_of", "reads"]

Path = tuple[str, ...]

ACTOR: Path = ("context", "actor")
SCOPES: Path = ("context", "token", "scopes")
_ARGUMENTS: Path = ("context", "arguments")


def path_of(expression: Expression) -> Path | None:
    """The names of a path, the variable first; None if it isn't one."""
    names: list[str] = []
    while isinstance(expression, GetAttribute):
        names.append(expression.name)
        expression = expression.target
    return (expression.name, *reversed(names)) if isinstance(expression, Variable) else None


def asked_path(expression: Expression) -> Path | None:
    """The same of `target has name`: the path to what is asked for."""
    if isinstance(expression, HasAttribute):
        target = path_of(expression.target)
        return None if target is None else (*target, expression.name)
    return path_of(expression)


def argument_of(expression: Expression) -> str | None:
    """The argument that a path leads to (`env`, `options.dry_run`); None if it leads elsewhere."""
    path = asked_path(expression) or ()
    arguments, rest = path[: len(_ARGUMENTS)], path[len(_ARGUMENTS) :]
    return ".".join(rest) if arguments == _ARGUMENTS and rest else None


def reads(expression: Expression, path: Path) -> bool:
    """Whether a path, or one that begins with it, is read or asked for anywhere in an expression."""
    return any(asked_path(node) == path for node in walk(expression))


def label(expression: Expression) -> str:
    """What an expression is called: an argument by its name, anything else as it is written."""
    argument = argument_of(expression)
    return f"`{render_expression(expression)}`" if argument is None else f"argument `{argument}`"


def is_constant(expression: Expression) -> bool:
    """Whether an expression says the same of every request."""
    return not any(isinstance(node, Variable) for node in walk(expression))
