"""Scripts, letter by letter."""

import pytest

from policy_engine.review.solving import text
from policy_engine.review.symbolic import FALSE, TRUE, Operator, Sort, Term
from policy_engine.review.symbolic.terms import term

HEAD = "(set-logic ALL)\n"
SET = Sort.STRINGS


def constant(value: bool | int | str) -> Term:  # noqa: FBT001 -- a value
    """A constant."""
    sorts = {bool: Sort.BOOL, int: Sort.INT, str: Sort.STRING}
    return term(Operator.CONSTANT, sorts[type(value)], value=value)


def variable(sort: Sort, *name: str) -> Term:
    """A variable."""
    return term(Operator.VARIABLE, sort, name=name)


X, Y = variable(Sort.INT, "x"), variable(Sort.INT, "y")
S = variable(Sort.STRING, "s")
SOME, OTHER = variable(SET, "some"), variable(SET, "other")
P, Q = variable(Sort.BOOL, "p"), variable(Sort.BOOL, "q")


def like(*pattern: str | None) -> Term:
    """Whether `S` is like a pattern."""
    return term(Operator.LIKE, Sort.BOOL, S, value=pattern)


SHOWN = [
    (TRUE, "true"),
    (FALSE, "false"),
    (P, "v0_p"),
    (~P, "(not v0_p)"),
    (term(Operator.AND, Sort.BOOL, P, Q), "(and v0_p v1_q)"),
    (term(Operator.OR, Sort.BOOL, P, Q), "(or v0_p v1_q)"),
    (term(Operator.EQUAL, Sort.BOOL, X, constant(-5)), "(= v0_x (- 5))"),
    (term(Operator.EQUAL, Sort.BOOL, S, constant("")), '(= v0_s "")'),
    (term(Operator.IF, Sort.BOOL, P, Q, TRUE), "(ite v0_p v1_q true)"),
    (term(Operator.LESS, Sort.BOOL, X, Y), "(< v0_x v1_y)"),
    (term(Operator.AT_MOST, Sort.BOOL, constant(2**63), X), "(<= 9223372036854775808 v0_x)"),
    (
        term(Operator.LESS, Sort.BOOL, term(Operator.ADD, Sort.INT, X, Y, constant(1)), X),
        "(< (+ v0_x v1_y 1) v0_x)",
    ),
    (
        term(Operator.LESS, Sort.BOOL, term(Operator.MULTIPLY, Sort.INT, X, Y), X),
        "(< (* v0_x v1_y) v0_x)",
    ),
    (
        term(
            Operator.LESS,
            Sort.BOOL,
            term(Operator.MODULO, Sort.INT, X, constant(7)),
            term(Operator.DIVIDE, Sort.INT, X, constant(7)),
        ),
        "(< (mod v0_x 7) (div v0_x 7))",
    ),
    (like(), '(= v0_s "")'),
    (like("a"), '(= v0_s "a")'),
    (like(None), "true"),
    (like("a", None), '(str.prefixof "a" v0_s)'),
    (like(None, "a"), '(str.suffixof "a" v0_s)'),
    (like(None, "a", None), '(str.contains v0_s "a")'),
    (like(None, None), "(str.in_re v0_s (re.++ re.all re.all))"),
    (like("a", None, "b"), '(str.in_re v0_s (re.++ (str.to_re "a") re.all (str.to_re "b")))'),
    (
        term(Operator.EQUAL, Sort.BOOL, SOME, term(Operator.SET, SET)),
        "(= v0_some (as set.empty (Set String)))",
    ),
    (
        term(Operator.MEMBER, Sort.BOOL, X, term(Operator.SET, Sort.INTS, *map(constant, range(3)))),
        "(set.member v0_x (set.union (set.union (set.singleton 0) (set.singleton 1)) (set.singleton 2)))",
    ),
    (term(Operator.SUBSET, Sort.BOOL, SOME, OTHER), "(set.subset v0_some v1_other)"),
    (
        term(Operator.INTERSECTS, Sort.BOOL, SOME, OTHER),
        "(not (= (set.inter v0_some v1_other) (as set.empty (Set String))))",
    ),
    (
        term(Operator.APPLY, Sort.BOOL, X, S, name=("hastag", "User")),
        "(v2_hastag_User v0_x v1_s)",
    ),
]


@pytest.mark.parametrize(("shown", "expected"), SHOWN)
def test_each_operator_has_its_text(shown: Term, expected: str) -> None:
    """One line for each, as SMT-LIB and cvc5's theory of sets have it."""
    lines = text([shown], []).splitlines()

    assert lines[-2:] == [f"(assert {expected})", "(check-sat)"]


