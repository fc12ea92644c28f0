"""Ids are numbers in formulas, and texts again in what is found."""

from policy_engine.model import EntityUid
from policy_engine.review.symbolic import Ids


def test_a_text_has_one_number_for_all_types() -> None:
    """A person and a machine of one id have one number; it leads back to either."""
    ids = Ids()
    number = ids.number("corp/x")
    assert ids.number("corp/x") == number
    assert ids.number("corp/y") != number
    assert (ids.text(number), ids.uid("User", number)) == ("corp/x", EntityUid("User", "corp/x"))
    assert len(ids) == 2


def test_numbers_that_were_not_given_stand_for_other_texts() -> None:
    """A solver may choose any number."""
    ids = Ids()
    ids.number("corp/x")
    assert [ids.text(number) for number in (-1, 1, 2**70)] == [None, None, None]
    assert ids.uid("User", 7) is None
