"""A call as it is typed: with a token that is minted, or for somebody who is named."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from policy_engine.cli.asker import Asker
from policy_engine.config import LoadedConfig, listed_client
from policy_engine.engine import decided
from policy_engine.errors import ConfigError
from policy_engine.harness import World
from policy_engine.model import Client, Identity, User
from policy_engine.review.witness import Bearer, Call

__all__ = ["Command", "command_of"]

_DEFAULT = Path("policy-engine.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line for a shell.

    Attributes:
        text: the line, as POSIX shells read it; of printable ASCII alone.
        by: whether it mints a token, or names who asks.
    """

    text: str
    by: Literal["token", "name"]


def command_of(loaded: LoadedConfig, world: World, call: Call, config: Path = _DEFAULT) -> Command | None:
    """The command that shows a call, if there is one.

    A development configuration mints the token and evaluates it; elsewhere nobody signs for an issuer, so the
    caller is named. What a command can't say is left to a scenario: a time, headers, claims of other kinds.

    Args:
        loaded: the configuration that the call is of.
        world: the same, with keys of the test's own; its clock is set.
        call: the call.
        config: the configuration's path, as it is to be typed.
    """
    if call.message is None or call.http is not None or not call.timely:
        return None
    common = [*_message(call.message), *_place(loaded, call, config)]
    minted = _minted(loaded, call, config)
    if minted is not None:
        evaluate = _line("evaluate", [("--token", "-"), *common])
        return _printable(f"{minted} | {evaluate}", "token")
    asker = _asker(world.loaded, call)
    if asker is None or not _decides_alike(world, call, asker):
        return None
    return _printable(_line("explain", [*_named(asker), *common]), "name")


def _printable(text: str, by: Literal["token", "name"]) -> Command | None:
    return Command(text=text, by=by) if text.isascii() and text.isprintable() else None


def _line(command: str, options: Iterable[tuple[str, str]]) -> str:
    words = ["policy-engine", *command.split()]
    for name, value in options:
        # A value that begins with a dash would be read as another option.
        words += [f"{name}={value}"] if value.startswith("-") and value != "-" else [name, value]
    return shlex.join(words)


def _message(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    params = message.get("params")
    if message.get("method") == "tools/call" and isinstance(params, Mapping):
        name = params.get("name")
        if params.keys() == {"name", "arguments"} and isinstance(name, str) and _is_plain(name):
            return [("--tool", name), ("--args", json.dumps(params["arguments"]))]
    return [("--message", json.dumps(dict(message)))]


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and text != ""


def _place(loaded: LoadedConfig, call: Call, config: Path) -> list[tuple[str, str]]:
    options = [("--server", call.server)] if len(loaded.config.servers) > 1 else []
    return options if config == _DEFAULT else [*options, ("--config", str(config))]


def _minted(loaded: LoadedConfig, call: Call, config: Path) -> str | None:
    """The command that mints the token; None where it can't be minted, or not be said."""
    bearer = call.bearer
    if bearer is None or bearer.header or not _signs(loaded, bearer):
        return None
    if any(value is None or "=" in name for name, value in bearer.claims.items()):
        return None
    options = [("--client" if bearer.kind == "client" else "--user", bearer.id), ("--issuer", bearer.issuer)]
    if bearer.through is not None:
        options.append(("--through", bearer.through))
    if bearer.scope is not None:
        options.append(("--scope", bearer.scope))
    options += [("--claim", f"{name}={json.dumps(value)}") for name, value in bearer.claims.items()]
    return _line("token mint", [*options, *_place(loaded, call, config)])


def _signs(loaded: LoadedConfig, bearer: Bearer) -> bool:
    """Whether the issuer's development key is at hand."""
    return loaded.config.development and loaded.config.issuers[bearer.issuer].development_key is not None


def _asker(loaded: LoadedConfig, call: Call) -> Asker | None:
    """Who asks, as `explain` takes it; None where it can't."""
    principal = call.principal
    scopes = " ".join(call.token.scopes)
    attributes = [*_pairs(principal.typed_attributes)]
    tags = [*_pairs(principal.attributes)]
    if isinstance(principal, User):
        through = None if principal.actor is None else principal.actor.client_id
        return Asker(
            user=f"{principal.issuer}/{principal.subject}",
            through=through,
            groups=tuple(sorted(principal.groups)),
            roles=tuple(sorted(principal.roles)),
            email=principal.email,
            tags=tuple(tags),
            attributes=tuple(attributes),
            scopes=scopes,
        )
    if principal.issuer not in loaded.config.issuers:
        return None
    listed = listed_client(loaded, principal.issuer, principal.client_id)
    if listed is None:
        return None
    own = {name for name, _ in _named_pairs(listed.attributes)}
    return Asker(
        client=f"{principal.issuer}/{principal.client_id}",
        groups=tuple(sorted(principal.groups - frozenset(listed.groups))),
        roles=tuple(sorted(principal.roles - frozenset(listed.roles))),
        tags=tuple(tag for tag in tags if tag.partition("=")[0] not in own),
        attributes=tuple(each for each in attributes if each.partition("=")[0] not in own),
        scopes=scopes,
    )


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name}={value}" for name, value in _named_pairs(values))


def _named_pairs(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            yield name, str(each).lower() if isinstance(each, bool) else str(each)


def _named(asker: Asker) -> Iterator[tuple[str, str]]:
    for option, value in (
        ("--user", asker.user),
        ("--client", asker.client),
        ("--through", asker.through),
        ("--email", asker.email),
        ("--scope", asker.scopes or None),
    ):
        if value is not None:
            yield option, value
    for option, values in (
        ("--group", asker.groups),
        ("--role", asker.roles),
        ("--tag", asker.tags),
        ("--attribute", asker.attributes),
    ):
        yield from ((option, value) for value in values)


def _decides_alike(world: World, call: Call, asker: Asker) -> bool:
    """Whether what can be said of somebody is enough for the same to come of the call."""
    try:
        principal, facts = asker.read(world.loaded)
    except ConfigError:
        return False
    world.clock.set(call.at)
    who = Identity(principal=principal, token=facts)
    decision, _ = decided(world.engine.stages, who, call.message, call.server, at=call.at)
    same_kind = isinstance(principal, Client) is isinstance(call.principal, Client)
    return same_kind and decision.allowed is call.decision.allowed
