"""Tokens as a profile's issuer writes them, made from the profile's own examples.

For tests, and for `token mint` in development: what a policy author tries is what the mapper will see.
"""

from collections.abc import Iterable, Mapping, Sequence
from string import Template
from types import MappingProxyType
from typing import Any, Final

from policy_engine.errors import ConfigError
from policy_engine.mapper.decoders import DECODERS
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles.profile import Example, Profile

__all__ = [
    "ENCODE",
    "SAMPLE_APP",
    "SAMPLE_AUDIENCE",
    "SAMPLE_LIFETIME",
    "SAMPLE_NOW",
    "example_flags",
    "example_token",
    "fill",
    "sample_values",
]

ENCODE: Final = "$encode"
"""In an example: the name of a decoder, beside the fields of the string that stands there."""

SAMPLE_AUDIENCE: Final = "https://mcp.example.com"
"""The server of a token that is filled in for a trial, and below what else stands in it."""
SAMPLE_APP: Final = "example-app"
SAMPLE_NOW: Final = 1_790_000_000
SAMPLE_LIFETIME: Final = 600

_UNSET: Final = "example"
"""What stands where a flag isn't set: a token that the operator's own flags don't fit."""


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
    flags: Mapping[str, object] = MappingProxyType({}),
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
        flags: what the operator set, which some issuers' tokens repeat.

    Raises:
        ConfigError: the profile's issuer has no tokens of this kind, or none with these values.
    """
    example = profile.examples.get(kind)
    if example is None:
        raise ConfigError(
            f"profile `{profile.name}` has no tokens for a {kind}", remedy="take another profile"
        )
    source = profile.machine_id if kind == "client" else profile.user_id
    return fill(
        example,
        profile.flags,
        {
            "id": id if source is None else id.removeprefix(source.prefix),
            "client": id if kind == "client" else client,
            "issuer": issuer,
            "audience": audience,
            "now": now,
            "exp": now + lifetime,
            "jti": jti,
        },
        flags,
    )


def fill(
    example: Example, names: Iterable[str], values: Mapping[str, str | int], flags: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of an example with every placeholder filled in.

    Args:
        example: one of a profile's.
        names: of the profile's flags.
        values: by placeholder.
        flags: what the operator set; a list stands for its first member.

    Raises:
        ConfigError: fields can't be encoded with these values.
    """
    known = {**{name: _first(flags.get(name)) for name in names}, **values}
    return _filled(example.header, known), _filled(example.claims, known)


def sample_values(example: Example) -> dict[str, str | int]:
    """A value for every placeholder but the flags', for a trial."""
    return {
        "id": example.id,
        "client": SAMPLE_APP,
        "issuer": example.issuer,
        "audience": SAMPLE_AUDIENCE,
        "now": SAMPLE_NOW,
        "exp": SAMPLE_NOW + SAMPLE_LIFETIME,
        "jti": "example",
    }


def example_flags(example: Example, own_id: str) -> dict[str, object]:
    """The flags that an example names, with its id in place of `$id`: for rules that list subjects."""
    return {
        name: [own_id if one == "$id" else one for one in flag] if isinstance(flag, list | tuple) else flag
        for name, flag in example.flags.items()
    }


def _first(flag: object) -> str:
    match flag:
        case str(text):
            return text
        case [str(text), *_]:
            return text
        case _:
            return _UNSET


def _filled(template: Any, values: Mapping[str, str | int]) -> Any:  # noqa: ANN401 -- any JSON
    match template:
        case str() if template.removeprefix("$") in values and template.startswith("$"):
            return values[template.removeprefix("$")]  # alone, a number stays one
        case str():
            return Template(template).substitute(values)
        case Mapping() if ENCODE in template:
            fields = {
                name: str(_filled(member, values)) for name, member in template.items() if name != ENCODE
            }
            return _encoded(template[ENCODE], fields)
        case Mapping():
            return {name: _filled(member, values) for name, member in template.items()}
        case Sequence():
            return [_filled(member, values) for member in template]
        case _:
            return template


def _encoded(decoder: str, fields: Mapping[str, str]) -> str:
    try:
        return DECODERS[decoder].encode(fields)
    except ValueError as error:
        raise ConfigError(
            f"an example's fields can't be encoded by `{decoder}`: {error}", remedy="write others"
        ) from None
