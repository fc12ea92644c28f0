"""What it costs to decide 10,000 cases of scenarios, against the decisions alone.

Cases come of twenty bearers, a third of them people, and of every tool; each says what is expected: whether
it is allowed, by which policies, and for whom. All was decided before: decisions are as cheap as they get.
"""

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

from policy_engine.config import config_from_values
from policy_engine.harness import Asked, Case, Expectation, Origin, Who
from policy_engine.harness.running import run_cases
from policy_engine.harness.world import World
from tests.benchmarks import world as shared
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import Pace, Way, in_turn

CASES = 10_000
BARE = "the decisions alone"
PACE = Pace(rounds=11, seconds=0.5, longest=6.0)


def measure(number: int = CASES, pace: Pace = PACE) -> Iterator[Row]:
    """Both ways, in turn."""
    world = harness_world()
    cases = list(islice(all_cases(world), number))
    first = run_cases(world, cases)
    expected = [
        Case(
            id=case.id,
            group=case.group,
            who=case.who,
            asked=case.asked,
            expect=expectation(result.decision),
            now=case.now,
        )
        for case, result in zip(cases, first.results, strict=True)
    ]
    questions = [(case.who.token, case.asked.message) for case in expected]
    assert {result.decision.code for result in first.results if result.decision} >= {"allowed", "no_permit"}
    assert run_cases(world, expected).passed == number

    def bare() -> None:
        evaluate = world.engine.evaluate
        for token, message in questions:
            evaluate(token, message, server="github")

    ways = {
        BARE: Way(lambda _: bare(), calls=1),
        "as cases": Way(lambda _: run_cases(world, expected), calls=1),
    }
    times = in_turn(ways, pace)
    for what, ratio in ((BARE, None), ("as cases", times.ratio("as cases", BARE))):
        yield Row(
            part="scenarios",
            what=f"{number:,} cases" if ratio else f"{number:,} decisions",
            value=times.median(what) / 1000,
            unit="ms",
            peer=BARE if ratio else None,
            ratio=ratio,
            at_most=3.0 if ratio else None,
        )


def harness_world() -> World:
    """The server and the policies of the other benchmarks, with keys of the harness's own."""
    values = {
        "version": 1,
        "servers": {"github": {"resource": shared.RESOURCE, "catalogue": catalogue()}},
        "issuers": {
            "corp": {"issuer": shared.LOGIN, "profile": "rfc9068", "clients": {}},
            "machines": {
                "issuer": shared.AS,
                "profile": "policy-engine",
                "clients": {f"ci-{n}": {"grants": ["client_credentials"]} for n in range(14)},
            },
        },
    }
    loaded = config_from_values({**values, "policies": []}, policy_text=shared.policies(300))
    return World.of(loaded, now=shared.NOW)


def catalogue() -> dict[str, Any]:
    """All tools, pinned."""
    return {"tools": [{"reviewed": True, "item": shared.tool(name)} for name in shared.TOOLS]}


def all_cases(world: World) -> Iterator[Case]:
    """Everybody asks for everything, in as many repositories as it takes."""
    bearers = [("client", f"ci-{n}") for n in range(14)] + [("user", f"person-{n}") for n in range(6)]
    people = [
        Who(name=name, token=world.mint(kind=kind, id=name, scope="issues:write"), kind=kind)  # type: ignore[arg-type]  # mypy widens the words of a tuple
        for kind, name in bearers
    ]
    for n, (tool, who) in product(range(CASES), product(shared.TOOLS, people)):
        repo = f"acme/app-{n}"
        message = {
            "jsonrpc": "2.0",
            "id": n,
            "method": "tools/call",
            "params": {"name": tool, "arguments": {"repo": repo, "title": "The build is broken"}},
        }
        yield Case(
            id=f"all.scenario.yaml::everybody::{who.name}::{tool} in {repo}",
            group=("everybody",),
            who=who,
            asked=Asked(name=f"{tool} in {repo}", message=message, server="github"),
            expect=Expectation(),
            now=shared.NOW,
        )


def expectation(decision: Any) -> Expectation:
    """What a scenario says that is as exact as they get."""
    return Expectation(
        allowed=decision.allowed,
        code=decision.code,
        policies=frozenset(match.id for match in decision.policies),
        principal=None if decision.principal is None else str(decision.principal.uid),
        origin=Origin(Path("all.scenario.yaml"), 1),
    )


if __name__ == "__main__":
    run(measure)
