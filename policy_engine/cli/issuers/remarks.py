"""What an operator is told of an entry that was added: what it means, what can't work, what is left to do."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from policy_engine.cli.inspection.wording import listed
from policy_engine.cli.issuers.forms import fits, fits_but_for_slash
from policy_engine.cli.issuers.trial import Trial
from policy_engine.cli.issuers.wanted import Wanted
from policy_engine.mapper import KnownClient, Profile
from policy_engine.tokens import parse_url

__all__ = ["remarks"]

_ALIASES: Final[Mapping[str, frozenset[str]]] = {
    "login.microsoftonline.com": frozenset({"common", "organizations", "consumers"})
}
"""First parts of paths, by host, that stand for every tenant, and in no token."""


def remarks(
    wanted: Wanted, profile: Profile, entry: Mapping[str, Any], trial: Trial
) -> Iterator[tuple[str, str]]:
    """Labels and texts."""
    yield "keys", trial.keys or "not asked for yet"
    if "uri" in entry.get("keys", ()) and wanted.keys_uri is None:
        text = "its metadata name another host for its keys; written out under `keys`, it is trusted"
        yield "beware", text
    yield from (("beware", text) for text in _doubts(wanted, profile, entry))
    flag = None if profile.listed is None else profile.listed.client
    if profile.client is not None and not wanted.client and flag not in entry.get("flags", ()):
        where = "`clients` or `client_prefixes`" if profile.machines_only else "`clients`"
        yield "machines", f"none is listed, so none is admitted: list them under {where}"
    yield "operator", profile.documentation.operator


def _doubts(wanted: Wanted, profile: Profile, entry: Mapping[str, Any]) -> Iterator[str]:
    """What loads, and still matches no token."""
    if (alias := _alias(wanted.issuer)) is not None:
        yield f"`/{alias}/` stands for every tenant, and tokens name their own: write the tenant's id"
    elif profile.issuer_forms and not fits(profile, wanted.issuer):
        yield _other_form(profile, wanted.issuer)
    prefix = "" if profile.machine_id is None else profile.machine_id.prefix
    strange = [
        client_id
        for client_id, client in entry.get("clients", {}).items()
        if KnownClient(grants=frozenset(client["grants"])).is_machine and not client_id.startswith(prefix)
    ]
    if strange:
        yield f"ids of this profile's machines begin with `{prefix}`, so none is {listed(strange, 'or')}"


def _alias(issuer: str) -> str | None:
    url = parse_url(issuer)
    first = None if url is None else url.path.removeprefix("/").partition("/")[0].lower()
    return first if url is not None and first in _ALIASES.get(url.host, ()) else None


def _other_form(profile: Profile, issuer: str) -> str:
    forms = " or ".join(f"`{form.source}`" for form in profile.issuer_forms)
    of_forms = f"the issuer isn't of the profile's form, which is {forms}"
    return fits_but_for_slash(profile, issuer) or of_forms
