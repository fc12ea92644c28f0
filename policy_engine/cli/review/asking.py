"""From what was asked to a review: load, compare with what there was, ask, look."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from policy_engine.cli.diff.sides import opened, world_of
from policy_engine.cli.review.options import Asked
from policy_engine.cli.review.witnesses import attested
from policy_engine.config import LoadedConfig, load_config
from policy_engine.errors import ConfigError, PolicyError
from policy_engine.evaluator import PolicySource
from policy_engine.files import read_text
from policy_engine.harness import World
from policy_engine.review import Bound, Options, Progress, Review, Subject, review
from policy_engine.review.access import access
from policy_engine.review.checks import find_findings

__all__ = ["reviewed"]


def reviewed(config: Path, asked: Asked, *, progress: Progress | None, matrix: bool) -> Review:
    """The review of a project.

    Args:
        config: its `policy-engine.yaml`.
        asked: what is asked.
        progress: is told how far it is.
        matrix: whether it is wanted who can do what.

    Raises:
        ConfigError: something but a policy can't be used, or there is no such thing as is asked about.
    """
    loaded = load_config(config)
    with ExitStack() as stack:
        options = _options(loaded, asked, stack)
        try:
            subject = Subject.of(loaded)
        except PolicyError:
            return review(loaded, options)
        found = review(subject, options, progress=progress, keep=asked.keep)
    found = attested(found, loaded, config)
    findings = () if asked.alone else find_findings(subject)
    return replace(found, findings=findings, access=access(subject) if matrix else None)


def _options(loaded: LoadedConfig, asked: Asked, stack: ExitStack) -> Options:
    written = loaded.config.review
    if asked.no_widening and asked.against is None:
        raise ConfigError(
            "--no-widening goes with --against", remedy="name what it is compared with: --against"
        )
    for name, given in (
        ("never", asked.never or written.never),
        ("ceiling", asked.ceilings or written.ceiling),
        ("diff", asked.against),
        ("who_can", asked.who_can),
        ("what_can", asked.what_can),
    ):
        if name in asked.questions and not given:
            option = "--against" if name == "diff" else f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"`{name.replace('_', '-')}` is asked about nothing", remedy=f"say what: {option}"
            )
    ceilings = asked.ceilings or tuple(loaded.path(file) for file in written.ceiling)
    timeout = written.timeout if asked.timeout is None else asked.timeout
    questions = asked.questions or (() if asked.who_can or asked.what_can else Options().questions)
    also = {"who_can": asked.who_can, "what_can": asked.what_can}
    return Options(
        questions=(*questions, *(name for name, given in also.items() if given and name not in questions)),
        bounds=tuple(Bound(source=PolicySource(text=read_text(file), file=str(file))) for file in ceilings),
        never=asked.never or tuple(written.never),
        who_can=asked.who_can,
        what_can=asked.what_can,
        before=None if asked.against is None else _before(loaded, asked.against, stack),
        no_widening=asked.no_widening,
        timeout=timeout if asked.solver else None,
        fail_on=asked.fail_on,
    )


def _before(loaded: LoadedConfig, name: str, stack: ExitStack) -> Subject:
    """What there was; policies without a configuration are taken into this one."""
    side = stack.enter_context(opened(name))
    return Subject.of_engine(world_of(side, World.of(loaded)).engine)
