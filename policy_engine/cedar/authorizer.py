"""The seam to Cedar: a policy set answers requests, in plain Cedar semantics.

Answers equal Cedar's own for every policy set: an erring policy is skipped, whatever its effect. Rules that
fail closed belong to the evaluator. Only the slice of the set that a request can have to do with is parsed,
when it is first needed, and evaluated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import cedarpy

from policy_engine.cedar.diagnostics import read_error
from policy_engine.cedar.entities import EntityHandle
from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import to_text
from policy_engine.cedar.policies import Policy
from policy_engine.cedar.schema import Schema, SchemaSource, handle_of
from policy_engine.cedar.slicing import Keys, Placed, ScopeIndex, ScopeKeys, Slice, TargetKeys
from policy_engine.cedar.statics import Link, Static, linked, statics_of, statics_of_text
from policy_engine.kept import Kept
from policy_engine.model import CedarJson, EntityUid, PolicyFault

__all__ = ["Answer", "Authorizer", "CedarRequest", "Question", "question"]

_SLICES, _SLICE_BYTES = 16_384, 64 * 1024 * 1024
"""How many slices are kept parsed, and what they take together, about."""

Question = Mapping[str, Any]
"""Principal, action and resource, as `question` writes them."""

_DECIDED = (cedarpy.Decision.Allow, cedarpy.Decision.Deny)


@dataclass(frozen=True, slots=True)
class CedarRequest:
    """One question: may this principal do this action to this resource?

    Attributes:
        principal: who asks.
        action: what they ask for.
        resource: what it is done to.
        context: a record in Cedar's JSON format.
    """

    principal: EntityUid
    action: EntityUid
    resource: EntityUid
    context: CedarJson = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """Cedar's answer.

    Attributes:
        allowed: whether a permit applied and no forbid did.
        policies: ids of the policies that decided, in the order of the set.
        errors: policies that couldn't be evaluated, in the order of the set.
    """

    allowed: bool
    policies: tuple[str, ...] = ()
    errors: tuple[PolicyFault, ...] = ()


class Authorizer:
    """A policy set.

    A policy's id is its `@id`; where it has none, or another policy could be meant by it, Cedar's own
    `policyN` (N counts policies and templates from 0).

    Args:
        policies: those that can decide, in their order, each of another name; taken one by one, so that
            whoever gives thousands can pause.
        templates: by id, texts of those that decide nothing until they are linked.
        schema: what requests and entities are checked against.
    """

    __slots__ = ("_alike", "_index", "_names", "_schema", "_slices", "_templates", "_texts")

    def __init__(
        self,
        policies: Iterable[Static],
        templates: Mapping[str, str] = MappingProxyType({}),
        schema: Schema | None = None,
    ) -> None:
        # One list each, of nothing that the garbage collector would have to look at again and again.
        self._names: list[str] = []
        self._texts: list[str] = []
        self._templates = templates
        self._schema = schema
        self._index = ScopeIndex(self._taken(policies))
        self._keep(_SLICE_BYTES)

    def _taken(self, policies: Iterable[Static]) -> Iterator[ScopeKeys]:
        for name, text, scope in policies:
            self._names.append(name)
            self._texts.append(text)
            yield scope

    def _keep(self, slice_bytes: int) -> None:
        # Many kinds of requests come to the same policies: those are parsed once.
        self._slices: Kept[tuple[Keys, TargetKeys], Slice] = Kept(_SLICES, slice_bytes // 8)
        self._alike: Kept[tuple[int, ...], Slice] = Kept(_SLICES, slice_bytes)

    @classmethod
    def from_text(cls, policies: str, schema: SchemaSource | None = None) -> "Authorizer":
        """Parse a policy set; templates are allowed, and authorize nothing.

        Args:
            policies: Cedar text.
            schema: if given, requests and entities are checked against it.

        Raises:
            PolicyError: a policy doesn't parse.
            CedarError: `cedar_schema`: the schema doesn't.
        """
        statics, templates = statics_of_text(policies)
        return cls(statics, templates, None if schema is None else Schema.of(schema))

    @classmethod
    def from_policies(cls, policies: Iterable[Policy], schema: Schema | None = None) -> "Authorizer":
        """Make a set of policies that were parsed one by one, and call each by its own id, whatever it is.

        Args:
            policies: in any number of files; one without an id gets Cedar's own, `policyN`.
            schema: if given, requests and entities are checked against it.

        Raises:
            ValueError: two have one id.
        """
        templates: dict[str, str] = {}
        return cls(statics_of(policies, templates), templates, schema)

    def with_links(self, links: Iterable[Link]) -> "Authorizer":
        """The same set, and policies made of its templates; in Cedar's words, template-linked policies.

        Raises:
            PolicyError: `policy_template`: there is no such template, an id is taken, or a slot stays empty.
        """
        own = [Static(*each) for each in zip(self._names, self._texts, self._index.scopes(), strict=True)]
        return Authorizer(linked(own, self._templates, links), self._templates, self._schema)

    def bounded(self, slice_bytes: int) -> "Authorizer":
        """The same set, whose parsed slices may take so much together."""
        same = copy(self)
        same._keep(slice_bytes)  # noqa: SLF001 -- its own
        return same

    def authorize(self, request: CedarRequest, entities: Sequence[CedarJson] = ()) -> Answer:
        """Answer a request.

        Args:
            request: the question.
            entities: Cedar's JSON entity format.

        Raises:
            CedarError: `cedar_request` or `cedar_entities`: Cedar can't read them, or they don't fit the
                schema.
        """
        handle = EntityHandle.from_json(entities, self._schema)
        return self.decide(request, handle)

    def decide(self, request: CedarRequest, handle: EntityHandle) -> Answer:
        """Answer a request with entities that were parsed before.

        Raises:
            CedarError: `cedar_request`: Cedar can't read the request, or it doesn't fit the schema.
        """
        uids = request.principal, request.action, request.resource
        principal, action, resource = (Placed(uid, handle.ancestors(uid)) for uid in uids)
        part = self.slice(self.asker(principal), self.target(action, resource))
        return self.answer(part, question(*uids), to_text(request.context, "cedar_request"), handle)

    def asker(self, principal: Placed) -> Keys:
        """What a principal is for the scopes of the set; the first half of what finds a slice."""
        return self._index.asker(principal)

    def target(self, action: Placed, resource: Placed) -> TargetKeys:
        """What an action and a resource are for the scopes of the set; the other half."""
        return self._index.target(action, resource)

    def slice(self, asker: Keys, target: TargetKeys) -> Slice:
        """The policies whose scopes admit them: all that can decide, and all that can err."""
        key = (asker, target)
        found = self._slices.get(key)
        if found is None:
            numbers = tuple(self._index.matching(asker, target))
            found = self._alike.get(numbers)
            if found is None:
                found = Slice(
                    [self._names[number] for number in numbers], [self._texts[number] for number in numbers]
                )
                self._alike.keep(numbers, found, found.size)
            self._slices.keep(key, found, 500)
        return found

    def answer(self, part: Slice, asked: Question, context: str, handle: EntityHandle) -> Answer:
        """Answer a request by the policies of its slice.

        Args:
            part: of this set, for this principal, action and resource, and what they are in.
            asked: principal, action and resource.
            context: Cedar JSON; without what the slice doesn't read, if it is certain that Cedar can read it.
            handle: the entities.

        Raises:
            CedarError: `cedar_request`: Cedar can't read the request, or it doesn't fit the schema.
        """
        whole = {**asked, "context": context}
        try:
            result = cedarpy.is_authorized(whole, part.handle, handle.handle, handle_of(self._schema))
        except UnicodeEncodeError:  # a lone surrogate in an id
            raise CedarError("cedar_request", "not Unicode text") from None
        if result.decision not in _DECIDED:
            raise CedarError("cedar_request", "Cedar can't read the request")
        diagnostics = result.diagnostics
        decided = diagnostics.reasons
        if len(decided) > 1:
            decided = sorted(decided, key=_number)
        errors = sorted((_number(policy), code) for policy, code in map(read_error, diagnostics.errors))
        names = part.names
        return Answer(
            allowed=result.allowed,
            policies=tuple(names[_number(policy)] for policy in decided),
            errors=tuple(PolicyFault(names[number], code) for number, code in errors),
        )


def question(principal: EntityUid, action: EntityUid, resource: EntityUid) -> Question:
    """Who asks for what on what, as Cedar takes it without parsing an id."""
    return {"principal": principal.to_json(), "action": action.to_json(), "resource": resource.to_json()}


def _number(own: str) -> int:
    """The place of a policy in its slice, of Cedar's own id for it."""
    return int(own.removeprefix("policy"))
