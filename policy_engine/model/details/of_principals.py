"""Details of good tokens whose bearer is neither certainly a machine nor certainly a human."""

from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Detail, Details

__all__ = ["PRINCIPAL_DETAILS"]

PRINCIPAL_DETAILS: Final[Details] = MappingProxyType(
    {
        "ambiguous_principal": MappingProxyType(
            {
                "undetermined": Detail(
                    "nothing that the profile knows tells which kind it is",
                    "a person's RFC 9068 token without `auth_time`, `acr` and `amr`",
                ),
                "conflict": Detail(
                    "it is marked as both kinds, or half as one",
                    "`sub` equal to `client_id`, beside `auth_time`",
                ),
                "agent_user": Detail(
                    "the subject is an agent's user account, so no person took part",
                    '`{"xms_sub_fct": "9 13 3"}` of Entra',
                ),
                "foreign_marker": Detail(
                    "a claim that another product writes reads as the other kind",
                    '`{"idtyp": "app"}` in the token of a person of Okta',
                ),
                "lookalike_subject": Detail(
                    "the person's id is spelt as some issuer spells machines",
                    '`{"sub": "x@clients"}`, `{"sub": "service-account-x"}`',
                ),
                "subject_is_client": Detail(
                    "the person's id is that of a listed client",
                    '`{"sub": "robot"}`, where `robot` is listed',
                ),
                "mixed_grant_client": Detail(
                    "the client's grants don't go with this kind of token",
                    "a person's token whose `client_id` is listed with `client_credentials` alone",
                ),
            }
        ),
        "invalid_actor": MappingProxyType(
            {
                "act_form": Detail(
                    "`act` isn't as this issuer writes it",
                    '`{"act": "robot"}`, or any `act` of an issuer that writes none',
                ),
                "act_depth": Detail(
                    "`act` nests deeper than five", '`{"act": {"sub": "a", "act": {…}}}`, six deep'
                ),
                "act_subject": Detail(
                    "the token is a machine's, and somebody acts for it",
                    '`{"sub": "robot", "client_id": "robot", "act": {"sub": "alice"}}`',
                ),
                "act_actor": Detail(
                    "`act` doesn't name a listed machine other than the person",
                    '`{"sub": "alice", "act": {"sub": "bob"}}`',
                ),
            }
        ),
    }
)
