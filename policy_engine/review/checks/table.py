"""Every check of the review, a row each; their codes go on where the warnings of `validate` end."""

from collections.abc import Mapping
from types import MappingProxyType

from policy_engine.review.checks.check import Check
from policy_engine.review.checks.kinds import (
    EITHER_KIND,
    KIND_BY_ATTRIBUTE,
    KIND_BY_NAME,
    KIND_IN_CONDITION,
    ONE_SIDED_FORBID,
    UNLESS_OTHER_KIND,
)
from policy_engine.review.checks.machines import (
    ANY_ACTION,
    BLIND_DELEGATION,
    EVERY_MACHINE,
    EVERY_SERVER,
    IDLE_GROUP,
    IDLE_MACHINE,
    NEVER_PRINCIPAL,
    UNCONDITIONAL_DESTRUCTION,
    WRITE_WITHOUT_SCOPE,
)
from policy_engine.review.checks.supply import (
    UNGRANTABLE_SCOPE,
    UNSUPPLIED_FACT,
    UNSUPPLIED_GROUP,
    UNUSED_SCOPE,
)
from policy_engine.review.checks.suppressing import UNFIT_SUPPRESSION, UNUSED_SUPPRESSION
from policy_engine.review.checks.words import (
    FOREIGN_RESOURCE,
    LETTER_CASE,
    LOOKALIKE_PATTERN,
    PAST_DATE,
    SAME_POLICY,
    SCOPE_SPELLING,
    SHADOW_FORBID,
)
from policy_engine.review.verdict import Severity

__all__ = ["CHECKS", "SEVERITIES"]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        check.code: check
        for check in (
            ONE_SIDED_FORBID,
            KIND_BY_ATTRIBUTE,
            KIND_BY_NAME,
            UNLESS_OTHER_KIND,
            EITHER_KIND,
            KIND_IN_CONDITION,
            UNCONDITIONAL_DESTRUCTION,
            WRITE_WITHOUT_SCOPE,
            ANY_ACTION,
            EVERY_SERVER,
            NEVER_PRINCIPAL,
            IDLE_MACHINE,
            IDLE_GROUP,
            BLIND_DELEGATION,
            SCOPE_SPELLING,
            LOOKALIKE_PATTERN,
            LETTER_CASE,
            PAST_DATE,
            FOREIGN_RESOURCE,
            SAME_POLICY,
            UNSUPPLIED_FACT,
            UNSUPPLIED_GROUP,
            UNGRANTABLE_SCOPE,
            UNUSED_SCOPE,
            UNFIT_SUPPRESSION,
            UNUSED_SUPPRESSION,
            EVERY_MACHINE,
            SHADOW_FORBID,
        )
    }
)

_NOTES = frozenset({"PS002", "PS004", "PS005", "PS006"})

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {f"PS{number:03}": Severity.warning for number in range(1, 12)}
    | dict.fromkeys(_NOTES, Severity.note)
    | {code: check.severity for code, check in CHECKS.items()}
)
"""How much each matters, the warnings of `policy-engine validate` included."""
