"""One caller, and what they could ever be allowed."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from policy_engine.cedar import (
    Datetime,
    Entity,
    Facts,
    Key,
    Outcome,
    PartialRequest,
    Placed,
    Record,
    Shape,
    Unknown,
    fold_expression,
    read_record,
    record,
)
from policy_engine.evaluator.entities import principal_entity
from policy_engine.evaluator.visibility.classes import Question, TargetClass
from policy_engine.evaluator.visibility.knowledge import Knowledge
from policy_engine.evaluator.visibility.targets import seen
from policy_engine.model import AuthorizationRequest, CedarJson, EntityUid, User
from policy_engine.model.strict_json import dumps

__all__ = ["Asker", "Sight"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Everything of a caller that policies can read; compared by the text of it.

    To Python, `1` is `True`: what says who somebody is never is a key by itself.

    Attributes:
        key: canonical JSON of all the rest.
    """

    key: bytes
    uid: EntityUid = field(compare=False)
    actor: EntityUid | None = field(compare=False)
    entities: Mapping[EntityUid, CedarJson] = field(compare=False)
    token: Record = field(compare=False)

    @classmethod
    def of(cls, request: AuthorizationRequest) -> "Asker":
        """Who sent a request."""
        principal = request.principal
        actor = principal.actor if isinstance(principal, User) else None
        people = [principal] if actor is None else [principal, actor]
        entities = {each.uid: principal_entity(each) for each in people}
        token = request.context["token"]
        times = sorted(name for name, value in token.items() if isinstance(value, dict))
        plain = {name: value for name, value in token.items() if name not in times}
        return cls(
            key=dumps([*entities.values(), plain, times]),
            uid=principal.uid,
            actor=None if actor is None else actor.uid,
            entities=MappingProxyType(entities),
            token=read_record(token),
        )


class Sight:
    """What one caller could be allowed; proofs are kept, a policy and a class of things at a time.

    Args:
        asker: who it is.
        knowledge: what is known of entities.
        heads: what heads of policies say of the principal.

    Attributes:
        heads: those of them that admit the caller.
    """

    __slots__ = ("_answers", "_asker", "_facts", "_knowledge", "_outcomes", "_token", "heads")

    def __init__(self, asker: Asker, knowledge: Knowledge, heads: Container[Key]) -> None:
        self._knowledge = knowledge
        self._asker = asker
        self._facts: dict[EntityUid, Facts] = {}
        for uid in asker.entities:
            facts = knowledge.facts(uid, asker.entities)
            assert facts is not None  # noqa: S101 -- it says so itself
            self._facts[uid] = facts
        # A token is renewed, and its times with it; what else it says has to stay.
        self._token = record(
            {
                name: Unknown("datetime") if isinstance(value, Datetime) else value
                for name, value in asker.token.fields.items()
            }
        )
        own = Placed(asker.uid, self._facts[asker.uid].ancestors).constraints()
        self.heads = tuple(key for key in dict.fromkeys(own) if key in heads)
        self._outcomes: dict[Question, Outcome] = {}
        self._answers: dict[tuple[TargetClass, ...], bool] = {}

    def may_be_allowed(self, things: tuple[TargetClass, ...]) -> bool:
        """Whether any request for one of these could be allowed; where that can't be told, it could.

        Args:
            things: what the policies of each of `heads` have to say of it.
        """
        known = self._answers.get(things)
        if known is None:
            permits = (question for part in things for question in part.permits)
            forbids = (question for part in things for question in part.forbids)
            known = any(map(self._may_permit, permits)) and not any(map(self._stops, forbids))
            self._answers[things] = known
        return known

    def _may_permit(self, question: Question) -> bool:
        return self._outcome(question).may_be_satisfied

    def _stops(self, question: Question) -> bool:
        """Whether a forbid applies, or errs, in every request: either denies."""
        folded = self._outcome(question).folded
        return folded.value is None or folded.holds is True

    def _outcome(self, question: Question) -> Outcome:
        known = self._outcomes.get(question)
        if known is None:
            folded = fold_expression(question.rule.condition, self._request(question))
            known = self._outcomes[question] = Outcome(folded)
        return known

    def _request(self, question: Question) -> PartialRequest:
        """Every request of this caller for these things."""
        target = question.target
        fields: dict[str, Shape] = {**target.context.fields, "token": self._token}
        optional = frozenset(getattr(target.context, "optional", ())) - {"token", "actor"}
        fields.pop("actor", None)
        if self._asker.actor is not None:
            fields["actor"] = Entity(self._asker.actor)
        return PartialRequest(
            principal=Entity(self._asker.uid),
            action=Entity(target.possibility.action),
            resource=target.resource_value,
            context=record(fields, optional, open=getattr(target.context, "open", False)),
            entities=seen(self._knowledge, target, self._facts),
        )
