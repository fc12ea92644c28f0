"""Every code and detail: what the source can raise has a row, and every row can be provoked."""

import re
from pathlib import Path
from typing import Any

import pytest

from policy_engine.model import CODES, DETAILS
from tests.plugins.provoked_by_fetching import BY_FETCHING
from tests.plugins.provoked_by_lists import BY_LISTS
from tests.plugins.provoked_by_messages import BY_MESSAGES
from tests.plugins.provoked_by_registry import BY_REGISTRY
from tests.plugins.provoked_by_tokens import BY_TOKENS
from tests.plugins.provoking import Provocation, Room
from tests.plugins.raised_codes import ERRORS, ROOT, TOLD, Pair, Source, raised

PROVOKED: dict[Pair, Provocation] = {
    **BY_TOKENS,
    **BY_REGISTRY,
    **BY_FETCHING,
    **BY_MESSAGES,
    **BY_LISTS,
}
ROWS = frozenset((code, detail) for code, details in DETAILS.items() for detail in details)

NO_DECISIONS = frozenset({"unusable_key", "unsealable"})
"""Codes of what an operator wrote or keeps: they end in a ConfigError, and never in a decision."""


@pytest.fixture(scope="module")
def room(shared_world: Any, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """One room for all provocations; none of them leaves anything behind."""
    return Room(world=shared_world, folder=tmp_path_factory.mktemp("codes"))


@pytest.mark.parametrize("pair", sorted(PROVOKED, key=str), ids=lambda pair: "-".join(filter(None, pair)))
def test_what_leads_to_a_code_leads_to_that_code(room: Room, pair: Pair) -> None:
    """Through the engine, but for what only a stage by itself can be brought to."""
    assert PROVOKED[pair](room) == pair


def test_every_row_is_provoked() -> None:
    """A row that nothing leads to would be a promise that nobody keeps."""
    assert PROVOKED.keys() >= ROWS
    assert {code for code, _ in PROVOKED} == set(CODES)


def test_every_provocation_is_of_a_row() -> None:
    """And no code or detail comes out of one that isn't documented."""
    assert {pair for pair in PROVOKED if pair[1] is not None} == ROWS


def test_what_the_source_raises_is_what_the_tables_have() -> None:
    """Read from the syntax, so that a new detail can't be forgotten, nor an old row be left behind."""
    pairs = {(code, detail) for code, detail in raised()[0] if code not in NO_DECISIONS}

    assert {pair for pair in pairs if pair[1] is not None} == ROWS
    assert {code for code, _ in pairs} == set(CODES)


def test_a_code_that_is_raised_without_a_detail_is_provoked_without_one() -> None:
    """A code may have both: some of its refusals need no finer word."""
    pairs = {pair for pair in raised()[0] if pair[1] is None and pair[0] not in NO_DECISIONS}

    assert pairs == {pair for pair in PROVOKED if pair[1] is None}


def test_nothing_is_told_of_the_source_that_can_be_read_in_it() -> None:
    """What the tests take on trust is what they must."""
    assert raised()[1] == TOLD.keys()


def test_no_error_hides_from_the_reader_of_the_source() -> None:
    """A new class of errors with codes of its own is to be added to those that are looked for."""
    texts = [path.read_text("utf-8") for path in ROOT.rglob("*.py")]
    found = [re.findall(r"^class (\w+)\((\w+)[,)]", text, re.MULTILINE) for text in texts]
    bases = {name: base for pairs in found for name, base in pairs if base != "ConfigError"}
    family = {"PolicyEngineError"}
    while grown := {name for name, base in bases.items() if base in family} - family:
        family |= grown

    # An operator's mistakes, Cedar's silence, OAuth's refusals and stores have codes that no decision has.
    assert family - ERRORS == {"CedarError", "ConfigError", "RefusedError", "StaleError", "StorageError"}
    assert family >= ERRORS


SOURCES = {
    "written where it is raised": (
        'raise TokenError("invalid_claim", "a note", detail="new")',
        {("invalid_claim", "new")},
    ),
    "left out": ('raise TokenError("expired_token")', {("expired_token", None)}),
    "one of two": (
        'def f(x):\n    detail = "new" if x else None\n'
        '    raise MappingError("invalid_claim", detail=detail)',
        {("invalid_claim", "new"), ("invalid_claim", None)},
    ),
    "given to a function": (
        'def f(detail, note="x"):\n    return MessageError("invalid_params", note, detail=detail)\n'
        'def g():\n    raise f("new")\ndef h():\n    raise f(note="y", detail="newer")',
        {("invalid_params", "new"), ("invalid_params", "newer")},
    ),
    "a function's default": (
        'def f(*, detail="new"):\n    return JoseError("malformed_token", detail=detail)\nf()',
        {("malformed_token", "new")},
    ),
    "from a table": (
        'T: Mapping[str, str] = MappingProxyType({"a": "new", "b": "newer"})\n'
        "def f():\n    for name, detail in T.items():\n"
        '        raise JoseError("malformed_token", detail=detail)',
        {("malformed_token", "new"), ("malformed_token", "newer")},
    ),
    "of another error": (
        "def f():\n    try:\n        g()\n    except JoseError as error:\n"
        "        raise TokenError(error.code, error.note, detail=error.detail)",
        set(),
    ),
    "of strict JSON": (
        "def f():\n    try:\n        g()\n    except JsonError as error:\n"
        '        raise TokenError("malformed_token", detail=error.code)\n'
        'def g():\n    h()\ndef h():\n    raise JsonError("new")\n'
        'def k():\n    raise JsonError("not_reached")',
        {("malformed_token", "new")},
    ),
    "a decision": ('draft.decide("unknown_server")', {("unknown_server", None)}),
}
"""How a detail may come about, and what is read of it."""


@pytest.mark.parametrize(("text", "pairs"), SOURCES.values(), ids=SOURCES.keys())
def test_the_reader_follows_a_detail_to_where_it_is_written(
    tmp_path: Path, text: str, pairs: set[Pair]
) -> None:
    """Every way in which the package writes them."""
    (tmp_path / "module.py").write_text(text)

    assert set(Source(tmp_path).pairs()) == pairs


@pytest.mark.parametrize(
    "text",
    [
        'raise TokenError("invalid_claim", detail=what())',
        'def f(x):\n    raise TokenError("invalid_claim", detail=x.name)',
        'def f(x):\n    match x:\n        case detail:\n            raise TokenError("a", detail=detail)',
        'def f(x):\n    detail, y = x\n    raise TokenError("a", detail=detail)',
        'def f(x, detail):\n    raise TokenError("a", detail=detail)\nf(*g())',
        "raise TokenError(*what())",
    ],
)
def test_a_detail_that_can_not_be_followed_is_a_failure(tmp_path: Path, text: str) -> None:
    """It isn't passed over: a detail without a row must be impossible to miss."""
    (tmp_path / "module.py").write_text(text)

    with pytest.raises(LookupError, match=r"module\.py:\d+: "):
        list(Source(tmp_path).pairs())
