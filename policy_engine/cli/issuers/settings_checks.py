"""Checks of one issuer that need nobody's answer: its profile, its flags, its clients, its audiences."""

import time
from collections.abc import Iterator

from policy_engine.cli.inspection.wording import shown
from policy_engine.cli.issuers.check_lines import Line, Outcome
from policy_engine.cli.issuers.forms import fits, fits_but_for_slash
from policy_engine.cli.issuers.profile_page import kinds_of
from policy_engine.cli.issuers.trial import with_only
from policy_engine.config import (
    Audiences,
    LoadedConfig,
    issuer_mappings,
    issuer_profile,
    read_registry,
)
from policy_engine.errors import ConfigError
from policy_engine.mapper import IssuerMapping, Profile

__all__ = ["settings_lines"]


def settings_lines(loaded: LoadedConfig, name: str) -> Iterator[Line]:
    """Every line; where the profile can't be used, that alone is said."""
    try:
        profile = issuer_profile(loaded, name)
    except ConfigError as error:
        yield Line.of_error("profile", error)
        return
    yield Line(
        check="profile", outcome=Outcome.ok, text=f"{profile.name} ({profile.title}), {kinds_of(profile)}"
    )
    yield _form(loaded, name, profile)
    flags = _flags(loaded, name, profile)
    yield flags
    if flags.outcome is Outcome.failed:
        yield Line(check="clients", outcome=Outcome.skipped, text="not looked at before the flags are right")
    else:
        yield _clients(loaded, name, profile)
    yield _audiences(loaded, name, profile)


def _form(loaded: LoadedConfig, name: str, profile: Profile) -> Line:
    issuer = loaded.config.issuers[name].issuer
    forms = profile.issuer_forms
    if not forms:
        text = f"`{shown(issuer)}`; issuers of this profile have no common form"
        return Line(check="issuer", outcome=Outcome.ok, text=text)
    if fits(profile, issuer):
        return Line(check="issuer", outcome=Outcome.ok, text=f"`{shown(issuer)}` is of the profile's form")
    if (slash := fits_but_for_slash(profile, issuer)) is not None:
        remedy = "write it as its tokens have it for `iss`"
        return Line(
            check="issuer", outcome=Outcome.warning, text=f"`{shown(issuer)}`: {slash}", remedy=remedy
        )
    known = ", ".join(f"`{form.source}`" for form in forms)
    return Line(
        check="issuer",
        outcome=Outcome.warning,
        text=f"`{shown(issuer)}` isn't of the profile's form, which is {known}",
        remedy="see whether the profile is the right one, and the issuer what tokens have for `iss`",
    )


def _flags(loaded: LoadedConfig, name: str, profile: Profile) -> Line:
    given = loaded.config.issuers[name].flags
    try:
        _mapping(loaded, name, clients={}, client_prefixes={})
    except ConfigError as error:
        return Line.of_error("flags", error)
    unset = [each for each in profile.flags if each not in given]
    parts = [f"set: {', '.join(given)}" if given else "none is set"]
    parts += [f"not set: {', '.join(unset)}"] if unset and given else []
    return Line(check="flags", outcome=Outcome.ok, text="; ".join(parts) if profile.flags else "it has none")


def _clients(loaded: LoadedConfig, name: str, profile: Profile) -> Line:
    configured = loaded.config.issuers[name]
    if configured.registry is not None:
        return _registered(loaded, name)
    try:
        clients = _mapping(loaded, name).clients
    except ConfigError as error:
        return Line.of_error("clients", error)
    listed = [client for each in configured.clients if (client := clients.get(each)) is not None]
    machines = sum(client.is_machine for client in listed)
    by_flag = 0 if profile.listed is None else len(configured.flags.get(profile.listed.client, ()))
    counts = (
        (machines + by_flag, "machine", "machines"),
        (len(configured.client_prefixes), "prefix of machines", "prefixes of machines"),
        (sum(client.serves_people for client in listed), "application of people", "applications of people"),
        (sum(client.acts_for_users for client in listed), "that acts for people", "that act for people"),
    )
    parts = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    text = ", ".join(parts) or "none is listed"
    if profile.client is not None and not (machines or by_flag or configured.client_prefixes):
        text += "; no machine is admitted unlisted"
    return Line(check="clients", outcome=Outcome.ok, text=text)


def _registered(loaded: LoadedConfig, name: str) -> Line:
    try:
        registered = read_registry(loaded, name, time.time())
    except ConfigError as error:
        return Line.of_error("clients", error)
    count, disabled = len(registered.clients), len(registered.disabled)
    text = f"{count} registered {'machine' if count == 1 else 'machines'}, and {disabled} disabled"
    return Line(check="clients", outcome=Outcome.ok, text=text)


def _mapping(loaded: LoadedConfig, name: str, **changed: object) -> IssuerMapping:
    """What stage 2 makes of the issuer, with some settings changed.

    Raises:
        ConfigError: it can't be used.
    """
    (mapping,) = issuer_mappings(with_only(loaded, name, **changed))
    return mapping


def _audiences(loaded: LoadedConfig, name: str, profile: Profile) -> Line:
    """What its tokens must say of whom they are for, by server."""
    parts = []
    for server, configured in loaded.config.servers.items():
        expected = Audiences.of_server(configured, loaded.config.issuers)
        people, machines = expected.user[name], expected.client[name]
        kinds = [
            f"{word} {_some(audiences)}"
            for word, audiences, rule in (
                ("people", people, profile.user),
                ("machines", machines, profile.client),
            )
            if rule is not None
        ]
        parts.append(f"{server}: {_some(people) if people == machines else ', '.join(kinds)}")
    where = " or ".join(f"`{claim}`" for claim in profile.audience)
    return Line(check="audience", outcome=Outcome.ok, text=f"in {where}: {'; '.join(parts)}")


def _some(audiences: frozenset[str]) -> str:
    return " or ".join(shown(each) for each in sorted(audiences)) or "none"
