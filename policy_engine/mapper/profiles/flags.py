"""What an operator set of a profile's flags, checked against what the profile declares."""

from collections.abc import Mapping

from policy_engine.errors import ConfigError
from policy_engine.mapper.language import FlagType, FlagValue
from policy_engine.mapper.profiles.profile import Profile

__all__ = ["check_flags"]

_UNSET: Mapping[FlagType, FlagValue] = {FlagType.BOOLEAN: False, FlagType.TEXT: None, FlagType.TEXTS: ()}


def check_flags(profile: Profile, flags: Mapping[str, object], *, of: str) -> dict[str, FlagValue]:
    """A value for every flag of the profile.

    Args:
        profile: what declares the flags.
        flags: what the operator wrote: booleans, texts and lists of texts.
        of: who sets them, for errors.

    Raises:
        ConfigError: a flag is unknown or missing, its value isn't of its type, or it names no tenant.
    """
    for name in flags:
        if name not in profile.flags:
            known = ", ".join(profile.flags) or "it has none"
            raise ConfigError(
                f"{of} sets `{name}`, which profile `{profile.name}` doesn't have",
                remedy=f"its flags: {known}",
            )
    for name, flag in profile.flags.items():
        if flag.required and name not in flags:
            raise ConfigError(
                f"{of} doesn't set `{name}`, which profile `{profile.name}` needs",
                remedy=f"set it: {flag.description}",
            )
    values = {
        name: _value(flag.type, flags[name], f"flag `{name}` of {of}") if name in flags else _UNSET[flag.type]
        for name, flag in profile.flags.items()
    }
    for tenant in (profile.trust_domain, None if profile.tenant is None else profile.tenant.flag):
        if tenant is not None and tenant in flags and (not values[tenant] or "" in _texts(values[tenant])):
            raise ConfigError(
                f"flag `{tenant}` of {of} is there and names nobody",
                remedy="name your own: to leave it empty lets in everybody's, or nobody's",
            )
    return values


def _texts(value: FlagValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


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
