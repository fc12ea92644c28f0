"""Carries out a review: the front door of everything else in this package."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from policy_engine.config import LoadedConfig
from policy_engine.errors import ConfigError, PolicyError
from policy_engine.review.assumptions import assumptions
from policy_engine.review.options import Options
from policy_engine.review.questions import QUESTIONS, Asker, Bench, Progress
from policy_engine.review.review import Review
from policy_engine.review.solving import Unknown, UnknownReason
from policy_engine.review.subject import Subject, versions
from policy_engine.review.verdict import Outcome, Severity, Verdict

__all__ = ["review"]

_NEEDS: Mapping[str, str] = MappingProxyType(
    {"ceiling": "bounds", "never": "never", "diff": "before", "who_can": "who_can", "what_can": "what_can"}
)
"""Questions that are about something besides the policies, and the option that says what."""


def review(
    subject: Subject | LoadedConfig,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Review:
    """Ask questions of a policy set, for all requests that there could be.

    Args:
        subject: what is reviewed; or a configuration, whose policies may have mistakes.
        options: what is asked.
        progress: is told how many of how many steps of what are done.
        keep: a folder for everything that the solver is asked.

    Raises:
        ConfigError: something but a policy can't be used, or a question is about something that isn't there.
    """
    options = options or Options()
    unknown = [name for name in options.questions if name not in QUESTIONS]
    if unknown:
        known = ", ".join(QUESTIONS)
        raise ConfigError(f"there is no question `{unknown[0]}`", remedy=f"ask one of {known}")
    started = time.monotonic()
    if isinstance(subject, LoadedConfig):
        try:
            subject = Subject.of(subject)
        except PolicyError as error:
            return _invalid(error, options)
    with Asker(timeout=options.timeout, workers=options.workers, keep=keep, progress=progress) as asker:
        verdicts = tuple(_verdicts(Bench(subject=subject, options=options, asker=asker)))
    digests = dict(subject.digests)
    if options.before is not None:
        digests |= {f"before: {name}": digest for name, digest in options.before.digests.items()}
    return Review(
        verdicts=verdicts,
        assumptions=assumptions(),
        digests=MappingProxyType(digests),
        versions=versions(),
        options=options,
        notes=subject.notes,
        seconds=time.monotonic() - started,
    )


def _verdicts(bench: Bench) -> Iterator[Verdict]:
    for name in bench.options.questions:
        yield from QUESTIONS[name].answer(bench)


def _invalid(error: PolicyError, options: Options) -> Review:
    """What isn't valid isn't proved to be anything."""
    errors = (error, *error.others)
    first = Unknown(UnknownReason.invalid_policies, str(error))
    asked = [name for name in options.questions if name not in _NEEDS or getattr(options, _NEEDS[name])]
    verdicts = (
        Verdict(
            question=name,
            subject="every policy",
            outcome=Outcome.unknown,
            statement=f"this isn't known, since the policies don't validate: {error}",
            reason=first,
            severity=Severity.error,
            details=MappingProxyType({"errors": [str(each) for each in errors]}),
        )
        for name in asked
    )
    return Review(
        verdicts=tuple(verdicts),
        assumptions=assumptions(),
        digests=MappingProxyType({}),
        versions=versions(),
        options=options,
    )
