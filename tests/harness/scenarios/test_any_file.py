"""Whatever the published schema accepts either loads or is refused with its place."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.harness.running import run_cases
from policy_engine.harness.scenarios import load_scenarios, scenario_json_schema
from tests.plugins.samples import samples

SCHEMA = json.loads(scenario_json_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

DEEP = 3

NAMES = ["bot", "alice", "list", "create", "all"]
WORDS = [
    *NAMES,
    *("ci-bot", "corp", "machines", "github", "list_issues", "create_issue", "no_tool", "tools/list", "ping"),
    *("allow", "deny", "no_permit", "allow by lists", "forbidden by level", "lists", "level", "later", "any"),
    *("desktop-agent", "rfc9068", 'Client::"machines/ci-bot"', 'User::"corp/alice"', "2026-01-02T00:00:00Z"),
    *("| |list|\n|bot|allow|", "who|list\nbot|", "issues:write", "{", "\ud7ff", "fixtures.yaml", "."),
]


def of(node: Mapping[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that a part of the schema accepts; the deeper, the fewer."""
    if "$ref" in node:
        return st.deferred(lambda: of(SCHEMA["$defs"][node["$ref"].rpartition("/")[2]], depth + 1))
    if "anyOf" in node:
        return st.one_of([of(each, depth) for each in node["anyOf"]])
    if "const" in node or "enum" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    if node.get("type") == "object":
        return record(node, depth)
    if node.get("type") == "array":
        most = 3 if depth < DEEP else 1
        return st.lists(of(node["items"], depth), min_size=node.get("minItems", 0), max_size=most)
    return scalar(node)


def record(node: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Objects: of known keys, or of names."""
    if "properties" in node:
        properties = {name: of(part, depth) for name, part in node["properties"].items()}
        needed = {name: properties.pop(name) for name in node.get("required", [])}
        return st.fixed_dictionaries(needed, optional=properties if depth <= DEEP else {})
    (inner, *_) = node.get("patternProperties", {}).values() or [node.get("additionalProperties", {})]
    keys = NAMES if "patternProperties" in node else WORDS
    values = of(inner if isinstance(inner, dict) else {}, depth + 1)
    return st.dictionaries(st.sampled_from(keys), values, max_size=3 if depth < DEEP else 1)


def scalar(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values without parts; anything, where the schema says nothing."""
    words = st.sampled_from(NAMES if "pattern" in node else WORDS)
    known = {
        "string": words,
        "integer": st.integers(node.get("minimum", 0), node.get("maximum", 600)),
        "number": st.integers(0, 2_000_000_000) | st.floats(0, 1e9),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    plain = st.none() | st.booleans() | st.integers() | words
    return known.get(node.get("type", ""), plain | st.lists(plain, max_size=2) | st.just({"a": [None]}))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, load_project: Callable[[Path], World]) -> World:
    """One project for all examples."""
    return load_project(tmp_path_factory.mktemp("project"))


BASE = {
    "version": 1,
    "principals": {"bot": {"client": "ci-bot"}, "alice": {"user": "alice"}},
    "calls": {"list": {"method": "tools/list"}, "create": {"tool": "create_issue"}},
}

FILES = {
    "anything": of(SCHEMA),
    "one principal": of({"$ref": "#/$defs/PrincipalFile"}).map(
        lambda bot: {**BASE, "principals": {"bot": bot}, "matrix": {"bot": "deny"}}
    ),
    "one call": of({"$ref": "#/$defs/CallFile"}).map(
        lambda call: {**BASE, "calls": {"list": call}, "matrix": {"bot": "deny"}}
    ),
    "one expectation": of(SCHEMA["$defs"]["TestFile"]["properties"]["expect"]).map(
        lambda expect: {**BASE, "tests": [{"who": "bot", "asks": "list", "expect": expect}]}
    ),
    "one matrix": of(SCHEMA["properties"]["matrix"]).map(lambda matrix: {**BASE, "matrix": matrix}),
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_what_the_schema_accepts_loads_or_is_refused_with_its_place(
    shared: World, files: st.SearchStrategy[dict[str, Any]]
) -> None:
    """And what loads can be decided; nothing else is raised by either."""
    path = Path(shared.loaded.folder) / "x.scenario.yaml"

    @settings(max_examples=samples(100))
    @given(file=files)
    def check(file: dict[str, Any]) -> None:
        assert VALIDATOR.is_valid(file)
        path.write_text(json.dumps(file), "utf-8")
        try:
            cases = load_scenarios([path], shared)
        except ConfigError as error:
            for each in (error, *error.others):
                assert each.file is not None
                assert each.line is not None
        else:
            run_cases(shared, cases)

    check()
