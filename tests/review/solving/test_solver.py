"""Solvers in processes of their own, and what becomes of a question when they fail."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from policy_engine.review.solving import Answer, Query, Sat, Solver, Unknown, UnknownReason, Unsat, worker
from policy_engine.review.symbolic import FALSE, TRUE, Operator, Sort, Term
from policy_engine.review.symbolic.terms import term
from tests.plugins.solver import require_cvc5

X, Y, Z = (term(Operator.VARIABLE, Sort.INT, name=(name,)) for name in "xyz")
P = term(Operator.VARIABLE, Sort.BOOL, name=("p",))
CRASHED = "the solver ended with status"


def constant(value: int) -> Term:
    """A constant."""
    return term(Operator.CONSTANT, Sort.INT, value=value)


def same(left: Term, right: Term) -> Term:
    """Whether two terms are equal."""
    return term(Operator.EQUAL, Sort.BOOL, left, right)


def cube(item: Term) -> Term:
    """Its third power."""
    return term(Operator.MULTIPLY, Sort.INT, item, term(Operator.MULTIPLY, Sort.INT, item, item))


# 42 is a sum of three cubes of 17 digits, found in 2019: nobody's solver gets there in a second.
HARD = same(term(Operator.ADD, Sort.INT, *map(cube, (X, Y, Z))), constant(42))


def program(code: str) -> tuple[str, ...]:
    """A program in place of the worker."""
    return sys.executable, "-I", "-c", code


def test_a_model_has_a_value_for_all_that_was_asked(solver: Solver) -> None:
    """Of every sort, and of terms that aren't variables."""
    some = term(Operator.VARIABLE, Sort.INTS, name=("some",))
    function = term(Operator.APPLY, Sort.INT, X, name=("f",))
    sum_ = term(Operator.ADD, Sort.INT, X, constant(1))
    assertions = [
        P,
        same(X, constant(-7)),
        same(function, constant(2**70)),
        same(some, term(Operator.SET, Sort.INTS, X, constant(3))),
    ]

    assert solver.solve(assertions, [P, X, sum_, function, some]) == Sat(
        {P: True, X: -7, sum_: -6, function: 2**70, some: frozenset({-7, 3})}
    )


def test_what_contradicts_itself_cant_be(solver: Solver) -> None:
    """Both a term and its negation."""
    assert solver.solve([P, ~P], [P]) == Unsat()


def test_what_is_certain_needs_no_solver() -> None:
    """There is none here."""
    with Solver(program=("/no/such/program",)) as solver:
        assert solver.solve([P, FALSE], [P]) == Unsat()
        assert solver.solve([TRUE, TRUE]) == Sat({})
        assert solver.solve([TRUE, P]) == Unknown(
            UnknownReason.solver_crashed, "the solver can't be started: No such file or directory"
        )


def test_answers_come_in_the_order_of_the_questions(solver: Solver) -> None:
    """Though they are found several at a time, and certain ones at once."""
    queries = [
        Query(assertions=[same(X, constant(number)), TRUE if number % 3 else FALSE], ask=[X])
        for number in range(30)
    ]

    assert list(solver.solve_all(queries)) == [
        Sat({X: number}) if number % 3 else Unsat() for number in range(30)
    ]


def test_questions_are_taken_as_answers_are(solver: Solver) -> None:
    """Thousands needn't be made before the first is answered, and whoever has seen enough may leave."""
    taken = []

    def queries() -> Iterator[Query]:
        for number in range(1000):
            taken.append(number)
            yield Query(assertions=[same(X, constant(number))], ask=[X])

    assert next(solver.solve_all(queries())) == Sat({X: 0})
    assert len(taken) <= 6


def test_a_question_ends_with_its_time() -> None:
    """The worker is ended from outside, on the wall clock; the next question gets a new one."""
    require_cvc5()
    with Solver(timeout=0.5, workers=1) as solver:
        begun = time.monotonic()
        answer = solver.solve([HARD])
        took = time.monotonic() - begun

        assert answer == Unknown(UnknownReason.timeout, "the solver was ended when its time was over")
        assert 0.5 <= took < 1.5
        assert solver.solve([P], [P]) == Sat({P: True})


def test_a_long_question_holds_up_no_other() -> None:
    """The other worker goes on."""
    require_cvc5()
    with Solver(timeout=0.5, workers=2) as solver:
        easy = [Query(assertions=[same(X, constant(number))], ask=[X]) for number in range(4)]
        begun = time.monotonic()
        answers = list(solver.solve_all([Query(assertions=[HARD]), *easy, Query(assertions=[HARD])]))

    assert [type(answer) for answer in answers] == [Unknown, Sat, Sat, Sat, Sat, Unknown]
    assert time.monotonic() - begun < 3


def test_too_little_memory_is_not_an_answer() -> None:
    """cvc5 gets no more than it may; what it then does is a failure, whatever it is."""
    require_cvc5()
    with Solver(memory=16 * 1024 * 1024, workers=1) as solver:
        answer = solver.solve([P])

    assert isinstance(answer, Unknown)
    assert answer.reason is UnknownReason.solver_crashed


