"""Where the grammar refuses a policy, and why; only then its words are read again, one by one."""

from collections.abc import Callable, Sequence
from typing import cast

from lark import Lark, Token, UnexpectedCharacters, UnexpectedToken

from policy_engine.cedar.syntax.complaints.brackets import partner_of, unpaired
from policy_engine.cedar.syntax.complaints.expectations import expected
from policy_engine.cedar.syntax.complaints.mends import mend, mend_of_character
from policy_engine.cedar.syntax.complaints.refusal import Refusal
from policy_engine.cedar.syntax.complaints.whereabouts import whereabouts
from policy_engine.cedar.syntax.origin import Origin
from policy_engine.errors import PolicyError

__all__ = ["complaint"]

_LONGEST = 40
"""How much of a word is shown."""


def complaint(grammar: Lark, origin: Origin) -> PolicyError:
    """What is wrong with a text that the grammar refuses."""
    words, stop = _words(grammar, origin.text)
    count = _how_many_make_sense(grammar, words)
    # A text without its end swallows what follows, up to the next quote; few texts are meant to have lines.
    for word in words[max(count - 1, 0) : count + 1]:
        if word.type == "STRING" and "\n" in word:
            return _endless(origin, word.start_pos or 0)
    if stop is not None and count == len(words):
        return _bad_character(origin, stop)
    bracket = unpaired(words, count, whole=stop is None)
    if bracket is not None:
        return _unpaired(origin, bracket)
    return _refused(origin, _refusal(grammar, words, count))


def _words(grammar: Lark, text: str) -> tuple[list[Token], int | None]:
    """The words of a text, and where it stops being made of words."""
    words: list[Token] = []
    try:
        words.extend(grammar.lex(text))
    except UnexpectedCharacters as error:
        return words, error.pos_in_stream
    return words, None


def _how_many_make_sense(grammar: Lark, words: Sequence[Token]) -> int:
    parser = grammar.parse_interactive()
    for index, word in enumerate(words):
        try:
            parser.feed_token(word)
        except UnexpectedToken:
            return index
    return len(words)


def _refusal(grammar: Lark, words: Sequence[Token], count: int) -> Refusal:
    # Read anew up to there: a refused word may have made the parser forget what else would have been taken.
    parser = grammar.parse_interactive()
    for word in words[:count]:
        parser.feed_token(word)
    found = words[count] if count < len(words) else None
    read = words[:count]
    # lark has no annotation there.
    accepts = cast("Callable[[], set[str]]", parser.accepts)
    return Refusal(found=found, read=read, accepted=accepts(), place=whereabouts(read))


def _endless(origin: Origin, at: int) -> PolicyError:
    return origin.error(at, 'the text that begins here has no `"` at its end', 'write `"` where it ends')


def _unpaired(origin: Origin, bracket: Token) -> PolicyError:
    at = bracket.start_pos or 0
    if bracket in {"(", "[", "{"}:
        remedy = f"write `{partner_of(bracket)}` where it ends"
        return origin.error(at, f"the `{bracket}` that stands here is never closed", remedy)
    return origin.error(
        at, f"the `{bracket}` that stands here closes nothing", "take it out, or open it before"
    )


def _bad_character(origin: Origin, at: int) -> PolicyError:
    character = origin.text[at]
    if character == '"':
        return _endless(origin, at)
    shown = f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"
    remedy = mend_of_character(character) if character.isprintable() else "take out this invisible character"
    return origin.error(at, f"{shown} can't stand here", remedy)


def _refused(origin: Origin, refusal: Refusal) -> PolicyError:
    found, place = refusal.found, refusal.place
    problem = f"expected {expected(refusal.accepted, refusal.read, place)}"
    if place.after:
        problem += f" after {_shortened(place.after)}"
    if found is None:
        at = (refusal.read[-1].end_pos or 0) if refusal.read else 0
        return origin.error(at, f"{problem}, but the policy ends", mend(refusal))
    return origin.error(found.start_pos or 0, f"{problem}, found `{_shortened(found)}`", mend(refusal))


def _shortened(word: str) -> str:
    line = " ".join(word.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
