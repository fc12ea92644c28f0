"""What has to hold of a policy set before a server uses it, as the section `reload` says.

The candidate itself is held against it: its policies are checked by then, and aren't checked again.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from policy_engine.config import LoadedConfig, Stages
from policy_engine.errors import ConfigError
from policy_engine.evaluator import PolicySource
from policy_engine.files import read_text
from policy_engine.harness import Result, World
from policy_engine.harness.running import failure_lines, place_of, run_cases
from policy_engine.harness.scenarios import FIXTURES, config_of, find_scenarios, load_scenarios
from policy_engine.review import Bound, Options, Outcome, Subject, Verdict, review

__all__ = ["good_enough", "scenario_files", "watched_beside"]

_MOST: Final = 20
"""Failures that are told of."""

_PAUSE: Final = 0.0005
"""Seconds after each case, in which decisions get their turn."""


def good_enough(stages: Stages) -> None:
    """Hold what was loaded against its scenarios and the review, as far as its configuration says so.

    Give it to `PolicyEngine.reload`, or to a `PolicyWatcher`. Nothing is recorded, and nobody is asked over a
    network, but for a registry of machines, which is read once.

    Raises:
        ConfigError: a case isn't decided as it expects, a question isn't proved, or either can't be asked;
            further reasons are in its `others`.
    """
    wanted = stages.loaded.config.reload
    scenarios = scenario_files(stages.loaded)
    if not scenarios and not wanted.review:
        return
    world = _world_of(stages)
    try:
        problems = [*_failing(world, scenarios), *_unproved(world, wanted.review)]
    finally:
        world.engine.close()
    if problems:
        raise ConfigError.first_of(problems)


def scenario_files(loaded: LoadedConfig) -> tuple[Path, ...]:
    """The scenarios that a set has to pass, in the configuration's folder and those of its policies.

    Raises:
        ConfigError: one of them can't be read.
    """
    file = loaded.document.file
    if file is None:
        return ()
    config = Path(file).resolve()
    inside = (path for path in _scenarios(loaded) if path.is_relative_to(config.parent))
    # What lies outside has no configuration above it, or another one: it is for this one if nothing is said.
    outside = (path for path in _scenarios(loaded) if not path.is_relative_to(config.parent))
    return (*(path for path in inside if config_of(path).resolve() == config), *outside)


def watched_beside(loaded: LoadedConfig) -> Iterator[Path]:
    """Scenarios, and the fixtures beside and above them: what changes there may let a set pass."""
    root = loaded.folder.resolve()
    for scenario in _scenarios(loaded):
        yield scenario
        for folder in scenario.parents:
            yield from sorted(folder.glob(f"*{FIXTURES}"))
            if folder == root or not folder.is_relative_to(root):
                break


def _scenarios(loaded: LoadedConfig) -> tuple[Path, ...]:
    """All that there are, whosever they are; none if they don't count."""
    if loaded.document.file is None or not loaded.config.reload.scenarios:
        return ()
    root = loaded.folder.resolve()
    places = (root, *(loaded.path(path).resolve() for path in loaded.config.policies))
    folders = [place for place in places if place.is_dir()]
    outside = [folder for folder in folders[1:] if not folder.is_relative_to(root)]
    found = (path.resolve() for folder in (folders[0], *outside) for path in find_scenarios(folder))
    return tuple(dict.fromkeys(found))


def _world_of(stages: Stages) -> World:
    """A world with the candidate's policies, whose issuers' keys are the test's."""
    loaded = stages.loaded
    bare = replace(loaded, config=loaded.config.model_copy(update={"policies": ()}), policy_text="")
    return World.of(bare).with_policies(stages.policies)


def _failing(world: World, files: tuple[Path, ...]) -> Iterator[ConfigError]:
    if not files:
        return
    cases = load_scenarios(files, world)
    for result in run_cases(world, cases, progress=lambda _: time.sleep(_PAUSE)).failures[:_MOST]:
        yield _failure(result)


def _failure(result: Result) -> ConfigError:
    place = place_of(result.case)
    what = "; ".join(failure_lines(result))
    return ConfigError(
        f"the case `{result.case.id}` isn't decided as it expects: {what}",
        remedy="see why: policy-engine test",
        file=None if place is None else place.file,
        line=None if place is None else place.line,
        column=None if place is None else place.column,
        code="scenario_failed",
    )


def _unproved(world: World, questions: tuple[str, ...]) -> Iterator[ConfigError]:
    if not questions:
        return
    found = review(Subject.of_engine(world.engine), _options(world.loaded, questions))
    if found.outcome is Outcome.proved:
        return
    counted = [
        each for each in found.verdicts if each.counts and each.severity.at_least(found.options.fail_on)
    ]
    for verdict in counted[:_MOST]:
        yield _verdict(verdict, world)


def _verdict(verdict: Verdict, world: World) -> ConfigError:
    why = "" if verdict.reason is None else f", since {verdict.reason.detail or verdict.reason.reason}"
    named = [world.policies.policies[name] for name in verdict.policies if name in world.policies.policies]
    written = named[0].written if named else None
    return ConfigError(
        f"the review's `{verdict.question}` is {verdict.outcome} of `{verdict.subject}`: "
        f"{verdict.statement}{why}",
        remedy="see all of it: policy-engine review",
        file=None if written is None else written.file,
        line=None if written is None else written.line,
        column=None if written is None else written.column,
        code="review_failed",
    )


def _options(loaded: LoadedConfig, questions: tuple[str, ...]) -> Options:
    written = loaded.config.review
    ceilings = (loaded.path(file) for file in written.ceiling)
    return Options(
        questions=questions,
        bounds=tuple(Bound(source=PolicySource(text=read_text(file), file=str(file))) for file in ceilings),
        never=tuple(written.never),
        timeout=written.timeout,
    )
