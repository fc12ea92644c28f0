"""What the docstrings below the keys of a model say, for its JSON Schema.

Pydantic can do that where it makes a class: then the source of every model is read and parsed at each start.
Only who asks for a schema needs them.
"""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

__all__ = ["docstrings"]


@cache
def docstrings(model: type) -> Mapping[str, str]:
    """The text below each annotated attribute of a class and of its bases; none where there is no source."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        found |= _written(base.__module__).get(base.__qualname__, {})
    return MappingProxyType(found)


@cache
def _written(module: str) -> Mapping[str, Mapping[str, str]]:
    """Of each class at the top of a module, the texts."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {node.name: _texts(node.body) for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts(body: list[ast.stmt]) -> Mapping[str, str]:
    texts = {}
    for attribute, below in pairwise(body):
        match attribute, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                texts[name] = inspect.cleandoc(text)
            case _:
                continue
    return texts
