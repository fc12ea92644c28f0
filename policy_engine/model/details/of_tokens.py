"""Details of tokens that don't open this server, and of keys that can't be had."""

from types import MappingProxyType
from typing import Final

from policy_engine.model.details.detail import Detail, Details
from policy_engine.model.details.of_json import JSON_DETAILS

__all__ = ["TOKEN_DETAILS"]

TOKEN_DETAILS: Final[Details] = MappingProxyType(
    {
        "malformed_token": MappingProxyType(
            {
                "too_long": Detail("it is longer than 16 KiB", "a token with ten thousand groups"),
                "not_ascii": Detail(
                    "it has a character that isn't ASCII", "`eyJhbGc…` with a dash of a word processor"
                ),
                "not_compact": Detail(
                    "it doesn't have three parts",
                    "an opaque token, such as `2YotnFZFEjr1zCsicMWpAA`, where no issuer is asked about such",
                ),
                "not_base64url": Detail(
                    "a part isn't base64url in its one spelling", "a part that ends in the padding `=`"
                ),
                "header_form": Detail(
                    "the header isn't an object, or its `alg` or `kid` isn't text",
                    '`{"alg": "ES256", "kid": 7}`',
                ),
                "payload_form": Detail("the payload isn't an object", '`["alice"]`'),
                "critical_header": Detail(
                    "the header extends the format", '`{"alg": "ES256", "crit": ["exp"], "exp": 1790000000}`'
                ),
                "embedded_key": Detail(
                    "the header brings a key, or says where one is",
                    '`{"alg": "ES256", "jku": "https://evil.example/jwks"}`',
                ),
                **JSON_DETAILS,
            }
        ),
        "invalid_signature": MappingProxyType(
            {
                "unknown_key": Detail(
                    "no key of the issuer fits `kid` and `alg`", "`kid` is that of a key that was withdrawn"
                ),
                "wrong_signature": Detail(
                    "the key that fits didn't make the signature", "one letter of the payload was changed"
                ),
            }
        ),
        "unknown_issuer": MappingProxyType(
            {
                "other_tenant": Detail(
                    "the tenant isn't the operator's, at an issuer whose tenants share one `iss`",
                    '`{"tenant": "idcs-other"}` of Oracle, where `idcs-acme` is configured',
                ),
            }
        ),
        "invalid_token_type": MappingProxyType(
            {
                "typ": Detail(
                    "the header's `typ` isn't one that the profile allows",
                    '`{"alg": "ES256", "typ": "vc+jwt"}`',
                ),
                "token_class": Detail(
                    "it is marked as an ID token, an event or an assertion", "`nonce` beside a `typ` of `JWT`"
                ),
            }
        ),
        "invalid_claim": MappingProxyType(
            {
                "missing_claim": Detail(
                    "a claim isn't there that the profile requires", "no `exp`, or no `client_id`"
                ),
                "claim_type": Detail(
                    "a claim is null or of the wrong type", '`{"exp": "1790000000"}`, `{"groups": [1]}`'
                ),
                "sub_form": Detail(
                    "an id isn't 1 to 255 printable ASCII characters, or not of the issuer's form",
                    '`{"sub": " alice"}`',
                ),
                "groups_overage": Detail(
                    "the issuer left a configured claim out for want of room",
                    '`{"_claim_names": {"groups": "src1"}}`',
                ),
                "lifetime_too_long": Detail(
                    "`exp` is further away than this issuer's tokens may last",
                    "`exp` a year after `iat`",
                ),
            }
        ),
        "invalid_audience": MappingProxyType(
            {
                "audience_form": Detail("`aud` is neither a string nor a list of strings", '`{"aud": []}`'),
                "missing_audience": Detail(
                    "there is no `aud`", "a token that was asked for without `resource`"
                ),
                "multiple_audiences": Detail(
                    "`aud` names several, which the profile doesn't allow",
                    '`{"aud": ["https://mcp.example.com/github", "https://x.example"]}`',
                ),
            }
        ),
        "revoked_token": MappingProxyType(
            {
                "jti": Detail(
                    "its id is denied", "`policy-engine token deny --jti 6a1c…`, after it was seen in a log"
                ),
                "subject": Detail(
                    "the tokens of its machine are denied", "`policy-engine token deny --subject ci-bot`"
                ),
                "client": Detail("its machine is disabled", "`policy-engine clients disable ci-bot`"),
            }
        ),
        "introspection_unavailable": MappingProxyType(
            {
                "no_credentials": Detail(
                    "the issuer wasn't to be asked", "`policy-engine token inspect --unverified`"
                ),
                "busy": Detail(
                    "too many tokens are being asked about, or another request about this one takes too long",
                    "somebody sends random tokens",
                ),
                "fetch_failed": Detail(
                    "nobody answered in five seconds, or the answer was too large or compressed",
                    "a firewall between here and the issuer",
                ),
                "http_status": Detail(
                    "the answer wasn't 200; 401 says that our own credentials are refused",
                    "`401 Unauthorized` after the client's secret was changed",
                ),
                "not_json": Detail("the answer isn't a JSON object", "a page that asks for a password"),
                "issuer_mismatch": Detail(
                    "the metadata is another issuer's",
                    '`{"issuer": "https://login.example.com/"}`, asked of `https://login.example.com`',
                ),
                "no_endpoint": Detail(
                    "the metadata names no introspection endpoint", "an issuer whose tokens are all signed"
                ),
                "untrusted_endpoint": Detail(
                    "the metadata's `introspection_endpoint` isn't on the issuer's own host",
                    '`{"introspection_endpoint": "https://x.example.net/"}` at `https://login.example.com`',
                ),
            }
        ),
        "keys_unavailable": MappingProxyType(
            {
                "fetch_under_way": Detail(
                    "no keys are known yet, and four callers are fetching them: try again in a moment",
                    "the first seconds after a start",
                ),
                "fetch_failed": Detail(
                    "nobody answered in five seconds, or the answer was too large or compressed",
                    "a firewall between here and the issuer",
                ),
                "http_status": Detail(
                    "the answer wasn't 200; redirects aren't followed",
                    "`302 Found`, `503 Service Unavailable`",
                ),
                "not_json": Detail("the answer isn't a JSON object", "a page that asks for a password"),
                "not_a_key_set": Detail("the answer isn't a JWK Set", '`{"error": "not found"}`'),
                "issuer_mismatch": Detail(
                    "the metadata is another issuer's",
                    '`{"issuer": "https://login.example.com/"}`, asked of `https://login.example.com`',
                ),
                "untrusted_jwks_uri": Detail(
                    "the metadata's `jwks_uri` isn't on the issuer's own host",
                    '`{"jwks_uri": "https://keys.example.net/jwks"}` at `https://login.example.com`',
                ),
                "no_keys": Detail(
                    "keys weren't to be asked for", "`policy-engine token inspect --unverified`"
                ),
            }
        ),
    }
)
