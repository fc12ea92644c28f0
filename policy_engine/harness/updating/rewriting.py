"""What came of a case, written into its scenario file as what is expected of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from policy_engine.errors import ConfigError
from policy_engine.files import add_key, drop_key, rename_key, set_value, value_at
from policy_engine.harness.cases import Result
from policy_engine.harness.running import place_of
from policy_engine.harness.updating.cells import with_cell
from policy_engine.model import Decision

__all__ = ["rewritten"]

Path_ = tuple[str | int, ...]
Lists = dict[str, list[str]]

_LINE: Final = frozenset({"decision", "code", "detail", "policies", "errors"})
"""Of what a failure may be that an outcome in one line says."""

_KEYS: Final = {"challenge": "scopes"}
"""What the file calls a failure, where that is something else."""

_DENIED: Final = frozenset({"deny", "-", "–", "✗", ""})  # noqa: RUF001 -- authors write either
_ALLOWED: Final = frozenset({"allow", "✓"})


def rewritten(text: str, path: Path_, result: Result, results: Iterable[Result]) -> str:
    """A scenario file's text, with one expectation as it came out.

    Args:
        text: the file as it is now.
        path: of the expectation, or of a part of it.
        result: what came of it.
        results: what came of all cases: some may share the expectation.

    Raises:
        ConfigError: it can't be written there; says what to do about it.
    """
    base = 0
    while path[base : base + 1] == ("groups",):
        base += 2
    match path[base : base + 1]:
        case ("tests",):
            return _in_test(text, path[: base + 3], result, results)
        case ("matrix",) if len(path) > base + 1:
            return _in_row(text, path[: base + 2], result)
        case ("table",):
            return _in_table(text, path[: base + 1], result)
        case _:
            raise ConfigError("it is expected for want of another word", remedy="add it to the file")


def _in_test(text: str, path: Path_, result: Result, results: Iterable[Result]) -> str:
    if path[2:] and path[-1] != "expect":
        path = (*path[:-1], "expect")
    old = value_at(text, path)
    place = place_of(result.case)
    shared = [each for each in results if each.decision is not None and place_of(each.case) == place]
    values = [_expected(old, each) for each in shared]
    if any(value != values[0] for value in values):
        raise ConfigError(
            "several cases share the expectation, and came out differently", remedy="write a test for each"
        )
    return set_value(text, path, values[0]).after


def _expected(old: Any, result: Result) -> Any:  # noqa: ANN401 -- YAML data
    """What to expect instead: in one line if that says it, as the old did."""
    decision = _decided(result)
    what = {failure.what for failure in result.failures}
    if isinstance(old, str) and what <= _LINE:
        return _outcome(decision, like=old)
    new = {"outcome": old} if isinstance(old, str) else dict(old)
    if "outcome" in new and what & _LINE:
        new["outcome"] = _outcome(decision, like=str(new["outcome"]))
    actual: Mapping[str, Any] = {
        "decision": "allow" if decision.allowed else "deny",
        "code": decision.code,
        "detail": decision.detail,
        "status": decision.status,
        "principal": "none" if decision.principal is None else str(decision.principal.uid),
        "policies": sorted(match.id for match in decision.policies),
        "errors": sorted(fault.policy for fault in decision.errors),
        "visible": list(result.visible or ()),
        "scopes": list(decision.scopes),
    }
    for each in sorted(what - (_LINE if "outcome" in new else frozenset())):
        name = _KEYS.get(each, each)
        if actual[name] is None:
            new.pop(name, None)
        else:
            new[name] = actual[name]
    return new


def _in_row(text: str, path: Path_, result: Result) -> str:
    row, asked = value_at(text, path), result.case.asked.name
    lists = {} if isinstance(row, str) else {key: _as_list(calls) for key, calls in row.items()}
    old = next((key for key, calls in lists.items() if asked in calls), "")
    if isinstance(row, str) or any("all" in calls for calls in lists.values()):
        raise ConfigError("the row says the same of all calls", remedy="name the calls in it")
    as_exact = next((" by " for key in lists if " by " in key and " by " not in old), "")
    new = _only_line(result, like=f"{old}{as_exact}")  # as the rest of the row says it
    wanted = {key: [call for call in calls if call != asked] for key, calls in lists.items()}
    if new != "deny":
        wanted.setdefault(new, []).append(asked)
    try:
        return _line_by_line(text, path, lists, wanted)
    except ConfigError:  # then the row is written anew, in one line
        return set_value(text, path, {key: calls for key, calls in wanted.items() if calls}).after


def _line_by_line(text: str, path: Path_, old: Lists, new: Lists) -> str:
    """A row with what differs in it changed, and nothing else."""
    added = [key for key in new if key not in old]
    emptied = [key for key in old if not new[key]]
    if added and emptied and old[emptied[0]] == new[added[0]]:
        return rename_key(text, (*path, emptied[0]), added[0]).after
    for key in (key for key in old if new[key] and new[key] != old[key]):
        text = set_value(text, (*path, key), new[key]).after
    for key in emptied:
        text = drop_key(text, (*path, key)).after
    for key in added:
        text = add_key(text, [str(step) for step in path], key, new[key][0]).after
    return text


def _in_table(text: str, path: Path_, result: Result) -> str:
    table = str(value_at(text, path))
    who, asked = result.case.who.name, result.case.asked.name
    return with_cell(text, table, who, asked, lambda old: _only_line(result, like=old))


def _only_line(result: Result, *, like: str) -> str:
    if more := sorted({failure.what for failure in result.failures} - _LINE):
        raise ConfigError(f"the {more[0]} can't be said here", remedy="write it as one of the `tests`")
    return _outcome(_decided(result), like=like)


def _outcome(decision: Decision, *, like: str) -> str:
    """An outcome in one line that says as much as another one does."""
    head, by, _ = like.partition(" by ")
    word = head.split()[0] if head.split() else ""
    if decision.allowed:
        said = "✓" if word == "✓" else "allow"
    elif word in _ALLOWED | _DENIED:
        said = "deny"
    else:
        detail = f"/{decision.detail}" if "/" in word and decision.detail else ""
        said = f"{decision.code}{detail}"
    ids = ", ".join(sorted(match.id for match in decision.policies))
    errors = ", ".join(sorted(fault.policy for fault in decision.errors))
    return said + (f" by {ids}" if by and ids else "") + (f" failing {errors}" if errors else "")


def _decided(result: Result) -> Decision:
    if result.decision is None:
        raise ConfigError("it was skipped", remedy="take `skip` away first")
    return result.decision


def _as_list(calls: Any) -> list[str]:  # noqa: ANN401 -- YAML data
    return [calls] if isinstance(calls, str) else list(calls)