def test_a_script_declares_defines_asserts_and_asks() -> None:
    """What several terms hold is defined once; what is asked for has a name."""
    both = term(Operator.ADD, Sort.INT, X, Y)
    first, second = term(Operator.LESS, Sort.BOOL, both, X), term(Operator.LESS, Sort.BOOL, both, Y)

    assert text([first, second], [both, X]) == (
        "(set-option :produce-models true)\n"
        "(set-logic ALL)\n"
        '; ["x"]\n'
        "(declare-fun v0_x () Int)\n"
        '; ["y"]\n'
        "(declare-fun v1_y () Int)\n"
        "(define-fun d0 () Int (+ v0_x v1_y))\n"
        "(assert (< d0 v0_x))\n"
        "(assert (< d0 v1_y))\n"
        "(define-fun a0 () Int d0)\n"
        "(define-fun a1 () Int v0_x)\n"
        "(check-sat)\n"
        "(get-value (a0 a1))\n"
    )


HOSTILE = [
    ("|",),
    ("\\",),
    ('"', ""),
    ("x) (assert false",),
    ("a\n(exit)",),
    ("é", "😀", "\ud800"),
    ("",),
    (),
    ("context", "a.b"),
    ("context", "a", "b"),
    ("z" * 500,),
]


def test_names_cant_say_anything_of_their_own() -> None:
    """Whatever a name holds, its symbol is plain, and no other's; the whole name is one line of a comment."""
    lines = text([variable(Sort.BOOL, *name) for name in HOSTILE], []).splitlines()

    assert lines == [
        "(set-logic ALL)",
        '; ["|"]',
        "(declare-fun v0_ () Bool)",
        '; ["\\\\"]',
        "(declare-fun v1_ () Bool)",
        '; ["\\"", ""]',
        "(declare-fun v2_ () Bool)",
        '; ["x) (assert false"]',
        "(declare-fun v3_x_assert_false () Bool)",
        '; ["a\\n(exit)"]',
        "(declare-fun v4_a_exit () Bool)",
        '; ["\\u00e9", "\\ud83d\\ude00", "\\ud800"]',
        "(declare-fun v5_ () Bool)",
        '; [""]',
        "(declare-fun v6_ () Bool)",
        "; []",
        "(declare-fun v7_ () Bool)",
        '; ["context", "a.b"]',
        "(declare-fun v8_context_a_b () Bool)",
        '; ["context", "a", "b"]',
        "(declare-fun v9_context_a_b () Bool)",
        f'; ["{"z" * 500}"]',
        f"(declare-fun v10_{'z' * 40} () Bool)",
        "(assert v0_)",
        "(assert v1_)",
        "(assert v2_)",
        "(assert v3_x_assert_false)",
        "(assert v4_a_exit)",
        "(assert v5_)",
        "(assert v6_)",
        "(assert v7_)",
        "(assert v8_context_a_b)",
        "(assert v9_context_a_b)",
        f"(assert v10_{'z' * 40})",
        "(check-sat)",
    ]


def test_one_name_of_two_sorts_is_two_symbols() -> None:
    """A solver would refuse to declare one twice."""
    function = term(Operator.APPLY, Sort.BOOL, X, name=("x",))

    assert text([variable(Sort.BOOL, "x"), function], []).splitlines()[1:-1] == [
        '; ["x"]',
        "(declare-fun v0_x () Bool)",
        '; ["x"]',
        "(declare-fun v1_x () Int)",
        '; ["x"]',
        "(declare-fun v2_x (Int) Bool)",
        "(assert v0_x)",
        "(assert (v2_x v1_x))",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain, text; 'x' |~", "\"plain, text; 'x' |~\""),
        ('"', '"\\u{22}"'),
        ("\\u{41}", '"\\u{5c}u{41}"'),
        ("\x00\n\x7f", '"\\u{0}\\u{a}\\u{7f}"'),
        ("é\u2028\U0002ffff", '"\\u{e9}\\u{2028}\\u{2ffff}"'),
        ("\U00030000\U0010ffff", '"\\u{d800}\\u{d801}"'),
    ],
)
def test_texts_are_plain_ascii(value: str, expected: str) -> None:
    """What isn't, or could begin an escape, is written as a number; what SMT-LIB lacks has a stand-in."""
    lines = text([term(Operator.EQUAL, Sort.BOOL, S, constant(value))], []).splitlines()

    assert lines[-2] == f"(assert (= v0_s {expected}))"


def test_a_deep_term_is_written_in_steps() -> None:
    """Nesting that no parser has to follow, in time that grows with the term alone."""
    deep = P
    for number in range(12_000):
        deep = term(Operator.AND if number % 2 else Operator.OR, Sort.BOOL, Q, ~deep)

    lines = text([deep], []).splitlines()

    assert max(map(len, lines)) < 300
    assert lines[5] == f"(define-fun d0 () Bool {'(and v0_q (not (or v0_q (not ' * 6}v1_p{')' * 24})"
    assert lines[-2] == "(assert d999)"
