"""The house keeps its shape: front doors, sizes, sorted exports, sentences where people read."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import policy_engine

ROOT = Path(policy_engine.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
LONGEST_MODULE, LONGEST_FUNCTION, MOST_MODULES = 300, 50, 16


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Modules of ours that a module imports from."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("policy_engine"):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("policy_engine"))


def is_door(module: str) -> bool:
    """Whether it is one of the packages in `harness`, `review` or `integrations`."""
    parts = module.split(".")
    doors = parts[1] in ("harness", "integrations", "review") and len(parts) == 3
    return doors and (ROOT / parts[1] / parts[2]).is_dir()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_other_packages_are_entered_by_the_front_door(path: Path) -> None:
    """`from policy_engine.mapper import Mapper`, never `policy_engine.mapper.rules`.

    `model` holds the plain values of all stages, and its modules may be named. Each package in `harness`,
    `review` and `integrations` has a front door of its own, so that whoever runs scenarios needn't load what
    mutates policies, nor a server what another host needs.
    """
    own = name_of(path).split(".")[1:2]
    deep = [
        module
        for module in imports_of(path)
        if module.count(".") > 1 and module.split(".")[1] not in (*own, "model") and not is_door(module)
    ]

    assert deep == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_a_room_not_a_hall(path: Path) -> None:
    """One purpose a module, one thought a function."""
    text = path.read_text()
    functions = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert text.count("\n") <= LONGEST_MODULE
    assert [item for item in functions if item[1] > LONGEST_FUNCTION] == []


def test_a_folder_holds_few_modules() -> None:
    """A folder with more modules has a second folder in it."""
    counts = {folder: len(list(folder.glob("*.py"))) - 1 for folder in {path.parent for path in MODULES}}

    assert {folder.name: count for folder, count in counts.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_exports_are_named_sorted_and_there(path: Path) -> None:
    """Every module that defines something says what it offers, and offers what it says."""
    if path.name == "__main__.py":
        return
    module = importlib.import_module(name_of(path))
    exported = module.__all__ if hasattr(module, "__all__") else []

    assert module.__doc__
    assert [name for name in exported if not hasattr(module, name)] == []
    assert len(exported) == len(set(exported))
    assert exported or path.name == "__init__.py" or not public_definitions(path)


def public_definitions(path: Path) -> list[str]:
    """Names of public classes and functions that a module defines."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, kinds) and not node.name.startswith("_")
    ]


def test_an_init_only_opens_the_door() -> None:
    """`__init__` holds a docstring, imports, `__all__` and the version."""
    for path in MODULES:
        if path.name != "__init__.py":
            continue
        body = ast.parse(path.read_text()).body
        extra = [node for node in body if not isinstance(node, ast.Expr | ast.ImportFrom | ast.Assign)]

        assert extra == [], name_of(path)


def test_the_public_surface_is_what_the_documentation_promises() -> None:
    """The names that users import; adding or dropping one is a decision."""
    assert policy_engine.__all__ == [
        "Client",
        "Decision",
        "FilteredList",
        "HttpFacts",
        "PolicyEngine",
        "TokenFacts",
        "User",
        "__version__",
    ]
    assert inspect.isclass(policy_engine.PolicyEngine)
