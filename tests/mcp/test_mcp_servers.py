"""servers: names that collide with nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mcp import Call, Catalogue, RequestBuilder, Server

Build = Callable[..., Call]
Make = Callable[..., dict[str, Any]]
Refusal = Callable[..., tuple[str, str | None]]


@pytest.mark.parametrize("name", ["", "GitHub", "a/b", "1a", "a" * 64, "a\n", "*"])
def test_a_server_has_a_name_that_collides_with_nothing(name: str) -> None:
    """No slash, above all."""
    with pytest.raises(ConfigError, match="can't name a server"):
        Server(name=name, resource="https://x.example")


def test_a_server_has_its_own_catalogue() -> None:
    """Another's tools would be called by other actions."""
    with pytest.raises(ConfigError, match="`a` has the catalogue of `b`"):
        Server(name="a", resource="https://x.example", catalogue=Catalogue.from_json("b", {"tools": []}))


def test_what_becomes_of_unpinned_tools_is_one_of_two_words() -> None:
    """A misspelling isn't taken for `allow`, nor for `deny`."""
    with pytest.raises(ConfigError, match="neither"):
        Server(name="a", resource="https://x.example", unpinned="maybe")  # type: ignore[arg-type]  # the misspelling


def test_what_becomes_of_changed_tools_is_one_of_two_words() -> None:
    """Likewise; `allow` is none of them, since whoever allows is told."""
    for word in ("allow", "Warn", ""):
        with pytest.raises(ConfigError, match="`changed` is neither"):
            Server(name="a", resource="https://x.example", changed=word)  # type: ignore[arg-type]  # the misspelling


def test_a_server_is_filed_under_its_own_name(servers: dict[str, Server]) -> None:
    """Or its tools would be asked for as another's."""
    with pytest.raises(ConfigError, match="filed under"):
        RequestBuilder({"gitlab": servers["github"]}, now=lambda: 0)
