"""The catalogue of real and forged tokens: outcome, principal and code, each as stated."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from policy_engine.errors import MappingError
from policy_engine.mapper import Mapper, load_profile
from policy_engine.model import CODES, Client, User, VerifiedToken
from tests.plugins.catalogue import VECTORS, Vector

EXPECTED_CODE: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "ACT_ACTOR": ("invalid_actor", "act_actor"),
        "ACT_DEPTH": ("invalid_actor", "act_depth"),
        "ACT_SUBJECT": ("invalid_actor", "act_subject"),
        "AGENT_USER": ("ambiguous_principal", "agent_user"),
        "CLAIM_TYPE": ("invalid_claim", "claim_type"),
        "CONFLICT": ("ambiguous_principal", "conflict"),
        "FOREIGN_MARKER": ("ambiguous_principal", "foreign_marker"),
        "ISS": ("unknown_issuer", "other_tenant"),
        "LOOKALIKE_SUBJECT": ("ambiguous_principal", "lookalike_subject"),
        "MIXED_GRANT_CLIENT": ("ambiguous_principal", "mixed_grant_client"),
        "SUB_FORM": ("invalid_claim", "sub_form"),
        "TOKEN_CLASS": ("invalid_token_type", "token_class"),
        "UNDETERMINED": ("ambiguous_principal", "undetermined"),
        "UNREGISTERED_CLIENT": ("unregistered_client", None),
    }
)

Outcome = tuple[str, str | None] | tuple[str, str, str | None]


def expected_outcome(vector: Vector) -> Outcome:
    """What the catalogue says of a token, in our words."""
    if vector["expected"] == "refuse":
        return EXPECTED_CODE[vector["expected_code"]]
    principal = vector["expected_principal"]
    actor = principal.get("actor")
    return (
        principal["type"],
        f"idp/{principal['local']}",
        None if actor is None else f"idp/{actor['local']}",
    )


def outcome(mapper: Mapper, token: VerifiedToken) -> Outcome:
    """What the mapper says of a token."""
    try:
        principal = mapper.map(token).principal
    except MappingError as error:
        return (error.code, error.detail)
    actor = principal.actor if isinstance(principal, User) else None
    return (principal.uid.type, principal.uid.id, None if actor is None else actor.uid.id)


def test_every_token_of_the_catalogue_maps_as_stated(
    vector: Vector, mapper_of: Callable[[Vector], Mapper], token_of: Callable[[Vector], VerifiedToken]
) -> None:
    """Principal, actor, code and detail are those that the catalogue states."""
    assert outcome(mapper_of(vector), token_of(vector)) == expected_outcome(vector)


def test_the_order_of_claims_changes_nothing(
    vector: Vector, mapper_of: Callable[[Vector], Mapper], token_of: Callable[[Vector], VerifiedToken]
) -> None:
    """A JSON object has no order (RFC 8259 section 4)."""
    token = token_of(vector)
    turned = VerifiedToken(
        issuer="idp", header=token.header, claims=dict(reversed(list(token.claims.items())))
    )

    assert outcome(mapper_of(vector), turned) == expected_outcome(vector)


def test_evidence_names_the_rules_that_spoke(
    vector: Vector, mapper_of: Callable[[Vector], Mapper], token_of: Callable[[Vector], VerifiedToken]
) -> None:
    """A principal is explained by both rules, and a refusal by at least one sentence."""
    try:
        principal = mapper_of(vector).map(token_of(vector)).principal
    except MappingError as error:
        assert error.evidence
        assert error.code in CODES
    else:
        kind, other = ("client", "user") if isinstance(principal, Client) else ("user", "client")
        lines = dict(line.split(": ", 1) for line in principal.evidence)
        assert lines[kind].endswith(" holds")
        assert lines[other] in {"does not hold", "this issuer has none"}


def test_every_rule_of_the_catalogues_profiles_has_a_token() -> None:
    """Whoever is told apart is so by a token, and half of all tokens are forged or not decidable."""
    outcomes = Counter((vector["profile"], vector["expected"]) for vector in VECTORS)
    profiles = [load_profile(name) for name in {vector["profile"] for vector in VECTORS}]
    unheard = {
        (profile.name, kind)
        for profile in profiles
        for kind, rule in (("machine", profile.client), ("human", profile.user))
        if rule is not None and not outcomes[profile.name, kind]
    }

    assert unheard == {("registry-only", "human"), ("toolhive", "machine")}
    assert sum(vector["expected"] == "refuse" for vector in VECTORS) == len(VECTORS) / 2


@pytest.mark.parametrize("code", sorted(set(EXPECTED_CODE.values())))
def test_every_expected_code_is_a_public_one(code: tuple[str, str]) -> None:
    """The table translates into codes that proxies know."""
    assert code[0] in CODES
