"""What a record tells of each policy that was in force: a decision names all that decided it."""

from collections.abc import Mapping

from policy_engine.evaluator import PolicyStore
from policy_engine.harness.recording.exchange import Exchange
from policy_engine.harness.recording.verdicts import Leaning

__all__ = ["told_leanings"]


def told_leanings(exchange: Exchange, store: PolicyStore) -> Mapping[str, Leaning]:
    """What policies did about a recorded question; nothing of those of which the record doesn't tell.

    Cedar names all permits that applied where one decides, and all forbids where one does. If no forbid is
    named, none applied; and if nothing is named, no permit did either.

    Args:
        exchange: the record.
        store: the policies that were in force then.
    """
    if exchange.digest != store.digest:
        return {}
    found: dict[str, Leaning] = {}
    named, failing = frozenset(exchange.policies), frozenset(exchange.errors)
    for name, policy in store.policies.items():
        permit = policy.effect == "permit"
        if policy.shadow or not _tells(exchange, permit=permit):
            continue
        errs = name in failing
        found[name] = Leaning(permit=permit, holds=name in named and not errs, errs=errs)
    return found


def _tells(exchange: Exchange, *, permit: bool) -> bool:
    """Whether a decision like that names all permits that applied, or all forbids."""
    match exchange.code:
        case "allowed":
            return True
        case "no_permit":
            return True
        case "forbidden" | "policy_error":
            return not permit
        case "insufficient_scope":
            return not permit or not exchange.policies
        case _:
            return False
