"""The baseline loads anywhere, and holds what its README says."""

import copy
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


def _with_answers(applies_to: CedarJson) -> CedarJson:
    """With what a call brings of answers, which the other tests' schema hasn't."""
    made = copy.deepcopy(applies_to)
    made["context"]["attributes"]["input_responses"] = {"type": "Set", "element": {"type": "String"}}
    return made


def _answering(schema: CedarJson) -> CedarJson:
    namespace = schema[""]
    actions = {
        name: {**row, "appliesTo": _with_answers(row["appliesTo"])} if "appliesTo" in row else row
        for name, row in namespace["actions"].items()
    }
    return {"": {**namespace, "actions": actions}}


@pytest.fixture(scope="module")
def empty(bare_schema: CedarJson) -> CedarJson:
    """A schema without tools."""
    return _answering(bare_schema)


@pytest.fixture(scope="module")
def schema(full_schema: CedarJson) -> CedarJson:
    """A schema with tools."""
    return _answering(full_schema)


@pytest.fixture(scope="module")
def stand_in(placeholder: CedarJson) -> CedarJson:
    """What an unpinned tool applies to."""
    return _with_answers(placeholder)


@pytest.fixture(scope="module")
def evaluator(
    schema: CedarJson, entity_schema: CedarJson, names: KnownNames, stand_in: CedarJson
) -> Evaluator:
    """The baseline, with the tools of one server."""
    return Evaluator(load_policies(expand([FOLDER]), schema, names, placeholder=stand_in), entity_schema)


def test_it_loads_before_anything_is_configured(empty: CedarJson, stand_in: CedarJson) -> None:
    """No issuer, no server, no tool; the two policies on tools say that they have none yet."""
    nobody = KnownNames(issuers=frozenset(), servers=frozenset())

    store = load_policies(expand([FOLDER]), empty, nobody, placeholder=stand_in)

    assert [(warning.code, warning.policy) for warning in store.warnings] == [
        ("PS002", "people-read"),
        ("PS002", "machines-not-destructive"),
    ]


def test_it_has_no_warnings_once_tools_are_pinned(
    schema: CedarJson, names: KnownNames, stand_in: CedarJson
) -> None:
    """Every permit says which kind it is for."""
    assert load_policies(expand([FOLDER]), schema, names, placeholder=stand_in).warnings == ()


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
    asked = [ask(principal, action, input_responses=[]) for principal in (alice, bot, assisted)]
    codes = [evaluator.evaluate(request).code for request in asked]

    assert codes == [person, machine, agent]


@pytest.mark.parametrize("action", ["initialize", "list_tools", "github/get_issue"])
def test_no_machine_consents(evaluator: Evaluator, ask: Ask, bot: Client, action: str) -> None:
    """Whatever it asks for; other answers are its own."""
    codes = [
        evaluator.evaluate(ask(bot, action, input_responses=answers)).code
        for answers in (["roots", "sampling"], ["elicitation", "other"])
    ]

    assert codes == ["no_permit" if action == "github/get_issue" else "allowed", "forbidden"]


def test_the_readme_names_each_policy(schema: CedarJson, names: KnownNames, stand_in: CedarJson) -> None:
    """One line each, in order."""
    store = load_policies(expand([FOLDER]), schema, names, placeholder=stand_in)

    assert re.findall(r"^\| `([\w-]+)`", README, re.MULTILINE) == list(store.policies)


def test_the_readmes_examples_load_beside_it(
    schema: CedarJson, names: KnownNames, stand_in: CedarJson
) -> None:
    """Without a warning."""
    examples = re.findall(r"```cedar\n(.*?)```", README, re.DOTALL)
    sources = [*expand([FOLDER]), *(PolicySource(text=example, file="README.md") for example in examples)]

    store = load_policies(sources, schema, names, placeholder=stand_in)

    assert len(examples) == 3
    assert store.warnings == ()
