"""What is generated is current, and published schemas say what the loaders say."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policy_engine.config import config_from_values
from policy_engine.errors import ConfigError
from policy_engine.files import read_document
from policy_engine.mapper import profile_names
from tests.plugins import generated

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", generated.FILES)
def test_a_generated_file_is_current(name: str) -> None:
    """`make schemas` has nothing to write."""
    assert (ROOT / name).read_text("utf-8") == generated.FILES[name]()


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """The published schema of the configuration file."""
    return jsonschema.Draft202012Validator(
        json.loads((ROOT / "schemas" / "policy-engine.schema.json").read_text())
    )


GOOD: dict[str, Any] = {
    "version": 1,
    "servers": {"github": {"resource": "https://x.example", "audiences": {"corp": ["a"]}}},
    "issuers": {
        "corp": {"issuer": "https://y.example", "profile": "okta", "flags": {}, "keys": {"uri": "https://z"}}
    },
    "policies": ["p"],
}


@pytest.mark.parametrize(
    "values",
    [
        GOOD,
        {**GOOD, "policies": "p"},
        {**GOOD, "polices": "p"},
        {**GOOD, "version": 2},
        {**GOOD, "servers": {}},
        {**GOOD, "servers": {"A": GOOD["servers"]["github"]}},
        {**GOOD, "audit": {"on_failure": "ignore"}},
        {key: value for key, value in GOOD.items() if key != "issuers"},
    ],
    ids=["good", "one string", "typo", "version", "no server", "bad name", "bad choice", "missing"],
)
def test_editors_and_the_loader_agree(
    validator: jsonschema.Draft202012Validator, values: dict[str, Any]
) -> None:
    """A file that an editor marks is one that the loader refuses."""
    try:
        config_from_values(values)
        loads = True
    except ConfigError:
        loads = False

    assert validator.is_valid(values) is loads


def test_shipped_profiles_fit_their_published_schema() -> None:
    """`schemas/profile.schema.json` accepts every profile that is shipped."""
    schema = jsonschema.Draft202012Validator(
        json.loads((ROOT / "schemas" / "profile.schema.json").read_text())
    )
    folder = ROOT / "policy_engine" / "mapper" / "profiles"
    documents = {name: read_document(folder / f"{name}.yaml").data for name in profile_names()}

    assert {
        name: [error.message for error in schema.iter_errors(data)] for name, data in documents.items()
    } == {name: [] for name in documents}
