"""Advice where somebody isn't listed: a machine, an application of people, a subject, a tenant."""

import difflib
from collections.abc import Iterator

from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.wording import as_yaml, listed, shown

__all__ = ["advise_on_listing", "advise_on_machine", "advise_on_tenant"]

_CLOSE = 0.8
_LISTED_APP = 'registered(client_id, "people")'


def advise_on_machine(refusal: Refusal) -> Iterator[Change]:
    """A machine that isn't listed as one."""
    client_id, issuer, clients = refusal.examined.client_id or "", refusal.issuer, refusal.settings.clients
    grant = "workload" if refusal.profile.machines_only else "client_credentials"
    if refusal.settings.registry is not None:
        yield refusal.nothing(f"register it: policy-engine clients add {shown(client_id)}")
        return
    if client_id in clients:
        grants = ", ".join([*clients[client_id].grants, grant])
        text = f"write `grants: [{grants}]`, if the machine has tokens of its own"
        yield refusal.change("issuers", issuer, "clients", client_id, "grants", text=text)
        return
    spelt = as_yaml(shown(client_id))
    text = f"list `{shown(client_id)}` there: write `{spelt}: {{grants: [{grant}]}}`"
    near = difflib.get_close_matches(client_id, clients, n=1, cutoff=_CLOSE)
    if near:
        text += f"; or is `{near[0]}` meant, which is listed?"
    warning = "list only what you know: it may then do what policies permit to any machine of this issuer"
    yield refusal.change("issuers", issuer, "clients", text=text, warning=warning)
    others = [
        name
        for name, other in refusal.bench.loaded.config.issuers.items()
        if name != issuer and client_id in other.clients
    ]
    if others:
        text = (
            f"`{shown(client_id)}` is listed at {listed(others)}: if that one is meant, get its token there"
        )
        yield refusal.nothing(text)


def advise_on_listing(refusal: Refusal) -> Iterator[Change]:
    """Evidence that the operator gives: subjects in flags, applications of people among clients."""
    profile, issuer, found = refusal.profile, refusal.issuer, refusal.examined
    if profile.listed is not None:
        for flag, whose in ((profile.listed.client, "a machine's"), (profile.listed.user, "a person's")):
            yield refusal.change(
                "issuers", issuer, "flags", text=f"list the token's subject under `{flag}`, if it is {whose}"
            )
    unlisted = [clause for clause in found.user if clause.text == _LISTED_APP and clause.holds is False]
    if unlisted and found.client_id is not None and found.client_id not in refusal.settings.clients:
        spelt = as_yaml(shown(found.client_id))
        yield refusal.change(
            "issuers",
            issuer,
            "clients",
            text=f"write `{spelt}: {{grants: [authorization_code]}}`, if this application serves people",
            warning="its tokens for others than itself are then people's, on your word",
        )


def advise_on_tenant(refusal: Refusal) -> Iterator[Change]:
    """A token of somebody else's tenant at a shared issuer."""
    tenant = refusal.profile.tenant
    if tenant is not None:
        yield refusal.change(
            "issuers",
            refusal.issuer,
            "flags",
            tenant.flag,
            text=f"write the tenant of {refusal.claim} there, if it is one of yours",
            warning="whoever rules that tenant then says who its people and machines are",
        )
