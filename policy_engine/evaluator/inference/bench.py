"""Where the rules of the types work: what is known, what was found, and how one rule calls another."""

from collections.abc import Callable, Mapping
from typing import Any

from policy_engine.cedar import Expression
from policy_engine.evaluator.inference.faults import Fault, FaultKind
from policy_engine.evaluator.inference.sentences import (
    ANY_SET,
    ENTITIES,
    ENTITY,
    incompatible_sentence,
    unexpected_sentence,
)
from policy_engine.evaluator.inference.types import (
    BOOL,
    CedarType,
    Constant,
    EntityOf,
    Field,
    RecordOf,
    SetOf,
    as_cedar_writes,
    union,
)
from policy_engine.evaluator.inference.vocabulary import Environment, Vocabulary

__all__ = ["NOTHING", "Bench", "Known", "Rule", "Typed"]

Known = frozenset[tuple[Expression, Any]]
"""What was asked for before: a target with the name of an attribute, or with the expression of a tag."""

Typed = tuple[CedarType | None, Known]
"""The type of a node, if it has one, and what is known where the node is true."""

NOTHING: Known = frozenset()


class Bench:
    """Types of nodes in one kind of request.

    Attributes:
        vocabulary: the schema.
        environment: the kind of request.
        types: by the identity of a node; nodes that the validator passes over have none.
        faults: in the order in which they were met.
        wrong: how many of them are certain.
    """

    def __init__(
        self, vocabulary: Vocabulary, environment: Environment, rules: "Mapping[type, Rule]"
    ) -> None:
        self.vocabulary = vocabulary
        self.environment = environment
        self.types: dict[int, CedarType | None] = {}
        self.faults: list[Fault] = []
        self._rules = rules
        self.wrong = 0

    def typed(self, node: Expression, known: Known) -> Typed:
        """The type of a node, and what its truth would tell; nothing, where something is wrong within it."""
        before = self.wrong
        type_, told = self._rules[type(node)](self, node, known)
        self.types[id(node)] = type_
        return type_, told if self.wrong == before else NOTHING

    def expect(self, node: Expression, known: Known, wanted: CedarType, within: Expression | None) -> Typed:
        """The same, where only one type will do."""
        type_, more = self.typed(node, known)
        plain = BOOL if isinstance(type_, Constant) else type_
        if plain is None or plain == wanted:
            return type_, more
        self.unexpected(node, type_, as_cedar_writes(wanted), within)
        return None, more

    def entity(self, node: Expression, known: Known, within: Expression) -> EntityOf | None:
        """The type of a node that has to be an entity."""
        type_, _ = self.typed(node, known)
        if isinstance(type_, EntityOf):
            return type_
        self.unexpected(node, type_, ENTITY, within)
        return None

    def entities(self, node: Expression, known: Known, within: Expression) -> EntityOf | None:
        """The type of a node that has to be an entity, or of the elements of a set of them."""
        type_, _ = self.typed(node, known)
        element = type_.element if isinstance(type_, SetOf) else type_
        if isinstance(element, EntityOf):
            return element
        self.unexpected(node, type_, ENTITIES, within)
        return None

    def set_of(self, node: Expression, known: Known, within: Expression) -> SetOf | None:
        """The type of a node that has to be a set."""
        type_, _ = self.typed(node, known)
        if isinstance(type_, SetOf):
            return type_
        self.unexpected(node, type_, ANY_SET, within)
        return None

    def fields(self, type_: CedarType | None) -> Mapping[str, Field] | None:
        """The attributes of a record or an entity; None for anything else."""
        if isinstance(type_, RecordOf):
            return type_.fields
        if not isinstance(type_, EntityOf):
            return None
        known = self.vocabulary.entity_types.get(type_.name)
        return {} if known is None else known.fields

    def shared(
        self, node: Expression, one: CedarType | None, other: CedarType | None, within: Expression
    ) -> CedarType | None:
        """The type that holds both; the node is where the second of them stands."""
        if one is None or other is None:
            return None
        both = union(one, other)
        if both is None:
            sentence = incompatible_sentence(one, other)
            self.fault("incompatible", node, sentence, types=(one, other), within=within)
        return both

    def unexpected(
        self, node: Expression, seen: CedarType | None, wanted: str, within: Expression | None
    ) -> None:
        """Note an operand that an operator doesn't take; nothing is held against one without a type."""
        if seen is not None:
            sentence = unexpected_sentence(wanted, seen)
            self.fault("unexpected", node, sentence, types=(seen,), wanted=wanted, within=within)

    def fault(
        self,
        kind: FaultKind,
        node: Expression,
        sentence: str,
        *,
        types: tuple[CedarType, ...] = (),
        wanted: str = "",
        within: Expression | None = None,
    ) -> None:
        """Note something that the validator may hold against a node."""
        # Whether a text can be read as a date or the like is for the validator to say.
        self.wrong += kind != "unreadable"
        self.faults.append(
            Fault(
                kind=kind,
                node=node,
                sentence=sentence,
                environment=self.environment,
                types=types,
                wanted=wanted,
                within=within,
            )
        )


Rule = Callable[[Bench, Any, Known], Typed]
"""Types one kind of node; the table that holds it says which."""
