"""From a witness to a call: somebody's token, and a message, that the engine really decides so."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice, product

from policy_engine.cedar import CedarRequest
from policy_engine.mcp import Server
from policy_engine.model import CedarJson, Client, Decision, Identity, Principal
from policy_engine.review.subject import Subject
from policy_engine.review.witness.realising.bearers import bearers
from policy_engine.review.witness.realising.bench import Bench, Goal, Holds, Trial
from policy_engine.review.witness.realising.call import Bearer, Call
from policy_engine.review.witness.realising.hypothetical import identity_as_said
from policy_engine.review.witness.realising.issuers import KnownIssuer, issuers_of
from policy_engine.review.witness.realising.messages import Ask, asks
from policy_engine.review.witness.realising.reasons import why_nobody, why_not_sent
from policy_engine.review.witness.realising.tokens import identify
from policy_engine.review.witness.realising.wanted import Wanted

__all__ = ["Realiser"]

_DAY = 86_400
_YEARS = 62_000_000_000
"""Seconds around 1970 in which years have four digits."""

_MOST_CALLS, _MOST_MESSAGES = 300, 64
"""What is tried for one witness; each call costs the engine a decision."""


class Realiser:
    """Makes calls of witnesses; nobody is asked over a network, and nothing is recorded.

    Args:
        subject: what the witnesses are of.
        now: seconds since the epoch: when calls are made that can be made at any time.
    """

    def __init__(self, subject: Subject, *, now: float) -> None:
        self._subject = subject
        self.bench = Bench(subject.stages)
        self.now = float(int(now))

    def realise(
        self,
        request: CedarRequest,
        entities: Iterable[CedarJson],
        *,
        allowed: bool = True,
        policies: Iterable[str] = (),
        holds: Holds | None = None,
    ) -> Call:
        """Make the call of a witness; the nearest one, where that very one can't be.

        Args:
            request: the question of the witness; its principal is a `User` or a `Client`.
            entities: the entities of its world.
            allowed: what is decided of it.
            policies: of these, one at least has to decide; any may, if there are none.
            holds: asked of the question that the engine was really asked, and the entities that it decided
                with: whether it shows what the witness does.

        Returns:
            A call that the engine decides so; or, where nobody can make such a call, one that isn't
            `reachable`, with a note that says why. Whether that is decided so, its `decision` says.

        Raises:
            ConfigError: the profile of an issuer can't be used.
        """
        goal = Goal(
            wanted=Wanted.of(request, entities), expected=allowed, policies=frozenset(policies), holds=holds
        )
        search = _Search(self, goal, self._subject.servers.get(goal.wanted.server))
        return search.found() or search.unreachable()

    @cached_property
    def issuers(self) -> tuple[KnownIssuer, ...]:
        """Everybody who signs tokens."""
        return issuers_of(self._subject.loaded)


class _Search:
    """Looks for the call of one witness."""

    def __init__(self, realiser: Realiser, goal: Goal, server: Server | None) -> None:
        self._bench, self._issuers = realiser.bench, realiser.issuers
        self._goal, self._wanted = goal, goal.wanted
        self._server = server
        self._asks = () if server is None else tuple(islice(asks(goal.wanted, server), _MOST_MESSAGES))
        self._now = realiser.now
        self._moments = tuple(dict.fromkeys(_moments(realiser.now, goal.wanted.at)))
        self._refusal = ""

    def found(self) -> Call | None:
        """A call that somebody can make."""
        for identity, bearer, ask, at in islice(self._candidates(), _MOST_CALLS):
            trial = self._bench.ask(identity, ask, self._wanted.server, at)
            if self._goal.is_met(trial, self._bench):
                call = self._found(trial)
                over = call.at < self._now
                notes = (_misfitting(ask), "" if call.timely else _only_at(call.at, over=over))
                note = "; ".join(filter(None, notes))
                return replace(call, bearer=bearer, note=note, reachable=not over)
        return None

    def unreachable(self) -> Call:
        """The call that comes nearest to the witness, with the reason why nobody can make it."""
        identity = identity_as_said(self._wanted, self._issuers)
        trials: list[Trial] = []
        owning = (False, True) if self._wanted.resource.type == "Task" else (False,)
        for ask, at, own in product(self._asks, self._moments, owning):
            trial = self._bench.ask(identity, ask, self._wanted.server, at, owning=own)
            if self._goal.is_met(trial, self._bench):
                why = "only a host that remembers whose tasks are asks this"
                return self._not_reached(
                    trial, why if own else why_nobody(self._wanted, self._issuers, self._refusal)
                )
            trials.append(trial)
        if not trials:
            nothing = self._bench.ask(identity, Ask(message={}), self._wanted.server, self._moments[0])
            return self._not_reached(nothing, why_not_sent(self._wanted, self._server, None))
        asked = next((trial for trial in trials if trial.request is not None), None)
        if asked is None:
            decision: Decision = trials[0].call.decision
            return self._not_reached(trials[0], why_not_sent(self._wanted, self._server, decision))
        return self._not_reached(asked, "the engine decides otherwise of every call that comes near")

    def _not_reached(self, trial: Trial, note: str) -> Call:
        return replace(self._found(trial), reachable=False, note=note)

    def _found(self, trial: Trial) -> Call:
        timely = trial.call.at == self._now
        return replace(trial.call, timely=timely, exact=self._goal.is_exact(trial))

    def _candidates(self) -> Iterator[tuple[Identity, Bearer, Ask, float]]:
        """Who asks what and when; the likeliest combination first."""
        if not self._asks:
            return
        for at in self._moments:
            for identity, bearer in self._identities(at):
                for ask in self._asks:
                    yield identity, bearer, ask, at

    def _identities(self, at: float) -> Iterator[tuple[Identity, Bearer]]:
        stages, server = self._bench.stages, self._wanted.server
        issuers = {issuer.name: issuer for issuer in self._issuers}
        for bearer in bearers(stages, self._issuers, self._wanted, server, at):
            found = identify(stages, issuers[bearer.issuer], bearer, server, at)
            if isinstance(found, str):
                self._refusal = self._refusal or found
            elif _is_meant(found.principal, self._wanted):
                yield found, bearer


def _is_meant(principal: Principal, wanted: Wanted) -> bool:
    """Whether somebody is of the wanted kind, with somebody who acts for them where one is to."""
    if isinstance(principal, Client):
        return wanted.principal.kind == "client"
    return wanted.principal.kind == "user" and (principal.actor is None) is (wanted.actor is None)


def _moments(now: float, wanted: float | None) -> Iterator[float]:
    """When a call may be made: now, at the witness' time of the day, or at its very time."""
    yield now
    if wanted is not None and -_YEARS < wanted < _YEARS:
        to_come = now - now % _DAY + wanted % _DAY
        yield to_come if to_come > now else to_come + _DAY
        yield wanted


def _misfitting(ask: Ask) -> str:
    if not ask.misfits:
        return ""
    names = ", ".join(f"`{name}`" for name in ask.misfits)
    passes = "the engine lets it pass, the server may not"
    return f"the tool's own schema doesn't take the value of {names}: {passes}"


def _only_at(at: float, *, over: bool) -> str:
    moment = (datetime(1970, 1, 1) + timedelta(seconds=at)).isoformat(" ", "seconds")  # noqa: DTZ001 -- UTC
    return f"only at a time such as {moment} UTC" + (", which is over" if over else "")
