"""Cedar as a tree: read from text with the place of each part, or from Cedar's own JSON."""

from policy_engine.cedar.syntax.from_json import tree_of
from policy_engine.cedar.syntax.reading import read_tree, read_trees
from policy_engine.cedar.syntax.render import render
from policy_engine.cedar.syntax.to_json import to_json
from policy_engine.cedar.syntax.traversal import build_up, children, walk
from policy_engine.cedar.syntax.tree import (
    WILDCARD,
    Binary,
    BinaryOperator,
    Call,
    Condition,
    EntityLiteral,
    Expression,
    GetAttribute,
    HasAttribute,
    If,
    IsType,
    Like,
    PolicyTree,
    RecordLiteral,
    ScopeClause,
    SetLiteral,
    Span,
    Unary,
    Value,
    Variable,
)
from policy_engine.cedar.syntax.words import is_identifier

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
    "build_up",
    "children",
    "is_identifier",
    "read_tree",
    "read_trees",
    "render",
    "to_json",
    "tree_of",
    "walk",
]
