"""The tables of codes and details: what each row says, and that none can be changed."""

import re

import pytest

from policy_engine.model import CODES, DETAILS, Code, Detail

ROWS: dict[str, Code | Detail] = {
    **CODES,
    **{f"{code}.{name}": row for code, rows in DETAILS.items() for name, row in rows.items()},
}
"""Every row, of codes and of details."""


@pytest.mark.parametrize("name", ROWS)
def test_a_row_says_what_it_means_and_what_leads_to_it(name: str) -> None:
    """In one line each, as the parts of a sentence that stand in a table."""
    row = ROWS[name]

    for text in (row.meaning, row.example):
        assert re.fullmatch(r"(?!\s)[^\n|]+(?<![\s.])", text), text
        assert text[0].islower() or text[0] in "`…" or text.startswith(("GET", "Cedar")), text
        assert text.count("`") % 2 == 0, text
    assert row.example != row.meaning


def test_codes_are_written_in_small_letters() -> None:
    """Programs compare them; so they are one spelling, of one alphabet."""
    assert [code for code in CODES if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


def test_details_are_words_or_the_names_of_what_is_at_fault() -> None:
    """MCP writes some of its parameters with capitals in them, and their names stay what they are."""
    names = {name for rows in DETAILS.values() for name in rows}

    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name)] == [
        name for name in names if name in ("taskId", "inputResponses")
    ]


def test_details_are_of_codes_in_the_order_of_codes() -> None:
    """One order for both tables, so that each is read beside the other."""
    assert list(DETAILS) == [code for code in CODES if code in DETAILS]
    assert [code for code, rows in DETAILS.items() if not rows] == []


def test_no_example_is_a_token_or_a_key() -> None:
    """Whoever reads an example should see at once that it is nobody's."""
    secret = re.compile(r"eyJ[A-Za-z0-9_-]{8}|PRIVATE KEY|\"[dk]\": \"")

    assert [name for name, row in ROWS.items() if secret.search(row.example)] == []


def test_the_tables_can_not_be_changed() -> None:
    """What is documented once is so for the whole life of the process."""
    for table in (CODES, DETAILS, *DETAILS.values()):
        with pytest.raises(TypeError):
            table["new"] = None  # type: ignore[index] # that is what is tested
    with pytest.raises(AttributeError):
        CODES["forbidden"].status = 200  # type: ignore[misc] # likewise
