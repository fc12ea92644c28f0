"""`PolicyEngine`: what proxies, servers and tests call.

Each call works on one snapshot of everything that was loaded together, so a reload never tears a decision.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

from policy_engine.audit import AuditTrail
from policy_engine.config import Check, LoadedConfig, Stages, assemble, load_config
from policy_engine.engine.asking import explained
from policy_engine.engine.draft import Draft
from policy_engine.engine.drift import check_whole_list
from policy_engine.engine.given import given
from policy_engine.engine.lists import FilteredList, filter_answer
from policy_engine.engine.observing import Aftermath
from policy_engine.engine.pipeline import Message
from policy_engine.engine.recall import Recall
from policy_engine.engine.running import Runner
from policy_engine.evaluator import Explanation, PolicyStore
from policy_engine.mcp import NO_OWNERS, Changes, ListAnswer, TaskOwners
from policy_engine.model import Decision, HttpFacts, Identity, Observer, Principal, TokenFacts

__all__ = ["PolicyEngine"]

Clock = Callable[[], float]
Load = Callable[[], LoadedConfig]


class PolicyEngine:
    """Decides on MCP messages.

    Built from a file (`from_config`) or, for tests and embedding, from the same values.

    Args:
        policies: Cedar text, or paths of folders and files.
        servers: by name, what is protected.
        issuers: by name, who may say who someone is.
        attributes: by `User` and `Client`, names and types of attributes that are added to them.
        entities: static entities (Cedar JSON), if any.
        development: allow loopback http issuers.
        reuse: what is kept between calls: `answers`, `tokens`, `megabytes`.
        tasks: knows whose tasks are, if anything does; see `TaskOwners`.
        audit: takes the record of every decision; nothing is recorded if it isn't given.
        observers: are told of what happens; see `Observer`.
        now: the clock, in seconds since the epoch.

    Raises:
        ConfigError: something can't be used; the error says where and how to mend it.
    """

    def __init__(
        self,
        *,
        policies: str | Path | list[Path],
        servers: Mapping[str, Any],
        issuers: Mapping[str, Any],
        attributes: Mapping[str, Mapping[str, str]] | None = None,
        entities: list[dict[str, Any]] | None = None,
        development: bool = False,
        reuse: Mapping[str, Any] | None = None,
        tasks: TaskOwners = NO_OWNERS,
        audit: AuditTrail | None = None,
        observers: Sequence[Observer] = (),
        now: Clock = time.time,
    ) -> None:
        sections = {"servers": servers, "issuers": issuers, "attributes": attributes, "reuse": reuse}
        loaded = given(policies, entities, sections, development=development)
        self._start(lambda: loaded, now, tasks, Aftermath(audit, observers))

    @classmethod
    def from_config(
        cls,
        file: str | Path | LoadedConfig,
        *,
        tasks: TaskOwners = NO_OWNERS,
        observers: Sequence[Observer] = (),
        now: Clock = time.time,
    ) -> "PolicyEngine":
        """Load `policy-engine.yaml`, or take it as it was loaded; raises ConfigError, with `others` in it."""
        engine = cls.__new__(cls)
        load = (lambda: file) if isinstance(file, LoadedConfig) else (lambda: load_config(Path(file)))
        engine._start(load, now, tasks, Aftermath(None, observers))  # noqa: SLF001 -- our own
        return engine

    def _start(self, load: Load, now: Clock, tasks: TaskOwners, after: Aftermath) -> None:
        self._load, self._now, self._tasks = load, now, tasks
        self._after, self.observer = after, after.observer
        self._reloading = threading.Lock()
        with self._after.of_loading(lambda: self.stages):
            self._recall = Recall(self._assembled())
        self._runner = Runner()

    def evaluate(
        self, token: str | None, message: Message, *, server: str | None = None, http: HttpFacts | None = None
    ) -> Decision:
        """Decide whether the bearer of a token may send a message to a server.

        Args:
            token: the bearer token alone, without `Bearer `; None or empty if there was none.
            message: the JSON-RPC message; None for GET and DELETE (then `http` says which).
            server: name of the server it is meant for; may be left out where only one is configured.
            http: what is known of the HTTP request; enables further checks.

        Raises:
            ConfigError: `server` was left out, and several are configured.
        """
        draft = self._draft(server)
        return self._after.of(draft, self._runner.decide(draft, token, message, http), message, http)

    def evaluate_many(
        self, token: str | None, messages: Iterable[Message], *, server: str | None = None
    ) -> list[Decision]:
        """What `evaluate` says of several messages of one bearer, in their order.

        All are decided with the same policies, whoever reloads them meanwhile. Raises what `evaluate` does.
        """
        recall = self._recall
        drafts = [(self._draft(server, recall), message) for message in messages]
        decide, after = self._runner.decide, self._after
        return [after.of(draft, decide(draft, token, each, None), each) for draft, each in drafts]

    async def evaluate_many_async(
        self, token: str | None, messages: Iterable[Message], *, server: str | None = None
    ) -> list[Decision]:
        """The same, for an event loop."""
        recall = self._recall
        drafts = [(self._draft(server, recall), message) for message in messages]
        decide, after = self._runner.decide_async, self._after
        return [after.of(draft, await decide(draft, token, each, None), each) for draft, each in drafts]

    async def evaluate_async(
        self,
        token: str | None,
        message: Message,
        *,
        server: str | None = None,
        http: HttpFacts | None = None,
        record: bool = True,
    ) -> Decision:
        """The same as `evaluate`, for an event loop: fetching keys, or asking an issuer, doesn't block it.

        Without `record` nobody must be answered by it: it says what would be decided of a stream by now.
        """
        draft = self._draft(server)
        decision = await self._runner.decide_async(draft, token, message, http)
        return self._after.of(draft, decision, message, http) if record else decision

    def filter_list(
        self,
        token: str | Identity | None,
        message: Message,
        result: ListAnswer,
        server: str | None = None,
        *,
        http: HttpFacts | None = None,
    ) -> FilteredList:
        """Leave out of a list what the caller can never use, whatever else their request would hold.

        Decides on the list request itself, as `evaluate` does, and records that decision.

        Args:
            token: the bearer token alone; or who asks, where that is known without one (stdio, tests).
            message: the list request.
            result: the server's answer to it: JSON, or a stream of events (SSE).
            server: name of the server; may be left out where only one is configured.
            http: what is known of the HTTP request.

        Raises:
            ConfigError: `server` was left out, and several are configured.
        """
        draft = self._draft(server)
        decision = self._runner.decide(draft, token, message, http)
        return self._after.of_list(draft, filter_answer(draft, decision, result), message, http)

    async def filter_list_async(
        self,
        token: str | Identity | None,
        message: Message,
        result: ListAnswer,
        server: str | None = None,
        *,
        http: HttpFacts | None = None,
    ) -> FilteredList:
        """The same as `filter_list`, for an event loop."""
        draft = self._draft(server)
        decision = await self._runner.decide_async(draft, token, message, http)
        return self._after.of_list(draft, filter_answer(draft, decision, result), message, http)

    def check_drift(
        self, items: Sequence[Mapping[str, Any]], server: str | None = None, *, method: str = "tools/list"
    ) -> Changes:
        """Hold what a server lists against its catalogue, as is done with each list that is filtered.

        For whoever asks the server from time to time. What is changed is refused, or told, from now on.

        Args:
            items: all that the server itself lists; never what a caller sent.
            server: name of the server; may be left out where only one is configured.
            method: the list that they are from.

        Raises:
            ConfigError: `server` was left out, and several are configured; or one of the two isn't known.
            MessageError: the items aren't those of a list (`malformed_list`).
        """
        draft = self._draft(server)
        return check_whole_list(draft.stages, draft.server, method, items)

    def identify(self, token: str, server: str | None = None) -> Principal:
        """Tell who a token speaks for.

        Without a server, one for any will do. A bond to a key is reported (`sender_constrained`), not judged.

        Raises:
            TokenError: the token opens nothing here.
            MappingError: it can't be told whether its bearer is a machine or a human.
        """
        return self._runner.identify(self._recall.stages, server, token)

    def authorize(
        self,
        principal: Principal,
        message: Message,
        server: str | None = None,
        token: TokenFacts | None = None,
        http: HttpFacts | None = None,
    ) -> Decision:
        """Decide for a principal that is already known: a stdio server's configured one, a test's.

        Raises:
            ConfigError: `server` was left out, and several are configured.
        """
        draft = self._draft(server, anew=True)
        draft.step_up = token is not None
        identity = Identity(principal=principal, token=token or TokenFacts())
        return self._after.of(draft, self._runner.decide(draft, identity, message, http), message, http)

    def explain(
        self,
        who: str | Principal | None,
        message: Message,
        server: str | None = None,
        token: TokenFacts | None = None,
        http: HttpFacts | None = None,
    ) -> Explanation:
        """Say what `evaluate` or `authorize` decides, and why; nothing is recorded. Raises what they do."""
        draft = self._draft(server, anew=True)
        return explained(draft, self._runner, who, token, message, http=http)

    @property
    def stages(self) -> Stages:
        """Everything that is in force."""
        return self._recall.stages

    def with_policies(self, policies: PolicyStore) -> "PolicyEngine":
        """The same with another policy set, for those who compare; all else is shared."""
        return self.with_stages(self.stages.with_policies(policies))

    def with_stages(self, stages: Stages) -> "PolicyEngine":
        """The same with other stages."""
        other = copy(self)
        other._recall = Recall(stages)  # noqa: SLF001 -- our own
        return other

    def reload(self, *, checks: Sequence[Check] = ()) -> None:
        """Load everything anew, and use it from the next call on.

        Args:
            checks: each is given all that was loaded, and raises ConfigError for what mustn't be used.

        Raises:
            ConfigError: it can't be used; what was loaded before stays in force.
        """
        with self._reloading, self._after.of_loading(lambda: self.stages):
            self._recall = Recall(self._assembled(self.stages, checks))

    def _assembled(self, before: Stages | None = None, checks: Sequence[Check] = ()) -> Stages:
        now, tasks, told = self._now, self._tasks, self.observer
        return assemble(self._load(), now=now, before=before, tasks=tasks, observer=told, checks=checks)

    def close(self) -> None:
        """Give back what fetching took, and watch no registry any more."""
        self.stages.close()
        self._runner.close()

    async def aclose(self) -> None:
        """The same as `close`, where `evaluate_async` was used."""
        self.stages.close()
        await self._runner.aclose()

    def _draft(self, server: str | None, recall: Recall | None = None, *, anew: bool = False) -> Draft:
        """With what is in force, or with an earlier generation; `anew` where nothing is told again."""
        recall = recall or self._recall
        return Draft(recall.stages, recall.named(server), self._now(), recall=None if anew else recall)
