"""`iss` is compared again once it is signed."""

from typing import Any

import pytest

from policy_engine.errors import TokenError
from policy_engine.tokens.issuers import IssuerIndex


def test_the_signed_claims_must_name_the_issuer_that_proved_them(corp: Any) -> None:
    """A parser that read two payloads out of one token would be caught here."""
    ours, other = (corp.issuer(name=name, url=f"https://{name}.example") for name in ("corp", "partner"))
    index = IssuerIndex([ours, other])
    index.confirm({"iss": "https://corp.example"}, ours)

    for claims in ({"iss": "https://partner.example"}, {"iss": "https://other.example"}, {}):
        with pytest.raises(TokenError, match="unknown_issuer"):
            index.confirm(claims, ours)