def test_a_missing_solver_is_said_with_its_remedy() -> None:
    """The real worker, without the packages that were installed."""
    with Solver(program=(sys.executable, "-I", "-S", worker.__file__)) as solver:
        assert solver.solve([P]) == Unknown(
            UnknownReason.solver_missing,
            "the solver isn't installed: pip install 'policy-engine[prove]'",
        )


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("", f"{CRASHED} 0"),
        ("raise SystemExit(7)", f"{CRASHED} 7"),
        ("import os; os.kill(os.getpid(), 9)", f"{CRASHED} -9"),
        ("input(); import os; os.kill(os.getpid(), 11)", f"{CRASHED} -11"),
        ("import sys, os; os.close(0); os.close(1); os._exit(3)", f"{CRASHED} 3"),
        ("input(); print('Aborted'); input()", "the solver answered what isn't an answer"),
        ("input(); print('[' * 100_000); input()", "the solver answered what isn't an answer"),
        ("input(); print('[]'); input()", "the solver answered what isn't an answer"),
        (
            'input(); print(\'{"number": 2, "result": "unsat"}\'); input()',
            "the solver answered what isn't an answer",
        ),
        ("input(); print('{\"number\": 1}'); input()", "the solver answered what isn't an answer"),
        (
            'input(); print(\'{"number": 1, "result": ["unsat"]}\'); input()',
            "the solver answered what isn't an answer",
        ),
        (
            'input(); print(\'{"number": 1, "result": "error", "why": "no"}\'); input()',
            "no",
        ),
    ],
)
def test_what_isnt_an_answer_is_a_crash(code: str, detail: str) -> None:
    """A process that ends, that is closed to us, or that says anything else."""
    with Solver(program=program(code), workers=1) as solver:
        assert solver.solve([P]) == Unknown(UnknownReason.solver_crashed, detail)


@pytest.mark.parametrize(
    "values",
    [
        "null",
        "[]",
        "[true]",
        '[0, 1, [97], {"set": [1]}, {"set": []}]',
        '[true, true, [97], {"set": [1]}, {"set": []}]',
        '[true, "1", [97], {"set": [1]}, {"set": []}]',
        '[true, 1, "a", {"set": [1]}, {"set": []}]',
        '[true, 1, [97.5], {"set": [1]}, {"set": []}]',
        '[true, 1, [1114112], {"set": [1]}, {"set": []}]',
        '[true, 1, [97], [1], {"set": []}]',
        '[true, 1, [97], {"set": [[97]]}, {"set": []}]',
        '[true, 1, [97], {"set": [1]}, {"set": [1]}]',
    ],
)
def test_a_model_that_is_none_is_a_crash(values: str) -> None:
    """Each value has to be what its sort says."""
    answer = f'{{"number": 1, "result": "sat", "values": {values}}}'
    ask = [
        P,
        X,
        *(term(Operator.VARIABLE, sort, name=("v",)) for sort in (Sort.STRING, Sort.INTS, Sort.STRINGS)),
    ]
    with Solver(program=program(f"input(); print({answer!r}); input()"), workers=1) as solver:
        told = solver.solve([P], ask)

    assert isinstance(told, Unknown)
    assert told.reason is UnknownReason.solver_crashed
    assert told.detail.startswith("the solver told a model that is none: ")


def test_a_solver_may_give_up() -> None:
    """What it says about it is kept."""
    answer = '{"number": 1, "result": "unknown", "why": "unknown (INCOMPLETE)"}'
    with Solver(program=program(f"input(); print({answer!r}); input()"), workers=1) as solver:
        assert solver.solve([P]) == Unknown(UnknownReason.solver_unknown, "unknown (INCOMPLETE)")


def test_what_is_asked_is_kept(tmp_path: Path) -> None:
    """A file each, its answer in its name; the label can't be anything but a comment."""
    require_cvc5()
    with Solver(keep=tmp_path / "new" / "folder", workers=1) as solver:
        solver.solve([P], label="who\n(exit)")
        solver.solve([FALSE])
        solver.solve([P, ~P])

    kept = {file.name: file.read_text() for file in sorted((tmp_path / "new" / "folder").iterdir())}
    declared = '(set-logic ALL)\n; ["p"]\n(declare-fun v0_p () Bool)\n'
    assert kept == {
        "00001-sat.smt2": f'; "who\\n(exit)"\n{declared}(assert v0_p)\n(check-sat)\n',
        "00003-unsat.smt2": f"{declared}(assert v0_p)\n(assert (not v0_p))\n(check-sat)\n",
    }


def test_no_worker_outlives_its_solver(tmp_path: Path) -> None:
    """Not even one that is busy; who waits for it hears that it was ended."""
    noted = tmp_path / "pid"
    heard: list[Answer] = []
    code = f"import os, time; open({str(noted)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with Solver(program=program(code), timeout=60, workers=1) as solver:
        waiting = Thread(target=lambda: heard.append(solver.solve([P])))
        waiting.start()
        until = time.monotonic() + 20
        while not (noted.exists() and noted.read_text()) and time.monotonic() < until:
            time.sleep(0.01)
    waiting.join(20)

    assert heard == [Unknown(UnknownReason.solver_crashed, f"{CRASHED} -9")]
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)


def test_a_folder_under_review_cant_bring_a_solver_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory isn't where the worker looks for what it imports."""
    require_cvc5()
    for name in ("cvc5", "json", "policy_engine"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)\n")
    monkeypatch.chdir(tmp_path)

    with Solver(workers=1) as solver:
        assert solver.solve([P], [P]) == Sat({P: True})


def test_a_deep_question_is_answered(solver: Solver) -> None:
    """Neither we nor cvc5 recurse into it."""
    deep = P
    for number in range(8_001):
        deep = term(Operator.AND if number % 2 else Operator.OR, Sort.BOOL, P, ~deep)

    assert solver.solve([deep, ~P], [P]) == Sat({P: False})
    assert solver.solve([~deep], [P]) == Unsat()
