"""What the worker answers, without a process."""

import pytest

from policy_engine.review.solving.worker import answer
from tests.plugins.solver import require_cvc5

SCRIPT = """(set-option :produce-models true)
(set-logic ALL)
(declare-fun x () Int)
(declare-fun t () String)
(declare-fun s () (Set String))
(assert (and (= x (- 3)) (= t "\\u{d83d}\\u{de00}") (= s (set.singleton t))))
(define-fun a0 () Int x)
(define-fun a1 () Bool (< x 0))
(define-fun a2 () String t)
(define-fun a3 () (Set String) s)
(define-fun a4 () (Set String) (as set.empty (Set String)))
(check-sat)
(get-value (a0 a1 a2 a3 a4))
"""


def test_values_are_told_as_json() -> None:
    """Texts by their code points: these two aren't one character."""
    require_cvc5()

    assert answer({"script": SCRIPT, "ask": ["a0", "a1", "a2", "a3", "a4"]}) == {
        "result": "sat",
        "values": [-3, True, [0xD83D, 0xDE00], {"set": [[0xD83D, 0xDE00]]}, {"set": []}],
    }


def test_nothing_is_told_of_what_cant_be() -> None:
    """No values are asked then, though the script does."""
    require_cvc5()
    script = SCRIPT.replace("(check-sat)", "(assert (= x 0))\n(check-sat)")

    assert answer({"script": script, "ask": ["a0"]}) == {"result": "unsat"}


def test_giving_up_is_told() -> None:
    """Here cvc5 is told to."""
    require_cvc5()
    script = f"(set-option :preprocess-only true)\n{SCRIPT.replace('(= x (- 3))', '(= (* x x x) (+ x 7))')}"

    assert answer({"script": script, "ask": ["a0"]}) == {
        "result": "unknown",
        "why": "unknown (REQUIRES_FULL_CHECK)",
    }


@pytest.mark.parametrize(
    "script",
    ["(assert true", "(assert x)", "(declare-fun x () Int)\n(assert x)", '(echo "hello")'],
)
def test_what_isnt_a_question_is_refused(script: str) -> None:
    """Nothing that it doesn't expect passes for an answer."""
    require_cvc5()

    with pytest.raises(RuntimeError):
        answer({"script": f"(set-logic ALL)\n{script}\n(check-sat)\n", "ask": []})
