"""What an operator set of a profile's flags, checked against what the profile declares."""

from collections.abc import Mapping

from policy_engine.errors import ConfigError
from policy_engine.mapper.language import FlagType, FlagValue
from policy_engine.mapper.profiles.profile import Profile

__all__ = ["check_flags"]

_UNSET: Mapping[FlagType, FlagValue] = {FlagType.BOOLEAN: False, FlagType.TEXT: None, FlagType.TEXTS: ()}


def check_flags(profile: Profile, flags: Mapping[str, object], *, issuer: str) -> dict[str, FlagValue]:
    """A value for every flag of the profile.

    Args:
        profile: what declares the flags.
        flags: what the operator wrote: booleans, texts and lists of texts.
        issuer: the configured name of the issuer, for errors.

    Raises:
        ConfigError: a flag is unknown, or its value isn't of its type.
    """
    for name in flags:
        if name not in profile.flags:
            known = ", ".join(profile.flags) or "it has none"
            raise ConfigError(
                f"issuer `{issuer}` sets `{name}`, which profile `{profile.name}` doesn't have",
                remedy=f"its flags: {known}",
            )
    return {
        name: _value(flag.type, flags[name], f"flag `{name}` of issuer `{issuer}`")
        if name in flags
        else _UNSET[flag.type]
        for name, flag in profile.flags.items()
    }


def _value(flag: FlagType, value: object, what: str) -> FlagValue:
    match flag, value:
        case FlagType.BOOLEAN, bool(switch):
            return switch
        case FlagType.TEXT, str(text):
            return text
        case FlagType.TEXTS, list() | tuple() if all(isinstance(text, str) for text in value):
            return tuple(map(str, value))
        case _:
            raise ConfigError(f"{what} isn't of type {flag}", remedy="write a value of that type")
