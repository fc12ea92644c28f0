"""Every code and detail that the source can raise, read from its syntax.

An error's code and detail are literals where it is raised, or come from an argument, a table, another error.
Each of these is followed; what can't be is a `LookupError`, and then either the source is written plainer or
`TOLD` says what comes out. So no code hides from the tests that compare with the tables.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import policy_engine
from policy_engine.mapper import ProfileFile
from policy_engine.mcp import METHODS
from tests.plugins.parsed_source import (
    Function,
    Module,
    Values,
    argument,
    binds,
    called,
    function_around,
    imports,
    parse_module,
    values_of_table,
)

__all__ = ["ERRORS", "ROOT", "TOLD", "Pair", "Source", "raised"]

ROOT = Path(policy_engine.__file__).parent

Pair = tuple[str, str | None]
"""A code and its detail."""

ERRORS = frozenset(
    {"AuditError", "JoseError", "MappingError", "MessageError", "PolicyEngineError", "TokenError"}
)
"""Errors that are made of a code, a note and a detail."""

CALLS = frozenset({*ERRORS, "Verdict", "draft.decide", "self.decide", "decision.refused"})
"""What is called with a code in front: errors, and what makes a decision."""

_REFUSALS = get_args(get_args(ProfileFile.model_fields["refuse"].annotation)[0])

TOLD: Mapping[tuple[str, str], frozenset[Pair]] = MappingProxyType(
    {
        # What a stage raised, and what the policies said, is told as it is.
        ("engine/pipeline.py", "_refused"): frozenset(),
        ("engine/draft.py", "refuse"): frozenset({("internal_error", None)}),
        # A profile names the details of its own refusals, of those that the profile's file may have.
        ("mapper/evidence.py", "refuse"): frozenset(
            ("invalid_token_type" if name == "token_class" else "ambiguous_principal", name)
            for name in _REFUSALS
        ),
        # The methods table names the parameters that name something.
        ("mcp/build.py", "_named"): frozenset(
            ("invalid_params", row.parameter)
            for row in METHODS.values()
            if row.parameter not in (None, "notifications", "ref")
        ),
        ("mcp/params.py", "subscriptions"): frozenset(
            {("invalid_params", "taskId"), ("invalid_params", "uri")}
        ),
        # What was told before is told again.
        ("tokens/remote_keys.py", "_begin"): frozenset({("keys_unavailable", "fetch_under_way")}),
        ("tokens/introspection/introspection.py", "_wait"): frozenset(
            {("introspection_unavailable", "busy")}
        ),
        # Those of `find_metadata`, and two more.
        ("tokens/introspection/endpoint.py", "find"): frozenset(
            ("introspection_unavailable", name)
            for name in (
                "fetch_failed",
                "http_status",
                "issuer_mismatch",
                "no_endpoint",
                "not_json",
                "untrusted_endpoint",
            )
        ),
    }
)
"""What comes out of a function that can't be followed."""


