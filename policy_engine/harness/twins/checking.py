"""Cases, and their twins, decided and compared."""

from collections.abc import Iterable, Iterator
from time import perf_counter

from policy_engine.config import declared_attributes, issuer_profile
from policy_engine.harness.cases import Case, Result
from policy_engine.harness.entries import Entry, call_entry, principal_entry
from policy_engine.harness.running import decide, run_cases
from policy_engine.harness.running.tracing import questions_of
from policy_engine.harness.twins.expected import Expected, call_of
from policy_engine.harness.twins.making import Twin, identity_of, twins_of
from policy_engine.harness.twins.report import TwinFinding, TwinReport, origin_of
from policy_engine.harness.twins.rules import RULES, Pair, Rule
from policy_engine.harness.world import World
from policy_engine.mapper import Kind
from policy_engine.model import Client, Decision, Identity, User

__all__ = ["check_twins"]

_ANY_AGENT = "any-agent"
"""An agent that no policy can have been written for."""


def check_twins(world: World, cases: Iterable[Case], results: Iterable[Result] | None = None) -> TwinReport:
    """Decide every case once more for each twin of who asks, and say what their author can't have meant.

    Cases without twins are left out: those whose token is refused, and those that never get to the policies.

    Args:
        world: what decides.
        cases: the cases.
        results: what came of them, where that is known.
    """
    started = perf_counter()
    known = tuple(results) if results is not None else run_cases(world, cases).results
    checker = _Checker(world, Expected.of(known))
    for result in known:
        checker.check(result)
    return TwinReport(
        findings=tuple(sorted(checker.found.values(), key=_order)),
        cases=checker.cases,
        twins=checker.twins,
        seconds=perf_counter() - started,
    )


class _Checker:
    """Compares, and keeps what it finds: one finding a rule and a policy."""

    def __init__(self, world: World, expected: Expected) -> None:
        self._world = world
        self._expected = expected
        self._declared = declared_attributes(world.loaded.config)
        self._decided: dict[tuple[str, str], Decision] = {}
        self._agents = _agents(world)
        self.found: dict[tuple[str, str], TwinFinding] = {}
        self.cases = self.twins = 0

    def check(self, result: Result) -> None:
        """Compare one case with its twins."""
        decision = result.decision
        if decision is None or decision.action is None or decision.principal is None:
            return
        asked = questions_of(self._world, result.case)
        if not asked:
            return
        self.cases += 1
        identity = identity_of(asked[0])
        shown: set[tuple[str, str]] = set()
        for twin in self._twins(identity):
            self.twins += 1
            for rule, policy in self._compare(result, decision, identity, twin):
                key = (rule.name, policy)
                if key in shown:
                    continue
                shown.add(key)
                known = self.found.get(key)
                self.found[key] = (
                    self._finding(rule, policy, result, identity, twin) if known is None else known.again()
                )

    def _twins(self, identity: Identity) -> Iterator[Twin]:
        principal = identity.principal
        other: Kind = "client" if isinstance(principal, User) else "user"
        loaded = self._world.loaded
        able = [name for name in loaded.config.issuers if other in issuer_profile(loaded, name).examples]
        agents = [*self._agents, Client(issuer=principal.issuer, client_id=_ANY_AGENT)]
        yield from twins_of(identity, agents, able, self._declared)

    def _compare(
        self, result: Result, decision: Decision, identity: Identity, twin: Twin
    ) -> Iterator[tuple[Rule, str]]:
        pair = Pair(
            principal=identity.principal,
            decision=decision,
            twin=twin,
            twin_decision=self._decide(result.case, twin.identity),
            call=call_of(result.case.asked),
            expected=self._expected,
            policies=self._world.policies,
        )
        for rule in RULES.values():
            for policy in rule.find(pair):
                yield rule, policy

    def _decide(self, case: Case, identity: Identity) -> Decision:
        key = (f"{call_of(case.asked)} {case.now}", repr(identity))
        if key not in self._decided:
            world, asked = self._world, case.asked
            world.clock.set(case.now)
            self._decided[key] = world.engine.authorize(
                identity.principal, asked.message, asked.server, identity.token, asked.http
            )
        return self._decided[key]

    def _finding(
        self, rule: Rule, policy: str, result: Result, identity: Identity, twin: Twin
    ) -> TwinFinding:
        written = self._world.policies.policies[policy].written
        case = result.case
        decision = result.decision or decide(self._world, case).decision
        assert decision is not None  # noqa: S101 -- skipped cases have no twins
        return TwinFinding(
            rule=rule,
            policy=policy,
            origin=origin_of(written.file, written.line, written.column),
            case=case,
            identity=identity,
            twin=twin,
            decision=decision,
            twin_decision=self._decide(case, twin.identity),
            entry=Entry(
                who=(_called(twin.identity), principal_entry(twin.identity)),
                asks=(case.asked.name, call_entry(case.asked, self._world.engine.stages.servers)),
                expect="deny",
            ),
        )


def _agents(world: World) -> tuple[Client, ...]:
    """Machines that act for people, says the configuration."""
    return tuple(
        Client(issuer=name, client_id=id_)
        for name, issuer in world.loaded.config.issuers.items()
        for id_, client in issuer.clients.items()
        if client.acts_for_users
    )


def _called(identity: Identity) -> str:
    principal = identity.principal
    match principal:
        case User(actor=None):
            return f"the person {principal.subject}"
        case User():
            return f"an agent of {principal.subject}"
        case Client():
            return f"the machine {principal.client_id}"


def _order(finding: TwinFinding) -> tuple[str, int, str, str]:
    origin = finding.origin
    return (
        ("", 0, finding.policy, finding.rule.name)
        if origin is None
        else (
            str(origin.file),
            origin.line,
            finding.policy,
            finding.rule.name,
        )
    )
