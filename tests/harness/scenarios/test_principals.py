"""Who asks: by a token of any kind, by delegation, as an entity, or as nobody."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.harness import Case, World
from policy_engine.harness.running import decide
from policy_engine.model import Client, Decision, Identity, TokenFacts, User

Load = Callable[..., tuple[Case, ...]]

PRINCIPALS = {
    "a machine": "{client: ci-bot}",
    "a person": "{user: alice, claims: {groups: [eng]}}",
    "an agent": "{user: alice, through: desktop-agent}",
    "by its profile": "{client: ci-bot, profile: policy-engine}",
    "of claims alone": "{issuer: corp, claims: {sub: alice, client_id: portal, auth_time: 1}}",
    "a forger": "{client: ci-bot, tamper: alg_none}",
    "nobody": "{nobody: true}",
    "an entity": "{entity: 'Client::\"machines/robot\"', groups: [ci], facts: {scopes: a},"
    " attributes: {level: 9, teams: a, tag: b}}",
    "an entity's agent": "{entity: 'User::\"corp/bob\"', through_entity: 'Client::\"corp/x\"'}",
}


@pytest.fixture
def decided(load: Load, world: World) -> Callable[[str], tuple[Case, Decision]]:
    """Somebody who calls a tool that reads, and what is decided of it."""

    def decide_one(name: str) -> tuple[Case, Decision]:
        text = f"principals:\n  {name}: {PRINCIPALS[name]}\ncalls: {{reads: {{tool: list_issues}}}}\n"
        (case,) = load(
            f"{text}tests:\n  - {{who: {name}, asks: reads, expect: {{status: 200, principal: any}}}}\n"
        )
        decision = decide(world, case).decision
        assert decision is not None
        return case, decision

    return decide_one


@pytest.mark.parametrize(
    ("name", "principal", "who"),
    [
        ("a machine", 'Client::"machines/ci-bot"', ("client", "machines", "policy-engine", False)),
        ("a person", 'User::"corp/alice"', ("user", "corp", "rfc9068", False)),
        ("an agent", 'User::"corp/alice"', ("user", "corp", "rfc9068", True)),
        ("by its profile", 'Client::"machines/ci-bot"', ("client", "machines", "policy-engine", False)),
        ("of claims alone", 'User::"corp/alice"', ("user", "corp", "rfc9068", False)),
        ("a forger", "None", (None, "machines", "policy-engine", False)),
        ("nobody", "None", (None, None, None, False)),
        ("an entity", 'Client::"machines/robot"', ("client", "machines", None, False)),
        ("an entity's agent", 'User::"corp/bob"', ("user", "corp", None, True)),
    ],
)
def test_somebody_is_taken_for_what_they_are(
    decided: Callable[[str], tuple[Case, Decision]],
    name: str,
    principal: str,
    who: tuple[str | None, str | None, str | None, bool],
) -> None:
    """The engine says so of a real token, and the case says what was meant."""
    case, decision = decided(name)

    assert str(decision.principal and decision.principal.uid) == principal
    assert (case.who.kind, case.who.issuer, case.who.profile, case.who.delegated) == who


def test_claims_are_laid_over_those_of_the_profile(decided: Callable[[str], tuple[Case, Decision]]) -> None:
    """What the configuration reads of them reaches the principal."""
    _, decision = decided("a person")

    assert isinstance(decision.principal, User)
    assert decision.principal.groups == frozenset({"eng"})


def test_an_entity_has_what_the_file_says(decided: Callable[[str], tuple[Case, Decision]]) -> None:
    """Declared attributes with their type, others as tags, and the facts of a token that it hasn't."""
    case, decision = decided("an entity")

    assert case.who.identity == Identity(
        principal=Client(
            issuer="machines",
            client_id="robot",
            groups=frozenset({"ci"}),
            attributes={"tag": ("b",)},
            typed_attributes={"level": 9, "teams": ("a",)},
        ),
        token=TokenFacts(scopes=("a",)),
    )
    assert (decision.code, [match.id for match in decision.policies]) == ("forbidden", ["level"])


def test_a_recorded_token_is_read_from_its_file(load: Load, world: World, project: Path) -> None:
    """Beside the scenario."""
    world.clock.set(1767225600.0)
    (project / "t.jwt").write_text(world.mint(id="ci-bot") + "\n")
    (case,) = load(
        "principals: {bot: {token: {file: t.jwt}}}\ncalls: {c: {method: tools/list}}\nmatrix: {bot: allow}\n"
    )

    assert decide(world, case).failures == ()
    assert (case.who.kind, case.who.profile) == ("client", "policy-engine")


def test_a_token_never_shows(load: Load) -> None:
    """Neither in the case nor in the principal."""
    (case,) = load("principals: {bot: {client: ci-bot}}\ncalls: {c: {method: ping}}\nmatrix: {bot: deny}\n")

    assert case.who.token is not None
    assert case.who.token.split(".")[1] not in repr(case)
