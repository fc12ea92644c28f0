"""What each policy in shadow mode would have changed, each as if it alone were promoted.

All permits that apply decide together where no forbid does, and all forbids that apply decide together: asked
apart, Cedar names each policy that applies, and nothing has to be evaluated once for each policy.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal

from policy_engine.cedar import Authorizer, Effect, Static
from policy_engine.evaluator.deciding import Evaluator, Known, Limits
from policy_engine.evaluator.policy_rows import PolicyRows
from policy_engine.evaluator.policy_store import PolicyStore
from policy_engine.model import ALLOWED, AuthorizationRequest, CedarJson, ShadowMatch

__all__ = ["Shadows"]

_log = logging.getLogger("policy_engine")

_MOST: Final = 100
"""Policies that one decision names; those that would change it come first."""

_SHARE: Final = 8
"""Part of what deciding may keep that is kept here, once for permits and once for forbids."""

Silent = Callable[[CedarJson], bool]

Would = Literal["allow", "deny", "nothing"]


class Shadows:
    """Evaluates the policies of a set that are in shadow mode; safe to share between threads.

    Whatever fails here is told to the log, once, and changes no decision.

    Args:
        real: decides by the other policies.
        permits: decides by the permits in shadow mode alone; None if there are none.
        forbids: the same of the forbids.
    """

    def __init__(self, real: Evaluator, permits: Evaluator | None, forbids: Evaluator | None) -> None:
        self._real = real
        self._permits = permits
        self._forbids = forbids
        self._complained = False

    @classmethod
    def of(cls, real: Evaluator, limits: Limits) -> "Shadows | None":
        """Those of an evaluator's policies; None if none of them is in shadow mode.

        Args:
            real: decides by the others.
            limits: what may be kept where decisions are made; here it is less.
        """
        statics = [*_statics(real.store)]
        if not statics:
            return None
        less = replace(limits, most_bytes=max(1, limits.most_bytes // _SHARE))

        def of_effect(effect: Effect) -> Evaluator | None:
            own = [static for each, static in statics if each == effect]
            if not own:
                return None
            return real.with_store(replace(real.store, authorizer=Authorizer(own)), less)

        return cls(real, of_effect("permit"), of_effect("forbid"))

    def beside(self, requests: Sequence[AuthorizationRequest], *, allowed: bool) -> tuple[ShadowMatch, ...]:
        """What would have been otherwise; empty if nothing would. Never raises.

        Args:
            requests: all questions of one message.
            allowed: whether it was allowed.
        """
        try:
            found = self._of_allowed(requests) if allowed else self._of_refused(requests)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the decision stands
            if not self._complained:
                self._complained = True
                _log.error("policies in shadow mode can't be evaluated: %s", type(error).__name__)
            return ()
        return found[:_MOST]

    def silence(self, request: AuthorizationRequest, fixed: CedarJson) -> Silent | None:
        """What says of such requests, by earlier answers, that nothing would be otherwise.

        They are allowed, and it takes the part of their context that isn't fixed. None where nothing can say
        that: each of them has to be looked at.

        Args:
            request: one of them.
            fixed: the part of its context that all of them have.
        """
        forbids = self._forbids
        if forbids is None or not forbids.concerns(request):
            return _always
        known = forbids.known(request, fixed)
        return None if known is None else partial(_said_nothing, forbids, known)

    def _of_allowed(self, requests: Sequence[AuthorizationRequest]) -> tuple[ShadowMatch, ...]:
        """Each forbid that applies, or can't be evaluated, refuses."""
        against = _Told(self._forbids, requests, errors=True)
        if not against.any:
            return ()
        return (*_named(against.any, "forbid", "deny"), *self._idle("permit", requests))

    def _of_refused(self, requests: Sequence[AuthorizationRequest]) -> tuple[ShadowMatch, ...]:
        """A permit allows what no forbid refuses, if it applies to each question that nothing else allows."""
        if self._permits is None:
            return ()
        verdicts = [(request, self._real.evaluate(request).code) for request in requests]
        if any(code not in (ALLOWED, "no_permit") for _, code in verdicts):
            return ()
        helping = _Told(self._permits, [request for request, code in verdicts if code != ALLOWED]).every
        if not helping:
            return ()
        idle = [match for match in self._idle("permit", requests) if match.policy not in helping]
        return (*_named(helping, "permit", "allow"), *idle, *self._idle("forbid", requests))

    def _idle(self, effect: Effect, requests: Sequence[AuthorizationRequest]) -> Iterator[ShadowMatch]:
        """Policies that apply, and change nothing."""
        by = self._permits if effect == "permit" else self._forbids
        return _named(_Told(by, requests, errors=effect == "forbid").any, effect, "nothing")


@dataclass(init=False, slots=True)
class _Told:
    """What policies of one effect say of questions.

    Args:
        by: decides by them alone; None if there are none.
        requests: the questions.
        errors: whether one that can't be evaluated counts as if it applied.

    Attributes:
        any: ids of those that apply to one of the questions, in the order in which they were found.
        every: of those that apply to each.
    """

    any: tuple[str, ...]
    every: tuple[str, ...]

    def __init__(
        self, by: Evaluator | None, requests: Iterable[AuthorizationRequest], *, errors: bool = False
    ) -> None:
        each = [] if by is None else [_applying(by, request, errors=errors) for request in requests]
        self.any = tuple(dict.fromkeys(name for names in each for name in names))
        self.every = tuple(name for name in self.any if all(name in names for names in each))


def _applying(by: Evaluator, request: AuthorizationRequest, *, errors: bool) -> tuple[str, ...]:
    verdict = by.evaluate(request)
    # With an erring forbid and no other, the verdict's policies are those that err.
    applied = () if verdict.code == "policy_error" else tuple(match.id for match in verdict.policies)
    return (*applied, *(fault.policy for fault in verdict.errors)) if errors else applied


def _named(names: Iterable[str], effect: Effect, would: Would) -> Iterator[ShadowMatch]:
    return (ShadowMatch(policy=name, effect=effect, would=would) for name in names)


def _said_nothing(forbids: Evaluator, known: Known, context: CedarJson) -> bool:
    verdict = forbids.recall(known, context)
    return verdict is not None and verdict.code == "no_permit" and not verdict.errors


def _always(_context: CedarJson) -> bool:
    return True


def _statics(store: PolicyStore) -> Iterator[tuple[Effect, Static]]:
    if isinstance(store.policies, PolicyRows):
        yield from store.policies.shadows()
        return
    for policy in store.policies.values():
        if policy.shadow and policy.effective.scope is not None:
            yield policy.effect, Static(policy.id, policy.effective.text, policy.effective.scope)