class Source:
    """The package, parsed.

    Attributes:
        modules: its files.
        asked: rows of `TOLD` that were needed.
    """

    def __init__(self, root: Path = ROOT) -> None:
        # A review has verdicts of its own, and makes no decision.
        paths = (path for path in sorted(root.rglob("*.py")) if "review" not in path.relative_to(root).parts)
        self.modules = [parse_module(path, root) for path in paths]
        self.asked: set[tuple[str, str]] = set()

    def sites(self) -> Iterator[tuple[Module, ast.Call]]:
        """Every call that takes a code."""
        for module in self.modules:
            if module.name == "errors.py" or module.name.startswith("authserver/"):
                continue  # the errors themselves, and those of another program: OAuth names them
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLS:
                    yield module, node

    def pairs(self) -> Iterator[Pair]:
        """Every code with its detail.

        Raises:
            LookupError: one of them can't be followed to its origin.
        """
        for module, call in self.sites():
            try:
                yield from self._at_site(module, call)
            except LookupError as error:
                yield from self._told(module, call, error)

    def _at_site(self, module: Module, call: ast.Call) -> Iterator[Pair]:
        code, detail = argument(call, 0, "code"), argument(call, None, "detail")
        if code is None or any(isinstance(one, ast.Starred) for one in call.args):
            raise LookupError(f"{module.name}:{call.lineno}: which code?")
        details = {None} if detail is None else self.values(module, detail)
        return ((one, other) for one in self.values(module, code) if one for other in details)

    def values(self, module: Module, expression: ast.expr) -> Values:
        """The strings that an expression can be; none where it only repeats another error."""
        match expression:
            case ast.Constant(value=str() | None as value):
                return {value}
            case ast.IfExp(body=body, orelse=orelse):
                return self.values(module, body) | self.values(module, orelse)
            case ast.Name(id="ALLOWED"):
                return {"allowed"}
            case ast.Name(id=name):
                found = self._of_name(module, expression, name)
            case ast.Attribute(value=ast.Name(id=name), attr="code" | "detail"):
                found = self._of_error(module, expression, name)
            case _:
                found = None
        if found is None:
            raise LookupError(
                f"{module.name}:{expression.lineno}: where is `{ast.unparse(expression)}` from?"
            )
        return found

    def _of_name(self, module: Module, node: ast.AST, name: str) -> Values | None:
        """What a name stands for: all that is bound to it in the innermost function that binds it."""
        for function in module.around(node, ast.FunctionDef, ast.AsyncFunctionDef):
            assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            bound = [one for one in ast.walk(function) if binds(one, name)]
            if bound:
                found = [self._of_binding(module, function, one) for one in bound]
                return None if None in found else {value for one in found if one for value in one}
        return None

    def _of_binding(self, module: Module, function: Function, bound: ast.AST) -> Values | None:
        match module.parents[bound], next(module.around(bound, ast.For), None):
            case ast.arguments(), _:
                assert isinstance(bound, ast.arg)
                return self._at_calls(module, function, bound)
            case ast.Assign(targets=[_], value=value), _:
                return self.values(module, value)
            case (
                ast.Tuple(elts=[_, last]) as target,
                ast.For(
                    target=whole, iter=ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="items"))
                ),
            ) if target is whole and last is bound:
                return values_of_table(module, table)
        return None

    def _at_calls(self, home: Module, function: Function, parameter: ast.arg) -> Values:
        """What a parameter is, wherever its function is called."""
        found: Values = set()
        for module in self.modules:
            if module is not home and not imports(module, home, function.name):
                continue
            for call in ast.walk(module.tree):
                if isinstance(call, ast.Call) and called(call) == function.name:
                    try:
                        found |= self._given(module, call, function, parameter)
                    except LookupError as error:
                        found |= {detail for _, detail in self._told(module, call, error)}
        return found

    def _given(self, module: Module, call: ast.Call, function: Function, parameter: ast.arg) -> Values:
        if any(isinstance(one, ast.Starred) for one in call.args):
            raise LookupError(f"{module.name}:{call.lineno}: what is unpacked here?")
        listed = [one for one in (*function.args.posonlyargs, *function.args.args) if one.arg != "self"]
        given = argument(call, listed.index(parameter) if parameter in listed else None, parameter.arg)
        if given is None:
            by_default = dict(zip(reversed(listed), reversed(function.args.defaults), strict=False))
            by_default |= {
                one: value
                for one, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
                if value is not None
            }
            given = by_default[parameter]
        return self.values(module, given)

    def _told(self, module: Module, call: ast.Call, error: LookupError) -> frozenset[Pair]:
        """What comes out of the function around a call that can't be followed."""
        place = (module.name, function_around(module, call))
        if place not in TOLD:
            raise error
        self.asked.add(place)
        return TOLD[place]

    def _of_error(self, module: Module, node: ast.AST, name: str) -> Values | None:
        """What a caught error brings: nothing new, but for those of JSON, which have no other way out."""
        for handler in module.around(node, ast.ExceptHandler):
            assert isinstance(handler, ast.ExceptHandler)
            if handler.name == name:
                block = next(module.around(handler, ast.Try))
                assert isinstance(block, ast.Try)
                json = isinstance(handler.type, ast.Name) and handler.type.id == "JsonError"
                return set(self._json_codes(module, block.body)) if json else set()
        return None

    def _json_codes(self, module: Module, body: list[ast.stmt]) -> set[str]:
        """Codes of every JsonError in what some statements call, directly or through other functions."""
        codes, seen, left = set[str](), set[tuple[str, str]](), [(module, node) for node in body]
        while left:
            home, node = left.pop()
            for inner in ast.walk(node):
                match inner:
                    case ast.Call(func=ast.Name(id="JsonError"), args=[ast.Constant(value=str() as code)]):
                        codes.add(code)
                    case ast.Name(id=name):
                        for where, function in self._functions(home, name):
                            if (where.name, name) not in seen:
                                seen.add((where.name, name))
                                left.append((where, function))
                    case _:
                        pass
        return codes

    def _functions(self, home: Module, name: str) -> Iterator[tuple[Module, ast.stmt]]:
        for module in self.modules:
            if module is home or imports(home, module, name):
                for node in module.tree.body:
                    if isinstance(node, ast.FunctionDef) and node.name == name:
                        yield module, node


@cache
def raised() -> tuple[frozenset[Pair], frozenset[tuple[str, str]]]:
    """Every code and detail that the source can raise, and the rows of `TOLD` that this needs."""
    source = Source()
    return frozenset(source.pairs()), frozenset(source.asked)
