"""Where each policy of a Cedar text begins and ends, without parsing it.

Cedar reports parse errors without a position, numbers policies by their place in a text, and overflows the
stack of the process on texts that nest too deep (cedarpy 4.12: between 300 and 1,000 brackets). So a text is
cut at each `;` that stands outside strings and comments, and each part is measured before Cedar sees it. A
wrong cut can't do harm: each part has to parse as exactly one policy, and together they are the whole text.
"""

import re
from collections import Counter
from dataclasses import dataclass

__all__ = ["MAX_BRACKETS", "Statement", "annotation_part", "statements"]

MAX_BRACKETS = 100
"""How deep brackets may nest."""

_LIMITS = {"if": 300, "operator": 8_000, "path": 100}
"""How many `if`, how many operators, and how long a path `a.b.c` one policy may have.

Each of these nests the syntax tree without brackets; a path after `has` also grows with its square.
"""

_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space as Cedar's lexer knows it (Unicode's `White_Space`)."""
_STRING = r'"(?:[^"\\]|\\.)*"'
_BLANK = rf"(?:[{_SPACE}]|//[^\n\r]*+)*+"  # possessive: `// a // b` mustn't be tried as two comments

_LEAD = re.compile(_BLANK)
_TOKEN = re.compile(
    rf"""
    (?P<skip>//[^\n\r]*|{_STRING}?)
  | (?P<end>;)
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<if>\bif\b)
  | (?P<dot>\.)
  | (?P<operator>[&|+*!-])
  | (?P<other>[,=<>])
    """,
    re.VERBOSE | re.DOTALL,
)
_ANNOTATIONS = re.compile(
    rf"(?:{_BLANK}@{_BLANK}[A-Za-z_][A-Za-z0-9_]*(?:{_BLANK}\({_BLANK}{_STRING}{_BLANK}\))?)*", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One policy as it is written.

    Attributes:
        text: from its first character that is neither space nor comment to its `;`.
        line: 1-based.
        column: 1-based, in characters.
        excess: what there is too much of for Cedar to parse it safely, or nothing.
    """

    text: str
    line: int
    column: int
    excess: str = ""


def statements(text: str) -> tuple[Statement, ...]:
    """Cut a text into its policies; the last may lack its `;`."""
    found: list[Statement] = []
    position, line = 0, 1
    while True:
        start = _end_of(_LEAD, text, position)
        if start == len(text):
            return tuple(found)
        line += text.count("\n", position, start)
        column = start - text.rfind("\n", 0, start)
        end, excess = _measure(text, start)
        found.append(Statement(text=text[start:end], line=line, column=column, excess=excess))
        line += text.count("\n", start, end)
        position = end


def annotation_part(text: str) -> str:
    """The annotations that a policy begins with."""
    return text[: _end_of(_ANNOTATIONS, text, 0)]


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    # Both patterns match the empty string, so there is always a match.
    return match.end() if match else position  # pragma: no branch


def _measure(text: str, start: int) -> tuple[int, str]:
    """The place after the `;`, and what there is too much of."""
    counts: Counter[str] = Counter()
    depth = deepest = path = longest = 0
    end = len(text)
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        if kind == "skip":
            continue
        if kind == "end":
            end = token.end()
            break
        counts[kind] += 1
        depth += (kind == "open") - (kind == "close")
        deepest = max(deepest, depth)
        path = path + 1 if kind == "dot" else 0
        longest = max(longest, path)
    counts["operator"] += counts["dot"]
    counts["path"] = longest
    if deepest > MAX_BRACKETS:
        return end, f"brackets nest deeper than {MAX_BRACKETS} levels"
    crossed = (f"more than {most:,} of `{kind}`" for kind, most in _LIMITS.items() if counts[kind] > most)
    return end, next(crossed, "")
