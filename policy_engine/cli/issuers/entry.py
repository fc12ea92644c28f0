"""What an operator typed, as an entry of the configuration."""

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.mapper import Profile

__all__ = ["command", "missing_flags", "read_clients", "read_flags", "written_path"]

Flags = dict[str, bool | str | list[str]]


def read_flags(profile: Profile, given: Iterable[str]) -> Flags:
    """Flags, each with the type that the profile gives it.

    Raises:
        ConfigError: the profile has no such flag, or it is of another type.
    """
    flags: Flags = {}
    for text in given:
        name, has_value, value = text.partition("=")
        if name not in profile.flags:
            known = ", ".join(profile.flags) or "it has none"
            raise ConfigError(f"profile `{profile.name}` has no flag `{name}`", remedy=f"its flags: {known}")
        kind = profile.flags[name].type.value
        if kind == "texts" and value:
            listed = flags.setdefault(name, [])
            assert isinstance(listed, list)  # noqa: S101 -- tells mypy what the type of the flag says
            listed.append(value)
        elif name in flags:
            raise ConfigError(f"--flag {name} is given twice", remedy="give it once")
        elif kind == "boolean" and (value in {"true", "false"} or not has_value):
            flags[name] = value != "false"
        elif kind == "text" and value:
            flags[name] = value
        else:
            form = "true" if kind == "boolean" else "TEXT"
            raise ConfigError(f"flag `{name}` is of type {kind}", remedy=f"write --flag {name}={form}")
    return flags


def missing_flags(profile: Profile, flags: Mapping[str, object]) -> list[str]:
    """Flags that the profile can't do without, as they would be typed."""
    forms = {"boolean": "true"}
    return [
        f"{name}={forms.get(flag.type.value, name.upper())}"
        for name, flag in profile.flags.items()
        if flag.required and name not in flags
    ]


def read_clients(given: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Clients with their grants: `ci-bot=client_credentials`, `portal=authorization_code,refresh_token`.

    Raises:
        ConfigError: one isn't written like that.
    """
    clients: dict[str, dict[str, list[str]]] = {}
    for text in given:
        client_id, _, grants = text.rpartition("=")  # ids may hold `=`, grants don't
        if not client_id or not all(names := grants.split(",")):
            raise ConfigError(
                "--client isn't ID=GRANT", remedy="for example: --client ci-bot=client_credentials"
            )
        listed = clients.setdefault(client_id, {"grants": []})["grants"]
        listed += [name for name in names if name not in listed]
    return clients


def written_path(path: Path, config: Path) -> str:
    """A path as the configuration has it: from its own folder, if it lies in there."""
    folder, absolute = config.resolve().parent, path.parent.resolve() / path.name  # a link stays one
    return (absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute).as_posix()


def command(*words: str, **options: Any) -> str:  # noqa: ANN401 -- what typer read
    """A command line as it would be typed; options that are unset or off are left out."""
    line = list(words)
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            line.append(option)
        elif isinstance(value, list):
            line += [part for each in value for part in (option, each)]
        elif value not in {None, False}:
            line += [option, str(value)]
    return shlex.join(line)
