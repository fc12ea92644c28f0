"""Where each policy of a Cedar text begins and ends, without parsing it.

Cedar reports parse errors without a position, numbers policies by their place in a text, and overflows the
stack of the process on texts that nest too deep (cedarpy 4.12: between 300 and 1,000 brackets). So a text is
cut at each `;` that stands outside strings and comments, and each part is measured before Cedar sees it. A
wrong cut can't do harm: each part has to parse as exactly one policy, and together they are the whole text.
"""

import re
from dataclasses import dataclass, field

__all__ = ["MAX_BRACKETS", "Statement", "head_part", "statements"]

MAX_BRACKETS = 100
"""How deep brackets may nest."""

_LIMITS = {"if": 300, "operator": 8_000, "path": 100}
"""How many `if`, how many operators, and how long a path `a.b.c` one policy may have.

Each of these nests the syntax tree without brackets; a path after `has` also grows with its square.
"""

_MOST_GROWTH = 1_000
"""How many times nested `has` paths may multiply."""

_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space as Cedar's lexer knows it (Unicode's `White_Space`)."""
_STRING = r'"(?:[^"\\]|\\.)*"'
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_BLANK = rf"(?:[{_SPACE}]|//[^\n\r]*+)*+"  # possessive: `// a // b` mustn't be tried as two comments

_LEAD = re.compile(_BLANK)
_TOKEN = re.compile(
    rf"""
    (?P<skip>//[^\n\r]*|{_STRING}?)
  | (?P<end>;)
  | (?P<open>[(\[{{])
  | (?P<close>[)\]}}])
  | (?P<if>\bif\b)
  | (?P<has>\bhas{_BLANK}{_NAME}(?:{_BLANK}\.{_BLANK}{_NAME})+)
  | (?P<dot>\.)
  | (?P<operator>[&|+*!-])
  | (?P<other>[,=<>])
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = ("open", "close", "if", "has", "dot", "operator", "other", "path")
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
        nesting: how many tokens nest its syntax tree, or could.
    """

    text: str
    line: int
    column: int
    excess: str = ""
    nesting: int = field(default=0, compare=False)


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
        end, nesting, excess = _measure(text, start)
        part = text[start:end]
        found.append(Statement(text=part, line=line, column=column, excess=excess, nesting=nesting))
        line += text.count("\n", start, end)
        position = end


def head_part(text: str) -> str:
    """The annotations, the effect and the scope of a policy, without its conditions and its `;`."""
    depth = 0
    for token in _TOKEN.finditer(text, _end_of(_ANNOTATIONS, text, 0)):
        if token.lastgroup == "open":
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
            if depth == 0:
                return text[: token.end()]
    return text


def _end_of(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    # Both patterns match the empty string, so there is always a match.
    return match.end() if match else position  # pragma: no branch


def _measure(text: str, start: int) -> tuple[int, int, str]:
    """The place after the `;`, how many tokens nest, and what there is too much of."""
    counts = dict.fromkeys(_KINDS, 0)
    depth = deepest = path = longest = 0
    end = len(text)
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        if kind == "skip":
            continue
        if kind == "dot":
            path += 1
        elif kind == "has":
            path += token[0].count(".")
        else:
            path = 0
            if kind == "open":
                depth += 1
                deepest = max(deepest, depth)
            elif kind == "close":
                depth -= 1
            elif kind == "end":
                end = token.end()
                break
        longest = max(longest, path)
        counts[kind] += 1
    nesting = sum(counts.values()) + (longest if counts["has"] else 0) * counts["has"]
    counts["operator"] += counts["dot"]
    counts["path"] = longest
    if counts["has"] and _growth(text, start) > _MOST_GROWTH:
        return end, nesting, "paths after `has` within one another, which Cedar writes out again and again"
    if deepest > MAX_BRACKETS:
        return end, nesting, f"brackets nest deeper than {MAX_BRACKETS} levels"
    crossed = (f"more than {most:,} of `{kind}`" for kind, most in _LIMITS.items() if counts[kind] > most)
    return end, nesting, next(crossed, "")


def _growth(text: str, start: int) -> int:
    growth = _Growth()
    for token in _TOKEN.finditer(text, start):
        kind = token.lastgroup or ""
        if kind == "end":
            break
        if kind != "skip":
            growth.take(kind, token[0])
    return growth.most


class _Growth:
    """How many times Cedar writes the innermost target of `has` paths out.

    `x has a.b` is `x has a && x.a has b`: each step repeats `x`, and nested ones multiply.
    """

    def __init__(self) -> None:
        self.most = 1
        self._levels = [
            (1, 1)
        ]  # of each bracket that is open: of the operand that is read, and the most so far

    def take(self, kind: str, text: str) -> None:
        """Follow one token."""
        now, peak = self._levels[-1]
        if kind == "open":
            self._levels.append((1, 1))
            return
        if kind == "close" and len(self._levels) > 1:
            del self._levels[-1]
            outer, outer_peak = self._levels[-1]
            now, peak = outer * max(now, peak), outer_peak
        elif kind == "has":
            now *= text.count(".") + 1
        elif text in ("&", "|", ","):
            now, peak = 1, max(now, peak)
        self._levels[-1] = now, peak
        self.most = max(self.most, now)
