"""The section `reload`: what can be written there, and what is said of the rest."""

from typing import Any

import pytest

from policy_engine.config import LoadedConfig, config_from_values
from policy_engine.errors import ConfigError


def loaded(**reload: Any) -> LoadedConfig:
    """A configuration with such a section."""
    issuer = {"issuer": "https://login.example.com", "profile": "rfc9068", "keys": {"jwks": {"keys": []}}}
    return config_from_values(
        {
            "version": 1,
            "servers": {"github": {"resource": "https://mcp.example.com"}},
            "issuers": {"corp": issuer},
            "policies": ["policies/"],
            "reload": reload,
        }
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({}, (False, 2.0, True, ())),
        ({"watch": True, "every": 1, "scenarios": False, "review": False}, (True, 1.0, False, ())),
        ({"review": ["separation", "never"]}, (False, 2.0, True, ("separation", "never"))),
        ({"review": "separation"}, (False, 2.0, True, ("separation",))),
    ],
    ids=["nothing", "all of it", "questions", "one question"],
)
def test_what_is_written_is_meant(written: dict[str, Any], meant: tuple[Any, ...]) -> None:
    """Nothing is watched unless that is written, and scenarios count unless that is."""
    found = loaded(**written).config.reload

    assert (found.watch, found.every, found.scenarios, found.review) == meant


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({"review": True}, "`reload.review`: should be false, or questions of the review"),
        ({"review": ["diff"]}, "`reload.review.0`: "),
        ({"every": 0}, "`reload.every`: "),
        ({"watched": True}, "unknown key `reload.watched` (did you mean `watch`?)"),
    ],
    ids=["true", "a question that needs more", "no pause", "a misspelling"],
)
def test_what_means_nothing_is_refused(written: dict[str, Any], problem: str) -> None:
    """What isn't known, or can't be, is an error with its place."""
    with pytest.raises(ConfigError) as caught:
        loaded(**written)

    assert problem in str(caught.value)
