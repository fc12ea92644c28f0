"""A profile's own examples through its own rules, so that a file which contradicts itself isn't loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.issuer import BoundIssuer, IssuerMapping
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles import (
    SAMPLE_APP,
    SAMPLE_AUDIENCE,
    SAMPLE_LIFETIME,
    SAMPLE_NOW,
    Example,
    Profile,
    example_flags,
    example_token,
    fill,
    load_profile,
    sample_values,
)
from policy_engine.mapper.registry import KnownClient
from policy_engine.model import Client, VerifiedToken

__all__ = ["rehearse", "rehearsed_profile"]

_KINDS: Mapping[Kind, str] = {"client": "a machine", "user": "a person"}


def rehearsed_profile(path: Path) -> Profile:
    """Load an operator's own profile, and rehearse it.

    Raises:
        ConfigError: it can't be used, or an example isn't taken for what it stands for.
    """
    profile = load_profile(path)
    try:
        rehearse(profile)
    except ConfigError as error:
        raise ConfigError(
            error.problem, remedy=error.remedy, file=path, line=error.line, column=error.column
        ) from None
    return profile


def rehearse(profile: Profile) -> None:
    """Check that every example is taken for what it stands for.

    Each is tried with the flags that it names, its own id listed if it is a machine's, and the client of a
    person listed as an application of people.

    Raises:
        ConfigError: one is taken for something else; line and column are those of the example.
    """
    for kind, example in profile.examples.items():
        _rehearse(profile, kind, example)
    for index, trap in enumerate(profile.refused):
        header, claims = fill(trap.example, profile.flags, sample_values(trap.example), trap.example.flags)
        found = _outcome(_bound(profile, trap.example, {}), header, claims)
        if found != trap.because:
            raise _error(
                trap.example,
                f"`examples.refused` number {index + 1} isn't refused because of `{trap.because}`: {found}",
            )


def _rehearse(profile: Profile, kind: Kind, example: Example) -> None:
    source = profile.machine_id if kind == "client" else profile.user_id
    prefix = "" if source is None else source.prefix
    own_id = prefix + example.id.removeprefix(prefix)
    grant = "workload" if profile.machines_only else "client_credentials"
    listed = {own_id: KnownClient(grants=frozenset({grant}))} if kind == "client" else {}
    header, claims = example_token(
        profile,
        kind,
        id=own_id,
        client=SAMPLE_APP,
        issuer=example.issuer,
        audience=SAMPLE_AUDIENCE,
        now=SAMPLE_NOW,
        lifetime=SAMPLE_LIFETIME,
        jti="example",
        flags=example_flags(example, own_id),
    )
    if missing := sorted(set(profile.required) - claims.keys()):
        problem = f"`examples.{kind}` lacks `{missing[0]}`, which is required"
        raise _error(example, problem, "add it to the claims")
    found = _outcome(_bound(profile, example, listed), header, claims)
    if found != f"{_KINDS[kind]}: {own_id}":
        raise _error(
            example, f"`examples.{kind}` isn't taken for {_KINDS[kind]} with the id `{own_id}`: {found}"
        )


def _bound(profile: Profile, example: Example, listed: Mapping[str, KnownClient]) -> BoundIssuer:
    app = {SAMPLE_APP: KnownClient(grants=frozenset({"authorization_code"}))}
    return BoundIssuer(
        IssuerMapping(
            name="example",
            profile=profile,
            flags=example_flags(example, example.id),
            clients={**app, **listed},
        ),
        settled=None,
    )


def _outcome(issuer: BoundIssuer, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Whom a token speaks for, or the detail of its refusal."""
    try:
        principal = issuer.identify(VerifiedToken(issuer="example", header=header, claims=claims)).principal
    except MappingError as error:
        return error.detail or error.code
    if isinstance(principal, Client):
        return f"{_KINDS['client']}: {principal.client_id}"
    return f"{_KINDS['user']}: {principal.subject}"


def _error(example: Example, problem: str, remedy: str = "mend the rules, or the example") -> ConfigError:
    place = example.place
    line, column = (None, None) if place is None else (place.line, place.column)
    return ConfigError(problem, remedy=remedy, line=line, column=column)
