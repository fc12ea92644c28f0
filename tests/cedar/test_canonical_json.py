"""The JSON that digests are made of is Python's own with sorted members, however it is written."""

import json

from hypothesis import given
from hypothesis import strategies as st

from policy_engine.cedar import canonical

TEXTS = st.text() | st.text('\x00\x1f\x7f\x80"\\/é\ud800 a', max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_canonical_json_is_pythons_own(value: object) -> None:
    """Any texts, lone surrogates too; integers of any size; whatever nests."""
    assert canonical(value) == json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_what_nests_deep_is_written_all_the_same() -> None:
    """Deeper than the fast writer goes."""
    value: object = 1
    for _ in range(600):
        value = {"left": value}

    assert canonical(value) == b'{"left":' * 600 + b"1" + b"}" * 600
