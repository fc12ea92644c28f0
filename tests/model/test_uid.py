"""EntityUid: any id survives."""

import json

import cedarpy
from hypothesis import given
from hypothesis import strategies as st

from policy_engine.model import EntityUid

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(TEXT)
def test_the_written_form_reads_back_as_the_same_id(name: str) -> None:
    """Cedar's own parser reads `str(uid)` as the uid it was, for every id."""
    policy = f"permit(principal == {EntityUid('User', name)}, action, resource);"

    parsed = json.loads(cedarpy.policies_to_json_str(policy))

    entity = parsed["staticPolicies"]["policy0"]["principal"]["entity"]
    assert entity == {"type": "User", "id": name} == EntityUid("User", name).to_json()


def test_an_id_can_not_end_its_own_quotes() -> None:
    """Quotes and newlines in an id are escaped."""
    assert str(EntityUid("User", 'a", resource) \n')) == 'User::"a\\", resource) \\n"'
