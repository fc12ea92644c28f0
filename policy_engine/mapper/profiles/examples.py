"""Tokens as a profile's issuer writes them, made from the profile's own examples.

For tests, and for `token mint` in development: what a policy author tries is what the mapper will see.
"""

from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles.profile import Profile

__all__ = ["example_token"]


def example_token(
    profile: Profile,
    kind: Kind,
    *,
    id: str,  # noqa: A002 -- the word of the placeholder it fills
    client: str,
    issuer: str,
    audience: str,
    now: int,
    lifetime: int,
    jti: str,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header, without `alg` and `kid`, and the claims of a token.

    Args:
        profile: whose example it is.
        kind: `client` or `user`.
        id: the client's id, or the person's; the token maps to exactly this one.
        client: the client that obtained a person's token; a machine's is its own.
        issuer: the issuer's URL.
        audience: the server's URI.
        now: seconds since the epoch.
        lifetime: seconds.
        jti: a unique id for the token.

    Raises:
        ConfigError: the profile's issuer has no tokens of this kind.
    """
    example = profile.examples.get(kind)
    if example is None:
        raise ConfigError(
            f"profile `{profile.name}` has no tokens for a {kind}", remedy="take another profile"
        )
    values: dict[str, str | int] = {
        "id": id,
        "client": id if kind == "client" else client,
        "issuer": issuer,
        "audience": audience,
        "now": now,
        "exp": now + lifetime,
        "jti": jti,
    }
    return _filled(example.header, values), _filled(example.claims, values)


def _filled(template: Any, values: Mapping[str, str | int]) -> Any:  # noqa: ANN401 -- any JSON
    match template:
        case str() if template.removeprefix("$") in values and template.startswith("$"):
            return values[template.removeprefix("$")]  # alone, a number stays one
        case str():
            return Template(template).substitute(values)
        case Mapping():
            return {name: _filled(member, values) for name, member in template.items()}
        case Sequence():
            return [_filled(member, values) for member in template]
        case _:
            return template
