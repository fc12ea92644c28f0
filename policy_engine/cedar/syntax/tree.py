"""A policy as a tree of typed nodes; each knows where it is written, if it was read from text.

The tree follows Cedar's JSON policy format (docs.cedarpolicy.com, "JSON policy format"): what Cedar spells in
several ways (`!=`, `has a.b`, `is T in E`) has one node here, so that text and JSON give equal trees.
Spans don't take part in comparisons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from policy_engine.model import EntityUid

__all__ = [
    "WILDCARD",
    "Binary",
    "BinaryOperator",
    "Call",
    "Condition",
    "EntityLiteral",
    "Expression",
    "GetAttribute",
    "HasAttribute",
    "If",
    "IsType",
    "Like",
    "PolicyTree",
    "RecordLiteral",
    "ScopeClause",
    "SetLiteral",
    "Span",
    "Unary",
    "Value",
    "Variable",
]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Offsets count characters from 0; lines and columns count from 1.

    Attributes:
        start: offset of the first character.
        end: offset after the last one.
        line: line of the first character.
        column: column of the first character.
    """

    start: int
    end: int
    line: int
    column: int


def _span() -> Span | None:
    return field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Value:
    """`true`, `17`, `"text"`."""

    value: bool | int | str
    span: Span | None = _span()

    def __eq__(self, other: object) -> bool:
        """Of the same kind, too."""
        # To Python, 1 == True.
        if not isinstance(other, Value):
            return NotImplemented
        return type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        """Agrees with equality."""
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class EntityLiteral:
    """`User::"corp/alice"`."""

    uid: EntityUid
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Variable:
    """`principal`, `action`, `resource`, `context`; `?principal` and `?resource` in templates."""

    name: Literal["principal", "action", "resource", "context", "?principal", "?resource"]
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class SetLiteral:
    """`[a, b]`."""

    items: tuple["Expression", ...]
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class RecordLiteral:
    """`{a: 1, "b": 2}`, in the order of the text; two orders of one record are equal."""

    fields: tuple[tuple[str, "Expression"], ...]
    span: Span | None = _span()

    def __eq__(self, other: object) -> bool:
        """With the same fields, in whichever order."""
        # Cedar's JSON has the order of the names, whatever the text has.
        if not isinstance(other, RecordLiteral):
            return NotImplemented
        return dict(self.fields) == dict(other.fields) and len(self.fields) == len(other.fields)

    def __hash__(self) -> int:
        """Agrees with equality."""
        return hash(frozenset(self.fields))


@dataclass(frozen=True, slots=True)
class Unary:
    """`!x`, `-x`."""

    operator: Literal["!", "neg"]
    operand: "Expression"
    span: Span | None = _span()


BinaryOperator = Literal[
    "&&",
    "||",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "in",
    "contains",
    "containsAll",
    "containsAny",
    "getTag",
    "hasTag",
]
"""As the JSON policy format names them."""


@dataclass(frozen=True, slots=True)
class Binary:
    """`a && b`, `a in b`, `a.contains(b)`, `a.getTag(b)`."""

    operator: BinaryOperator
    left: "Expression"
    right: "Expression"
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class If:
    """`if a then b else c`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class GetAttribute:
    """`target.name`, `target["name"]`. `name_span` is that of the name alone."""

    target: "Expression"
    name: str
    span: Span | None = _span()
    name_span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class HasAttribute:
    """`target has name`; a path `has a.b` is the `&&` of its steps, as in JSON."""

    target: "Expression"
    name: str
    span: Span | None = _span()
    name_span: Span | None = _span()


WILDCARD = None
"""The `*` of a pattern."""


@dataclass(frozen=True, slots=True)
class Like:
    """`target like "a*b"`: texts and `WILDCARD`s in turn, adjacent texts merged."""

    target: "Expression"
    pattern: tuple[str | None, ...]
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class IsType:
    """`target is Type`, `target is Type in ancestor`."""

    target: "Expression"
    type: str
    ancestor: "Expression | None" = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """A function or method of an extension, or `isEmpty`: `ip("…")`, `a.isInRange(b)`, `a.isEmpty()`.

    The receiver of a method is its first argument.
    """

    function: str
    arguments: tuple["Expression", ...]
    span: Span | None = _span()


Expression = (
    Value
    | EntityLiteral
    | Variable
    | SetLiteral
    | RecordLiteral
    | Unary
    | Binary
    | If
    | GetAttribute
    | HasAttribute
    | Like
    | IsType
    | Call
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeClause:
    """What a policy's head says of principal, action or resource.

    Attributes:
        variable: which of the three.
        operator: `all` (nothing is said), `==`, `in`, `is`, or `is in`.
        entities: one for `==`, `in` and `is in`; one or more for `action in […]`. A slot is named by `slot`.
        type: for `is` and `is in`.
        slot: `?principal` or `?resource` in a template.
    """

    variable: Literal["principal", "action", "resource"]
    operator: Literal["all", "==", "in", "is", "is in"] = "all"
    entities: tuple[EntityLiteral, ...] = ()
    type: str | None = None
    slot: str | None = None
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`when { body }`, `unless { body }`."""

    kind: Literal["when", "unless"]
    body: Expression
    span: Span | None = _span()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTree:
    """One policy, or one template.

    Attributes:
        annotations: by name; one without a value has the value "".
        annotation_spans: where each is written, from `@` on.
        comments: spans of the comments within the policy.
    """

    effect: Literal["permit", "forbid"]
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    principal: ScopeClause
    action: ScopeClause
    resource: ScopeClause
    conditions: tuple[Condition, ...] = ()
    span: Span | None = _span()
    effect_span: Span | None = _span()
    annotation_spans: Mapping[str, Span] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, repr=False
    )
    comments: tuple[Span, ...] = field(default=(), compare=False, repr=False)
