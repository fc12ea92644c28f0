"""Advice where stage 2 refused: evidence, listed machines, actors and configured claims."""

from collections.abc import Iterator
from types import MappingProxyType

from policy_engine.cli.inspection.advice.flag_advice import advise_on_flags
from policy_engine.cli.inspection.advice.listing_advice import advise_on_listing, advise_on_machine
from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.advice.token_advice import advise_on_claims
from policy_engine.cli.inspection.change import Change
from policy_engine.cli.inspection.wording import as_yaml, shown

__all__ = [
    "advise_on_act",
    "advise_on_actor",
    "advise_on_admission",
    "advise_on_configured_claims",
    "advise_on_evidence",
    "advise_on_ids",
    "advise_on_token_class",
]


_TAKEN_BACK = MappingProxyType(
    {
        "jti": "if it may count again: policy-engine token undeny --jti ID",
        "subject": "if its tokens may count again: policy-engine token undeny --subject ID",
        "client": "if it may have tokens again: policy-engine clients enable ID",
    }
)


def advise_on_token_class(refusal: Refusal) -> Iterator[Change]:
    """An ID token or an event is no access token, whoever signed it."""
    yield refusal.nothing(
        "send the access token: this one is of another class, though the same issuer signed it"
    )


def advise_on_ids(refusal: Refusal) -> Iterator[Change]:
    """The ids aren't where the profile says, or aren't ids."""
    yield refusal.nothing(
        f"profile `{refusal.profile.name}` says where ids are, and in what form: have the issuer write them "
        "so, or take the profile of the product that signed the token"
    )


def advise_on_evidence(refusal: Refusal) -> Iterator[Change]:
    """The evidence is missing, or contradicts itself."""
    if refusal.error.detail == "token_class":
        yield from advise_on_token_class(refusal)
        return
    yield from advise_on_flags(refusal)
    yield from advise_on_listing(refusal)
    if refusal.error.detail == "foreign_marker":
        text = f"have the issuer leave {refusal.claim} out: somebody added it, and it contradicts the rest"
    else:
        wants = " ".join(refusal.profile.documentation.operator.split())
        text = f"the issuer has to say what the token is; profile `{refusal.profile.name}` asks: {wants}"
    yield refusal.nothing(text)


def advise_on_admission(refusal: Refusal) -> Iterator[Change]:
    """A machine that isn't listed, or a person whose id is a machine's."""
    match refusal.error.code, refusal.error.detail:
        case "invalid_claim", _:
            yield from advise_on_claims(refusal)
        case "unregistered_client", _:
            yield from advise_on_machine(refusal)
        case "revoked_token", detail:
            yield refusal.nothing(_TAKEN_BACK[detail or ""])
        case _, "mixed_grant_client":
            client_id = refusal.examined.client_id or ""
            text = "it is listed with a grant of people: register another client for what it does for itself"
            yield refusal.change("issuers", refusal.issuer, "clients", client_id, "grants", text=text)
        case _, "subject_is_client":
            text = "a person has the id of a client that is listed here: rename one of the two at the issuer"
            yield refusal.change("issuers", refusal.issuer, "clients", text=text)
        case _:
            yield refusal.nothing("have the issuer give people ids that no machine could have")


def advise_on_act(refusal: Refusal) -> Iterator[Change]:
    """`act` isn't as this issuer writes it."""
    if refusal.profile.actor is None:
        text = (
            f"profile `{refusal.profile.name}` knows no `act`; list the application itself with "
            "`acts_for_users: true`, and have the issuer leave `act` out"
        )
        yield refusal.change("issuers", refusal.issuer, "clients", text=text)
    else:
        yield refusal.nothing("have the issuer write `act` as RFC 8693 section 4.1 says")


def advise_on_actor(refusal: Refusal) -> Iterator[Change]:
    """Whoever `act` names may not act."""
    actor, issuer = refusal.examined.actor_id, refusal.issuer
    if refusal.error.detail == "mixed_grant_client":
        client_id = refusal.examined.client_id or ""
        text = "it is listed as a machine, and the token is a person's: register another client for people"
        yield refusal.change("issuers", issuer, "clients", client_id, "grants", text=text)
        return
    if actor is None or refusal.error.detail != "act_actor":
        yield refusal.nothing("nobody acts for a machine: have it get a token of its own")
        return
    known = refusal.bench.mappings[issuer].clients.get(actor)
    warning = "it may then act for every person of this issuer, where a policy is `@delegable`"
    if known is None:
        text = f"list `{shown(actor)}` there: write `{as_yaml(shown(actor))}: {{grants: [token-exchange]}}`"
        yield refusal.change("issuers", issuer, "clients", text=text, warning=warning)
    elif known.may_act:
        yield refusal.nothing("nobody acts for themselves: `act` has to name another than the subject")
    else:
        text = "write `acts_for_users: true`, if this application is an agent"
        yield refusal.change("issuers", issuer, "clients", actor, text=text, warning=warning)


def advise_on_configured_claims(refusal: Refusal) -> Iterator[Change]:
    """A claim that the configuration names holds something else, or was left out for want of room."""
    if refusal.error.detail == "groups_overage":
        text = "have the issuer write only the groups that are assigned here, or name a claim that is short"
    else:
        text = f"name another claim than {refusal.claim}, or have the issuer write what is read there"
    yield refusal.change("issuers", refusal.issuer, "claims", text=text)
