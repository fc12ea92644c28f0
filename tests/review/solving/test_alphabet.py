"""Characters that solvers don't have."""

import pytest

from policy_engine.review.solving import Sat, Solver, Unknown, UnknownReason, Unsat
from policy_engine.review.solving.alphabet import Alphabet, AlphabetError
from policy_engine.review.symbolic import Operator, Sort, Term
from policy_engine.review.symbolic.terms import term

S = term(Operator.VARIABLE, Sort.STRING, name=("s",))
SOME = term(Operator.VARIABLE, Sort.STRINGS, name=("some",))

BEYOND = "\U00030000", "\U0010ffff"


def constant(value: str) -> Term:
    """A constant."""
    return term(Operator.CONSTANT, Sort.STRING, value=value)


def same(left: Term, right: Term) -> Term:
    """Whether two terms are equal."""
    return term(Operator.EQUAL, Sort.BOOL, left, right)


@pytest.mark.parametrize(
    "value",
    ["", "\x00", '"', "\\", "\\u{41}", "\\x41", "a\nb", "é", "😀", "\U0002ffff", *BEYOND, "".join(BEYOND)],
)
def test_a_text_comes_back_as_it_was(solver: Solver, value: str) -> None:
    """By way of SMT-LIB, cvc5 and JSON, alone and in a set."""
    many = term(Operator.SET, Sort.STRINGS, constant(value), constant("other"))

    assert solver.solve([same(S, constant(value)), same(SOME, many)], [S, SOME]) == Sat(
        {S: value, SOME: frozenset({value, "other"})}
    )


def test_characters_beyond_the_last_stay_different(solver: Solver) -> None:
    """A stand-in is one character's alone."""
    assert solver.solve([same(S, constant(BEYOND[0])), same(S, constant(BEYOND[1]))]) == Unsat()


def test_a_pattern_has_them_too(solver: Solver) -> None:
    """The parts of `like` are renamed as all texts are."""
    like = term(Operator.LIKE, Sort.BOOL, S, value=(BEYOND[0], None, BEYOND[1]))

    assert solver.solve([like, same(S, constant("".join(BEYOND)))], [S]) == Sat({S: "".join(BEYOND)})
    assert solver.solve([like, same(S, constant(BEYOND[0]))]) == Unsat()


def test_no_text_of_a_model_holds_half_a_character() -> None:
    """Surrogates that stand for nothing become characters that occur nowhere else; texts stay different."""
    half, other, last = map(chr, (0xD800, 0xD801, 0xDFFF))
    alphabet = Alphabet([BEYOND[0], "\ue000"])

    assert alphabet.meant([half, other, f"{last}\ue001", half + other, "plain"]) == {
        half: BEYOND[0],
        other: "\ue002",
        f"{last}\ue001": "\ue003\ue001",
        half + other: f"{BEYOND[0]}\ue002",
        "plain": "plain",
    }


def test_a_model_may_have_more_characters_than_can_be_written() -> None:
    """All those that nobody uses are used."""
    private = "".join(map(chr, range(0xE000, 0xF900)))

    with pytest.raises(AlphabetError, match="more characters than can be written"):
        Alphabet([private]).meant([chr(0xD800)])


def test_half_a_character_in_a_policy_is_not_asked_about(solver: Solver) -> None:
    """Cedar has no such text, and here it stands for another."""
    assert solver.solve([same(S, constant(chr(0xD800)))]) == Unknown(
        UnknownReason.alphabet, "a text of the policies holds half a character (a surrogate)"
    )


def test_too_many_characters_are_not_asked_about(solver: Solver) -> None:
    """There are 2048 stand-ins."""
    beyond = "".join(map(chr, range(0x30000, 0x30000 + 2048)))

    assert solver.solve([same(S, constant(beyond))], [S]) == Sat({S: beyond})
    assert solver.solve([same(S, constant(beyond + BEYOND[1]))]) == Unknown(
        UnknownReason.alphabet, "2049 different characters are beyond U+2FFFF"
    )
