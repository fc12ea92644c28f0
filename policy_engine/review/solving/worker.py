"""cvc5 in a process of its own: reads questions, a line of JSON each, and answers each with another.

It is a program, and imports nothing of ours: it starts in a tenth of a second, and what it is told is all
that it knows. Limits inside cvc5 are left alone, since answers under them can be wrong
(https://github.com/cvc5/cvc5/issues/12246); whoever asks ends this process when its time is over.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["MISSING", "answer", "main"]

MISSING = 42
"""The exit status where cvc5 can't be imported."""

_GRACE = 5
"""Seconds after which it ends itself, should nobody be there any more to end it."""


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Answer one question.

    Args:
        question: `script` in SMT-LIB, and `ask`, the names of what it asks the values of.

    Returns:
        `result` is `sat`, `unsat` or `unknown` (with its `why`); for `sat`, `values`. Texts are lists of code
        points, since two of them could be taken for the halves of another; sets are lists.
    """
    import cvc5  # noqa: PLC0415 -- who imports this module may have no cvc5

    solver = cvc5.Solver(cvc5.TermManager())
    symbols = cvc5.SymbolManager(solver)
    parser = _parser(cvc5, solver, symbols, question["script"])
    result = ""
    while not (command := parser.nextCommand()).isNull():
        if command.getCommandName() == "get-value":
            continue
        told = str(command.invoke(solver, symbols)).strip()
        if command.getCommandName() == "check-sat":
            result = told
        elif told:
            raise RuntimeError(told)
    if result not in ("sat", "unsat"):
        return {"result": "unknown", "why": result}
    if result == "unsat":
        return {"result": result}
    asked = _terms(_parser(cvc5, solver, symbols, " ".join(question["ask"])))
    return {"result": result, "values": [_value(solver.getValue(term)) for term in asked]}


def main() -> int:
    """Answer until nobody asks any more.

    Args:
        sys.argv: the bytes of memory that it may take.

    Returns:
        An exit status.
    """
    _limit(int(sys.argv[1]))
    try:
        import cvc5  # noqa: F401, PLC0415 -- whether it is there
    except ModuleNotFoundError:  # and not what can't be loaded in so little memory
        return MISSING
    # What the libraries print mustn't be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        _wake(int(question["seconds"]) + _GRACE)
        try:
            told = answer(question)
        except Exception as error:  # noqa: BLE001 -- whatever cvc5 says of what it can't read
            told = {"result": "error", "why": str(error)}
        answers.write(json.dumps({**told, "number": question["number"]}) + "\n")
        answers.flush()
        _wake(0)
    return 0


def _parser(cvc5: Any, solver: Any, symbols: Any, script: str) -> Any:  # noqa: ANN401 -- cvc5 has no types
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "question")
    return parser


def _terms(parser: Any) -> Iterator[Any]:  # noqa: ANN401 -- the same
    while not (term := parser.nextTerm()).isNull():
        yield term


def _value(value: Any) -> Any:  # noqa: ANN401 -- the same; JSON
    if value.isBooleanValue():
        return value.getBooleanValue()
    if value.isIntegerValue():
        return int(value.getIntegerValue())
    if value.isStringValue():
        return [ord(character) for character in value.getStringValue()]
    return {"set": [_value(element) for element in value.getSetValue()]}


def _limit(memory: int) -> None:
    """Bound what it can take, where the system can; no core dump, which would hold policies."""
    try:
        import resource  # noqa: PLC0415 -- Unix only
    except ImportError:
        return
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(limit, (value, value))
        except (OSError, ValueError):  # some systems know the limit and refuse to set it
            continue


def _wake(seconds: int) -> None:
    """End at that time, even within cvc5, which lets no Python run; 0 calls it off."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main())
