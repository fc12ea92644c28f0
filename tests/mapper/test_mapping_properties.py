"""What must hold of every token of every profile, however it is written down and wherever it is presented."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine import Client, PolicyEngine, User
from policy_engine.errors import PolicyEngineError
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import (
    IssuerMapping,
    KnownClient,
    Mapper,
    example_token,
    load_profile,
    profile_names,
)
from policy_engine.model import VerifiedToken
from tests.plugins.catalogue import (
    NOW,
    VECTORS,
    Vector,
    claims_of,
    configuration,
    example_settings,
    example_vectors,
)
from tests.plugins.samples import samples

Path = tuple[str, ...]

POLICY = '@id("p") @kinds("both") permit (principal, action, resource);'
TOKENS = [vector for vector in (*VECTORS, *example_vectors()) if "raw_payload" not in vector]
KEYS = {algorithm: SigningKey.generate(algorithm) for algorithm in ("EdDSA", "ES256", "RS256")}

tokens = st.sampled_from(TOKENS)
names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40)
issuer_names = st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)
values = st.none() | st.booleans() | st.integers(-9, 9) | names | st.lists(names, max_size=2)


def key_of(vector: Vector) -> SigningKey:
    """A key that the issuer may sign with."""
    algorithms = load_profile(vector["profile"]).algorithms
    return next(key for name, key in KEYS.items() if name in algorithms)


@cache
def engine_of(place: int) -> PolicyEngine:
    """An engine that trusts the issuer of one of the tokens, whatever key that signs with."""
    jwks = {"keys": [key.public_jwk() for key in KEYS.values()]}
    return PolicyEngine(policies=POLICY, now=lambda: NOW, **configuration(TOKENS[place], jwks))


def outcome(engine: PolicyEngine, vector: Vector, payload: bytes) -> tuple[str, str | None]:
    """Type and id of whom a payload speaks for, or code and detail of its refusal."""
    header = {name: value for name, value in vector["header"].items() if name not in ("alg", "kid", "typ")}
    token = sign(payload, key_of(vector), typ=vector["header"].get("typ"), header=header)
    try:
        uid = engine.identify(token).uid
    except PolicyEngineError as error:
        return error.code, error.detail
    return uid.type, uid.id


def written(value: Any, order: Mapping[int, int], space: str) -> str:
    """JSON with its members in another order, and with other white space.

    Args:
        value: what to write.
        order: a rank for each length of a member's name.
        space: what stands between the parts.
    """
    match value:
        case dict():
            members = sorted(value.items(), key=lambda item: order.get(len(item[0]), 0))
            inner = [
                f"{json.dumps(name)}{space}:{space}{written(one, order, space)}" for name, one in members
            ]
            return f"{{{space}{f'{space},{space}'.join(inner)}{space}}}"
        case list():
            return f"[{space}{f'{space},{space}'.join(written(one, order, space) for one in value)}{space}]"
        case _:
            return json.dumps(value)


def written_twice(value: Any, path: Path, again: str) -> str:
    """JSON with one member twice, the second time as `again`."""
    name, *rest = path
    texts = {other: json.dumps(one) for other, one in value.items()}
    if rest:
        texts[name] = written_twice(value[name], tuple(rest), again)
    members = [f"{json.dumps(other)}:{text}" for other, text in texts.items()]
    return "{" + ",".join(members if rest else [*members, again]) + "}"


def paths(value: Any) -> Iterator[Path]:
    """The path of every member of every object."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (name,)
            yield from ((name, *path) for path in paths(inner))


@settings(max_examples=samples(250))
@given(
    vector=tokens,
    order=st.dictionaries(st.integers(2, 20), st.integers()),
    space=st.text(" \t\r\n", max_size=3),
)
def test_order_and_white_space_change_nothing(vector: Vector, order: dict[int, int], space: str) -> None:
    """A JSON object has no order, and white space says nothing (RFC 8259 sections 2 and 4)."""
    engine, claims = engine_of(TOKENS.index(vector)), claims_of(vector)

    assert outcome(engine, vector, written(claims, order, space).encode()) == outcome(
        engine, vector, json.dumps(claims).encode()
    )


