"""What to say of each check that fails."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.cli.inspection.advice.audience_advice import (
    advise_on_audience,
    advise_on_audience_of_kind,
)
from policy_engine.cli.inspection.advice.introspection_advice import advise_on_introspection
from policy_engine.cli.inspection.advice.listing_advice import advise_on_tenant
from policy_engine.cli.inspection.advice.mapping_advice import (
    advise_on_act,
    advise_on_actor,
    advise_on_admission,
    advise_on_configured_claims,
    advise_on_evidence,
    advise_on_ids,
    advise_on_token_class,
)
from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.advice.token_advice import (
    advise_on_algorithm,
    advise_on_claims,
    advise_on_form,
    advise_on_issuer,
    advise_on_keys,
    advise_on_signature,
    advise_on_times,
    advise_on_type,
)
from policy_engine.cli.inspection.change import Change

__all__ = ["ADVICE", "advise"]

ADVICE: Mapping[str, Callable[[Refusal], Iterator[Change]]] = MappingProxyType(
    {
        "form": advise_on_form,
        "issuer": advise_on_issuer,
        "introspection": advise_on_introspection,
        "algorithm": advise_on_algorithm,
        "keys": advise_on_keys,
        "signature": advise_on_signature,
        "type": advise_on_type,
        "required_claims": advise_on_claims,
        "claim_types": advise_on_claims,
        "audience": advise_on_audience,
        "times": advise_on_times,
        "access_token": advise_on_token_class,
        "tenant": advise_on_tenant,
        "ids": advise_on_ids,
        "rule_claims": advise_on_claims,
        "act": advise_on_act,
        "refusals": advise_on_evidence,
        "marks": advise_on_evidence,
        "kind": advise_on_evidence,
        "contradictions": advise_on_evidence,
        "admission": advise_on_admission,
        "actor": advise_on_actor,
        "configured_claims": advise_on_configured_claims,
        "token_facts": advise_on_claims,
        "audience_of_kind": advise_on_audience_of_kind,
    }
)
"""A row for each check that can fail."""


def advise(refusal: Refusal) -> Iterator[Change]:
    """What to change, and where; at least one sentence, if only that nothing here would help."""
    return ADVICE[refusal.check](refusal)
