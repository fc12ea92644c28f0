"""What leads to each code of a token: one that is really signed, wherever that can be."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from policy_engine.errors import MappingError, TokenError
from policy_engine.mapper import IssuerMapping, Mapper, load_profile
from policy_engine.model import VerifiedToken
from policy_engine.tokens import HttpFetcher, Issuer, StaticKeys, TokenRules, Verifier, drive
from tests.plugins.provoking import ENTRA, ORACLE, Provocation, Room, handmade
from tests.plugins.raised_codes import Pair

__all__ = ["BY_TOKENS"]

HEAD = {"alg": "ES256", "typ": "at+jwt"}


def without(claims: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Claims, less some of them."""
    return {name: value for name, value in claims.items() if name not in names}


def person(world: Any, *left_out: str, **claims: Any) -> str:
    """A person's token that lacks some claims."""
    return str(world.token("corp", without(world.human_claims() | claims, *left_out)))


def robot(world: Any, **claims: Any) -> str:
    """A machine's token of `corp`, for the listed `robot` unless claims say otherwise."""
    return person(world, "auth_time", **{"sub": "robot", "client_id": "robot", **claims})


def unsigned(world: Any, /, **header: Any) -> str:
    """A token whose header says more than it may."""
    return handmade({**HEAD, **header}, world.human_claims())


def payload(text: bytes) -> Callable[[Any], str]:
    """A token that is signed, and whose payload isn't what payloads are."""
    return lambda world: world.token("corp", text)


def agent_user(world: Any) -> str:
    """What Entra writes of an agent's user account."""
    claims = {
        "iss": ENTRA,
        "oid": "o-1",
        "ver": "2.0",
        "azp": "portal",
        "scp": "Mcp.Invoke",
        "xms_sub_fct": "13",
    }
    return str(world.token("corp", world.human_claims() | claims, typ="JWT"))


def other_tenant(world: Any) -> str:
    """What Oracle writes for another customer, under the same `iss`."""
    claims = {"iss": ORACLE, "tok_type": "AT", "sub_type": "client", "sub": "x", "client_id": "x"}
    return str(world.token("corp", world.human_claims() | claims | {"tenant": "idcs-evil"}, typ="JWT"))


def nested(depth: int) -> dict[str, Any]:
    """An `act` of so many levels."""
    return {"sub": "robot"} if depth == 1 else {"sub": "robot", "act": nested(depth - 1)}


