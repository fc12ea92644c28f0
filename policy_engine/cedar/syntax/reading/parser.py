"""Policies as they are written → trees in which each part knows its place."""

import re
from functools import cache
from importlib.resources import files
from itertools import accumulate

from lark import Lark, UnexpectedInput

from policy_engine.cedar.source import statements
from policy_engine.cedar.syntax.complaints import complaint
from policy_engine.cedar.syntax.origin import Origin
from policy_engine.cedar.syntax.reading.builder import policy_of
from policy_engine.cedar.syntax.tree import PolicyTree
from policy_engine.errors import PolicyError

__all__ = ["read_tree", "read_trees"]

_SURROGATE = re.compile("[\ud800-\udfff]")


def read_tree(
    text: str, *, file: str | None = None, offset: int = 0, line: int = 1, column: int = 1
) -> PolicyTree:
    """The tree of one policy, or one template, with spans; takes what Cedar takes, and nothing else.

    Args:
        text: the policy, from its first annotation to its `;`.
        file: where it is written, if in a file.
        offset: characters before it in the file.
        line: of its first character, 1-based.
        column: of its first character, 1-based.

    Raises:
        PolicyError: `policy_syntax`: it isn't one policy; the error says what is wrong at which character.
    """
    origin = Origin(text, file=file, offset=offset, line=line, column=column)
    surrogate = _SURROGATE.search(text)
    if surrogate is not None:
        raise origin.error(surrogate.start(), "this character isn't Unicode text", "save the file as UTF-8")
    excess = next((statement.excess for statement in statements(text) if statement.excess), "")
    if excess:
        raise origin.error(0, f"the policy can't be parsed: {excess}", "write it as several policies")
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput:
        raise complaint(_grammar(), origin) from None
    return policy_of(tree, origin)


def read_trees(text: str, file: str | None = None) -> tuple[PolicyTree | PolicyError, ...]:
    """The trees of all policies of a text: what isn't a policy is an error in its place."""
    starts = [0, *accumulate(len(line) for line in text.split("\n"))]
    read: list[PolicyTree | PolicyError] = []
    for statement in statements(text):
        # `split` takes away one character a line.
        offset = starts[statement.line - 1] + statement.line - 1 + statement.column - 1
        try:
            tree = read_tree(
                statement.text, file=file, offset=offset, line=statement.line, column=statement.column
            )
        except PolicyError as error:
            read.append(error)
        else:
            read.append(tree)
    return tuple(read)


@cache
def _grammar() -> Lark:
    text = files("policy_engine.cedar.syntax.reading").joinpath("cedar.lark").read_text("utf-8")
    return Lark(text, start="policy", parser="lalr", lexer="basic", propagate_positions=True)