@settings(max_examples=samples(250))
@given(vector=tokens, data=st.data())
def test_a_member_that_is_written_twice_refuses(vector: Vector, data: st.DataObject) -> None:
    """Whichever member, at whatever depth, however its name is spelt: parsers differ on which one counts."""
    claims = claims_of(vector)
    path = data.draw(st.sampled_from(sorted(paths(claims))))
    spelt = data.draw(st.sampled_from((json.dumps(path[-1]), f'"\\u{ord(path[-1][0]):04x}{path[-1][1:]}"')))
    payload = written_twice(claims, path, f"{spelt}:{json.dumps(data.draw(values))}").encode()

    assert outcome(engine_of(TOKENS.index(vector)), vector, payload) == (
        "malformed_token",
        "duplicate_member",
    )


@settings(max_examples=samples(250))
@given(vector=tokens, other=tokens, changes=st.dictionaries(st.sampled_from(["sub", "aud", "azp"]), values))
def test_another_issuers_token_is_nobodys(vector: Vector, other: Vector, changes: dict[str, Any]) -> None:
    """Whatever it claims, and though a key signed it that is trusted: its `iss` isn't that of the issuer."""
    claims = {**claims_of(vector), "iss": vector["config"]["iss"], **changes}
    if claims["iss"] == other["config"]["iss"]:
        claims["iss"] += "/"

    found = outcome(
        engine_of(TOKENS.index(other)), {**other, "header": vector["header"]}, json.dumps(claims).encode()
    )

    assert found == ("unknown_issuer", None)


@settings(max_examples=samples(400))
@given(
    profile=st.sampled_from(profile_names()),
    kind=st.sampled_from(("client", "user")),
    own=names,
    issuer=issuer_names,
)
def test_a_principal_is_exactly_who_the_token_says(profile: str, kind: Any, own: str, issuer: str) -> None:
    """Whatever id stands in the example of a profile: that id in full, at that issuer, or nobody."""
    loaded = load_profile(profile)
    if kind not in loaded.examples:
        return
    ids = {one: own if one == kind else example.id for one, example in loaded.examples.items()}
    flags = example_settings(loaded, ids)
    header, claims = example_token(
        loaded, kind, id=own, client="example-app", issuer=loaded.examples[kind].issuer, audience="https://mcp.example",
        now=NOW, lifetime=600, jti="j", flags=flags,
    )  # fmt: skip
    if kind == "user" and loaded.listed is not None:
        flags[loaded.listed.user] = [own]
    known = {own: KnownClient(grants=frozenset({"workload"}))} if kind == "client" else {}
    app = {"example-app": KnownClient(grants=frozenset({"authorization_code"}))}
    try:
        mapping = IssuerMapping(name=issuer, profile=loaded, flags=flags, clients={**app, **known})
        found = Mapper([mapping]).map(VerifiedToken(issuer=issuer, header=header, claims=claims)).principal
    except PolicyEngineError:
        return  # no id, or one that means something else at this issuer

    assert (found.uid.type, found.uid.id) == ("Client" if kind == "client" else "User", f"{issuer}/{own}")


@settings(max_examples=samples(200))
@given(one=st.tuples(issuer_names, names), other=st.tuples(issuer_names, names))
def test_a_principal_shares_its_entity_with_nobody(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Two issuers, two ids, or a person and a machine: two entities."""
    people = [User(issuer=issuer, subject=name) for issuer, name in (one, other)]
    machines = [Client(issuer=issuer, client_id=name) for issuer, name in (one, other)]

    assert (people[0].uid == people[1].uid) == (one == other) == (machines[0].uid == machines[1].uid)
    assert {person.uid for person in people}.isdisjoint(machine.uid for machine in machines)
    assert {*people}.isdisjoint(machines)
