"""The baseline loads anywhere, and holds what its README says."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.evaluator import Evaluator, KnownNames, PolicySource, PolicyStore, expand, load_policies
from policy_engine.model import AuthorizationRequest, CedarJson, Client, User

Load = Callable[..., PolicyStore]
Ask = Callable[..., AuthorizationRequest]
FOLDER = Path(__file__).parents[2] / "policies" / "baseline"
README = (FOLDER / "README.md").read_text()


@pytest.fixture(scope="module")
def evaluator(
    full_schema: CedarJson, entity_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> Evaluator:
    """The baseline, with the tools of one server."""
    return Evaluator(
        load_policies(expand([FOLDER]), full_schema, names, placeholder=placeholder), entity_schema
    )


def test_it_loads_before_anything_is_configured(bare_schema: CedarJson, placeholder: CedarJson) -> None:
    """No issuer, no server, no tool; the two policies on tools say that they have none yet."""
    nobody = KnownNames(issuers=frozenset(), servers=frozenset())

    store = load_policies(expand([FOLDER]), bare_schema, nobody, placeholder=placeholder)

    assert [(warning.code, warning.policy) for warning in store.warnings] == [
        ("PS002", "people-read"),
        ("PS002", "machines-not-destructive"),
    ]


def test_it_has_no_warnings_once_tools_are_pinned(
    full_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> None:
    """Every permit says which kind it is for."""
    assert load_policies(expand([FOLDER]), full_schema, names, placeholder=placeholder).warnings == ()


@pytest.mark.parametrize(
    ("action", "person", "machine", "agent"),
    [
        ("initialize", "allowed", "allowed", "allowed"),
        ("ping", "allowed", "allowed", "allowed"),
        ("list_tools", "allowed", "allowed", "no_permit"),
        ("list_resource_templates", "allowed", "allowed", "no_permit"),
        ("github/get_issue", "allowed", "no_permit", "no_permit"),
        ("github/create_issue", "no_permit", "no_permit", "no_permit"),
        ("github/delete_repo", "no_permit", "forbidden", "no_permit"),
        ("github/?", "no_permit", "forbidden", "no_permit"),
    ],
)
def test_it_keeps_people_machines_and_agents_apart(
    *,
    evaluator: Evaluator,
    ask: Ask,
    alice: User,
    bot: Client,
    assisted: User,
    action: str,
    person: str,
    machine: str,
    agent: str,
) -> None:
    """Deny by default; what is open is open by a policy for that kind."""
    codes = [evaluator.evaluate(ask(principal, action)).code for principal in (alice, bot, assisted)]

    assert codes == [person, machine, agent]


def test_the_readme_names_each_policy(
    full_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> None:
    """One line each, in order."""
    store = load_policies(expand([FOLDER]), full_schema, names, placeholder=placeholder)

    assert re.findall(r"^\| `([\w-]+)`", README, re.MULTILINE) == list(store.policies)


def test_the_readmes_examples_load_beside_it(
    full_schema: CedarJson, names: KnownNames, placeholder: CedarJson
) -> None:
    """Without a warning."""
    examples = re.findall(r"```cedar\n(.*?)```", README, re.DOTALL)
    sources = [*expand([FOLDER]), *(PolicySource(text=example, file="README.md") for example in examples)]

    store = load_policies(sources, full_schema, names, placeholder=placeholder)

    assert len(examples) == 3
    assert store.warnings == ()