ASKED_OF_THE_ENGINE: Mapping[Pair, Callable[[Any], str | None]] = {
    ("missing_token", None): lambda _: None,
    ("malformed_token", "too_long"): lambda _: "a" * 16_385,
    ("malformed_token", "not_ascii"): lambda w: f"{w.human()}\N{EN DASH}",
    ("malformed_token", "not_compact"): lambda _: "2YotnFZFEjr1zCsicMWpAA",
    ("malformed_token", "not_base64url"): lambda w: f"{w.human()}=",
    ("malformed_token", "header_form"): lambda w: unsigned(w, kid=7),
    ("malformed_token", "payload_form"): payload(b'["alice"]'),
    ("malformed_token", "critical_header"): lambda w: unsigned(w, crit=["exp"], exp=1790000000),
    ("malformed_token", "embedded_key"): lambda w: unsigned(w, jku="https://evil.example/jwks"),
    ("malformed_token", "not_utf8"): payload(b'{"sub": "\xff"}'),
    ("malformed_token", "not_json"): payload(b'{"sub": "alice",}'),
    ("malformed_token", "duplicate_member"): payload(b'{"sub": "alice", "sub": "bob"}'),
    ("malformed_token", "not_finite"): payload(b'{"exp": 1e999}'),
    ("malformed_token", "inexact_number"): payload(b'{"exp": 0.30000000000000000001}'),
    ("malformed_token", "lone_surrogate"): payload(b'{"sub": "\\ud83d"}'),
    ("malformed_token", "too_deep"): payload(b"[" * 65 + b"]" * 65),
    ("unsupported_algorithm", None): lambda w: unsigned(w, alg="none"),
    ("invalid_signature", "unknown_key"): lambda w: w.token("corp", w.human_claims(), key=w.keys["stranger"]),
    ("invalid_signature", "wrong_signature"): lambda w: unsigned(w, kid=w.keys["corp"].kid),
    ("unknown_issuer", None): lambda w: w.human(iss="https://login.example.com/"),
    ("unknown_issuer", "other_tenant"): other_tenant,
    ("invalid_token_type", None): lambda w: w.token("corp", w.human_claims(), typ="JWT"),
    ("invalid_token_type", "token_class"): lambda w: w.token(
        "corp", w.human_claims() | {"iss": ENTRA, "ver": "2.0", "nonce": "n"}, typ="JWT"
    ),
    ("invalid_claim", "missing_claim"): lambda w: person(w, "exp"),
    ("invalid_claim", "claim_type"): lambda w: w.human(groups=[1]),
    ("invalid_claim", "sub_form"): lambda w: w.human(" alice"),
    ("invalid_claim", "groups_overage"): lambda w: w.human(_claim_names={"groups": "src1"}),
    ("invalid_audience", None): lambda w: w.human(aud="https://mcp.example.com/other"),
    ("invalid_audience", "audience_form"): lambda w: w.human(aud=[]),
    ("invalid_audience", "multiple_audiences"): lambda w: w.human(
        aud=["https://mcp.example.com/github", "https://x.example"]
    ),
    ("expired_token", None): lambda w: w.human(exp=w.now - 31),
    ("not_yet_valid", None): lambda w: w.human(nbf=w.now + 31),
    ("proof_required", None): lambda w: w.human(cnf={"jkt": "x"}),
    ("ambiguous_principal", "undetermined"): lambda w: person(w, "auth_time"),
    ("ambiguous_principal", "conflict"): lambda w: w.human("web-portal"),
    ("ambiguous_principal", "agent_user"): agent_user,
    ("ambiguous_principal", "foreign_marker"): lambda w: w.human(idtyp="app"),
    ("ambiguous_principal", "lookalike_subject"): lambda w: w.human("x@clients"),
    ("ambiguous_principal", "subject_is_client"): lambda w: w.human("robot"),
    ("ambiguous_principal", "mixed_grant_client"): lambda w: w.human(client_id="robot"),
    ("unregistered_client", None): lambda w: robot(w, sub="stranger", client_id="stranger"),
    ("invalid_actor", "act_form"): lambda w: w.human(act="robot"),
    ("invalid_actor", "act_depth"): lambda w: w.human(act=nested(6)),
    ("invalid_actor", "act_subject"): lambda w: robot(w, act={"sub": "alice"}),
    ("invalid_actor", "act_actor"): lambda w: w.human(act={"sub": "bob"}),
}


def by_a_verifier(rules: TokenRules, make: Callable[[Any], str]) -> Provocation:
    """What stage 1 says by rules that no shipped profile has."""

    def provoke(room: Room) -> Pair:
        claims = room.world.human_claims()
        keys = StaticKeys({"keys": [room.world.keys["corp"].public_jwk()]})
        issuer = Issuer(name="corp", url=claims["iss"], rules=rules, keys=keys)
        verifier = Verifier([issuer], lambda: room.world.now)
        with pytest.raises(TokenError) as caught:
            drive(verifier.verify(make(room.world), {"corp": frozenset({claims["aud"]})}), HttpFetcher())
        return caught.value.code, caught.value.detail

    return provoke


def by_a_mapper(room: Room) -> Pair:
    """What stage 2 says of a `typ` that stage 1, which has the same rule, wouldn't have let pass."""
    mapper = Mapper([IssuerMapping(name="corp", profile=load_profile("rfc9068"))])
    token = VerifiedToken(issuer="corp", header={"typ": "vc+jwt"}, claims=room.world.human_claims())
    with pytest.raises(MappingError) as caught:
        mapper.map(token)
    return caught.value.code, caught.value.detail


def asking(make: Callable[[Any], str | None]) -> Provocation:
    """What the ordinary engine says of a token."""
    return lambda room: room.ask(make(room.world))


BY_TOKENS: Mapping[Pair, Provocation] = {
    **{pair: asking(make) for pair, make in ASKED_OF_THE_ENGINE.items()},
    ("invalid_audience", "missing_audience"): by_a_verifier(
        TokenRules(required_claims=frozenset()), lambda world: person(world, "aud")
    ),
    ("invalid_claim", "lifetime_too_long"): by_a_verifier(
        TokenRules(max_lifetime=600), lambda world: world.human(exp=world.now + 31_536_000)
    ),
    ("invalid_token_type", "typ"): by_a_mapper,
}
