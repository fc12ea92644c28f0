"""Flags of a profile: set by operators, typed, and never guessed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mapper import IssuerMapping, Mapper, load_profile

FLAGS: list[tuple[str, dict[str, object], str]] = [
    ("keycloak", {"cc_refresh": True}, "sets `cc_refresh`, which profile `keycloak` doesn't have"),
    ("rfc9068", {"legacy": True}, "sets `legacy`, which profile `rfc9068` doesn't have"),
    ("keycloak", {"legacy": "true"}, "flag `legacy` of issuer `corp` isn't of type boolean"),
    ("keycloak", {"legacy": 1}, "flag `legacy` of issuer `corp` isn't of type boolean"),
    ("keycloak", {"legacy": None}, "flag `legacy` of issuer `corp` isn't of type boolean"),
]


@pytest.mark.parametrize(("profile", "flags", "problem"), FLAGS, ids=[str(row[1]) for row in FLAGS])
def test_a_flag_that_can_not_be_set_is_refused(profile: str, flags: dict[str, object], problem: str) -> None:
    """A flag that is misspelt or of another type would silently mean its contrary."""
    with pytest.raises(ConfigError) as refused:
        Mapper([IssuerMapping(name="corp", profile=load_profile(profile), flags=flags)])

    assert problem in refused.value.problem


def test_texts_of_flags_are_texts(write_profile: Callable[..., Path]) -> None:
    """A list of texts holds nothing else."""
    path = write_profile(
        flags="{t: {type: text, description: x}, many: {type: texts, description: y}}",
        user="sub in flag(many) and kind == flag(t)",
    )
    profile = load_profile(path)

    Mapper([IssuerMapping(name="corp", profile=profile, flags={"t": "a", "many": ["b"]})])
    for flags in ({"t": ["a"]}, {"many": "a"}, {"many": [1]}):
        with pytest.raises(ConfigError, match="isn't of type text"):
            Mapper([IssuerMapping(name="corp", profile=profile, flags=flags)])
