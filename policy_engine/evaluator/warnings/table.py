"""Every warning, a row each."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.evaluator.policy_source import PolicySource
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.denied_unpinned import DENIED_UNPINNED
from policy_engine.evaluator.warnings.empty_group import EMPTY_GROUP
from policy_engine.evaluator.warnings.idle_kinds import IDLE_KINDS
from policy_engine.evaluator.warnings.machines_unpinned import MACHINES_UNPINNED
from policy_engine.evaluator.warnings.never_there import NEVER_THERE
from policy_engine.evaluator.warnings.no_catalogue import NO_CATALOGUE
from policy_engine.evaluator.warnings.overridden_permit import OVERRIDDEN_PERMIT
from policy_engine.evaluator.warnings.suppressions import suppressions_of, unsuppressed
from policy_engine.evaluator.warnings.surveying import Survey
from policy_engine.evaluator.warnings.unlisted_names import UNLISTED_NAMES
from policy_engine.evaluator.warnings.unreachable import UNREACHABLE
from policy_engine.evaluator.warnings.unseen_arguments import UNSEEN_ARGUMENTS
from policy_engine.evaluator.warnings.untyped_permit import UNTYPED_PERMIT

__all__ = ["WARNINGS", "find_warnings"]

WARNINGS: Mapping[str, Check] = MappingProxyType(
    {
        check.code: check
        for check in (
            UNTYPED_PERMIT,
            EMPTY_GROUP,
            UNREACHABLE,
            DENIED_UNPINNED,
            NO_CATALOGUE,
            IDLE_KINDS,
            MACHINES_UNPINNED,
            UNSEEN_ARGUMENTS,
            NEVER_THERE,
            UNLISTED_NAMES,
            OVERRIDDEN_PERMIT,
        )
    }
)


def find_warnings(survey: Survey, sources: Iterable[PolicySource] = ()) -> tuple[PolicyWarning, ...]:
    """All of them, in the order of files and lines.

    Args:
        survey: what is looked at.
        sources: the texts that the policies were read from; what comments in them allow is left out.
    """
    placed = survey.placed({warning.policy for warning in _found(survey)})
    allowed = suppressions_of(sources, (subject.policy for subject in survey.every))
    return tuple(sorted(unsuppressed(_found(placed), allowed), key=_place))


def _found(survey: Survey) -> Iterator[PolicyWarning]:
    for check in WARNINGS.values():
        yield from check.find(survey)


def _place(warning: PolicyWarning) -> tuple[str, int, int, str]:
    return warning.file or "", warning.line, warning.column, warning.code
