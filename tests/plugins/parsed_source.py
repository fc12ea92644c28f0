"""A file of the package as a syntax tree, and the questions that are asked of its nodes."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Function",
    "Module",
    "Values",
    "argument",
    "binds",
    "called",
    "function_around",
    "imports",
    "parse_module",
    "values_of_table",
]

Values = set[str | None]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One file, and the functions around each of its nodes."""

    name: str
    tree: ast.Module
    parents: Mapping[ast.AST, ast.AST]

    def around(self, node: ast.AST, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """What a node stands in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, kinds):
                yield node


def parse_module(path: Path, root: Path) -> Module:
    """Read a file, named by its path below `root`."""
    tree = ast.parse(path.read_text("utf-8"))
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    return Module(path.relative_to(root).as_posix(), tree, parents)


def binds(node: ast.AST, name: str) -> bool:
    """Whether a node gives a name a value."""
    match node:
        case ast.Name(id=bound, ctx=ast.Store()) | ast.arg(arg=bound) | ast.MatchAs(name=bound):
            return bound == name
        case _:
            return False


def called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def argument(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """What a call gives for a parameter, if it does."""
    given = next((one.value for one in call.keywords if one.arg == name), None)
    if given is None and position is not None and position < len(call.args):
        return call.args[position]
    return given


def function_around(module: Module, node: ast.AST) -> str:
    """The name of the function that a node stands in."""
    inner = next(module.around(node, ast.FunctionDef, ast.AsyncFunctionDef), None)
    return inner.name if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) else ""


def imports(module: Module, home: Module, name: str) -> bool:
    """Whether a module imports a name from another, or from the front door of a package around that."""
    dotted = f"policy_engine.{home.name.removesuffix('.py').replace('/', '.')}".removesuffix(".__init__")
    return any(
        isinstance(node, ast.ImportFrom)
        and f"{dotted}.".startswith(f"{node.module}.")
        and name in {one.name for one in node.names}
        for node in module.tree.body
    )


def values_of_table(module: Module, name: str) -> Values | None:
    """The strings among the values of a mapping that is written out in the module."""
    for node in module.tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                (table,) = [one for one in ast.walk(value) if isinstance(one, ast.Dict)][:1]
                values = [ast.literal_eval(one) for one in table.values]
                return set(values) if all(isinstance(one, str) for one in values) else None
    return None
