"""Policies as formulas: a term is true where a policy allows, whatever request it is."""

from policy_engine.review.symbolic.allowing import allowed
from policy_engine.review.symbolic.encoding import Encoded, encode
from policy_engine.review.symbolic.environments import Environment, environments
from policy_engine.review.symbolic.facts import EXPOSED, FACTS, HALVES, Fact
from policy_engine.review.symbolic.ids import Ids
from policy_engine.review.symbolic.point import Point, Truth, evaluate
from policy_engine.review.symbolic.scene import Partly
from policy_engine.review.symbolic.setting import Setting
from policy_engine.review.symbolic.simplify import (
    add,
    apply,
    at_most,
    choose,
    conjunction,
    constant,
    disjunction,
    divide,
    equal,
    intersects,
    less,
    like,
    make_set,
    member,
    modulo,
    multiply,
    subset,
    variable,
)
from policy_engine.review.symbolic.store import KnownEntity, KnownStore
from policy_engine.review.symbolic.terms import (
    FALSE,
    TRUE,
    Constant,
    Name,
    Operator,
    Pattern,
    Sort,
    Term,
    leaves,
    term,
)
from policy_engine.review.symbolic.world import World

__all__ = [
    "EXPOSED",
    "FACTS",
    "FALSE",
    "HALVES",
    "TRUE",
    "Constant",
    "Encoded",
    "Environment",
    "Fact",
    "Ids",
    "KnownEntity",
    "KnownStore",
    "Name",
    "Operator",
    "Partly",
    "Pattern",
    "Point",
    "Setting",
    "Sort",
    "Term",
    "Truth",
    "World",
    "add",
    "allowed",
    "apply",
    "at_most",
    "choose",
    "conjunction",
    "constant",
    "disjunction",
    "divide",
    "encode",
    "environments",
    "equal",
    "evaluate",
    "intersects",
    "leaves",
    "less",
    "like",
    "make_set",
    "member",
    "modulo",
    "multiply",
    "subset",
    "term",
    "variable",
]
