"""Values in JSON, as Cedar itself reads them."""

from decimal import Decimal
from typing import Any

import pytest

from policy_engine.cedar import Authorizer, CedarRequest
from policy_engine.model import EntityUid
from policy_engine.review.witness.written import plain

LEAST, MOST = -(2**63), 2**63 - 1
UID = EntityUid("T", "t")


def same(value: Any, said: str) -> bool:
    """Whether Cedar takes a value for what an expression says."""
    text = f"permit (principal, action, resource) when {{ context.value == {said} }};"
    return Authorizer.from_text(text).authorize(CedarRequest(UID, UID, UID, {"value": value})).allowed


@pytest.mark.parametrize("value", [LEAST, -1, 0, 1, MOST])
def test_numbers(value: int) -> None:
    """As JSON has them."""
    assert same(plain("Long", value), str(value))


@pytest.mark.parametrize("value", [LEAST, -10_001, -10_000, -1, 0, 1, 9_999, 10_000, MOST])
def test_decimals(value: int) -> None:
    """In ten-thousandths."""
    assert same(plain("decimal", value), f'decimal("{Decimal(value).scaleb(-4):.4f}")')


@pytest.mark.parametrize(
    "value",
    [
        LEAST,
        -62_167_219_200_001,  # before the year 0
        -62_135_596_800_001,  # the last moment of that year
        -62_135_596_800_000,
        -1,
        0,
        1_767_225_600_123,
        253_402_300_799_999,  # the last moment of the year 9999
        253_402_300_800_000,
        MOST,
    ],
)
def test_moments(value: int) -> None:
    """In milliseconds; also those of years that have no text."""
    assert same(plain("datetime", value), f'datetime("1970-01-01").offset(duration("{value}ms"))')


@pytest.mark.parametrize("value", [LEAST, -1, 0, 86_400_000, MOST])
def test_lengths_of_time(value: int) -> None:
    """In milliseconds."""
    assert same(plain("duration", value), f'duration("{value}ms")')


@pytest.mark.parametrize("value", ["", 'a\n"\\\U0010ffff', "__entity"])
def test_texts(value: str) -> None:
    """As they are."""
    written = "".join(f"\\u{{{ord(character):x}}}" for character in value)
    assert same(plain("String", value), f'"{written}"')


def test_truth_values_and_addresses() -> None:
    """The two that are left."""
    truth = True
    assert same(plain("Bool", truth), "true")
    assert same(plain("ipaddr", "192.0.2.1"), 'ip("192.0.2.1")')
