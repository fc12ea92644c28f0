"""What must hold of every token: no single change of a claim makes a human of a machine, or the reverse."""

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.errors import MappingError
from policy_engine.mapper import KnownClient, Mapper, load_profile
from policy_engine.mapper.language import FlagType
from policy_engine.model import CODES, Client, Identity, VerifiedToken
from tests.plugins.catalogue import Vector, flags_of, strings
from tests.plugins.mutants import MARKS, ODD_VALUES
from tests.plugins.samples import samples

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10)
    | st.text(max_size=8)
    | st.sampled_from(["app", "user", "client_credentials", "service", "absent", "Bearer"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def kind_of(mapper: Mapper, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """`User`, `Client` or `refused`; anything but a MappingError fails the test."""
    try:
        identity = mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))
    except MappingError as error:
        assert error.code in CODES
        return "refused"
    return identity.principal.uid.type


def mutants(claims: Mapping[str, Any], foreign: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The claims with one left out, one made odd, or one added that some issuer writes."""
    for name in claims:
        yield {other: value for other, value in claims.items() if other != name}
        for odd in ODD_VALUES:
            yield {**claims, name: odd}
    for name, values in foreign.items():
        if name not in claims:
            for value in values:
                yield {**claims, name: value}


def settings_of(vector: Vector) -> Iterator[dict[str, Any]]:
    """Every way to set the Boolean flags of a token's profile; what isn't Boolean stays as it is stated."""
    switches = [
        name for name, flag in load_profile(vector["profile"]).flags.items() if flag.type is FlagType.BOOLEAN
    ]
    for values in product((False, True), repeat=len(switches)):
        yield {**flags_of(vector), **dict(zip(switches, values, strict=True))}


def seen_anywhere(vectors: list[Vector]) -> dict[str, list[Any]]:
    """Every claim of the catalogue with every value that it has there, and the marks of all issuers."""
    seen: dict[str, list[Any]] = {name: list(values) for name, values in MARKS.items()}
    for vector in vectors:
        for name, value in vector.get("payload", {}).items():
            values = seen.setdefault(name, [])
            if value not in values:
                values.append(value)
    return seen


def test_no_single_change_turns_one_kind_into_the_other(
    vector: Vector,
    vectors: list[Vector],
    mapper_of: Callable[..., Mapper],
    token_of: Callable[[Vector], VerifiedToken],
) -> None:
    """Each claim deleted, each made odd, each claim of the catalogue added: the kind stays, or is refused.

    With every setting of the flags, the stated one among them.
    """
    token = token_of(vector)
    foreign = seen_anywhere(vectors)
    for flags in settings_of(vector):
        mapper = mapper_of(vector, flags)
        kind = kind_of(mapper, token.header, token.claims)
        if kind != "refused":
            kinds = {kind_of(mapper, token.header, claims) for claims in mutants(token.claims, foreign)}

            assert kinds <= {kind, "refused"}


@settings(max_examples=samples(15))
@given(data=st.data())
def test_hostile_claims_raise_nothing_but_refusals_that_quote_nothing(
    vector: Vector,
    mapper_of: Callable[[Vector], Mapper],
    token_of: Callable[[Vector], VerifiedToken],
    data: st.DataObject,
) -> None:
    """Whatever JSON stands in whatever claims: a principal, or a refusal without a claim's value in it."""
    token = token_of(vector)
    names = st.sampled_from([*token.claims, "act", "gty", "idtyp", "uid", "auth_time", "_claim_names"])
    changes = data.draw(st.dictionaries(names, json_values, max_size=4))
    secret = data.draw(st.text("qwxz", min_size=9, max_size=9))
    claims = {**token.claims, **changes, "name": secret}

    try:
        identity = mapper_of(vector).map(VerifiedToken(issuer="idp", header=token.header, claims=claims))
        said = identity.principal.evidence
    except MappingError as error:
        assert error.code in CODES
        said = (*error.evidence, str(error))

    profile = (
        files("policy_engine.mapper").joinpath("profiles", f"{vector['profile']}.yaml").read_text("utf-8")
    )
    for value in strings(claims):
        if len(value) > 5 and value not in profile and value not in claims:
            assert all(value not in line for line in said)


@settings(max_examples=samples(50))
@given(header=st.dictionaries(st.sampled_from(["typ", "alg", "gty", "kid"]), json_values))
def test_hostile_headers_raise_nothing_but_refusals(
    header: dict[str, Any],
    vectors: list[Vector],
    mapper_of: Callable[[Vector], Mapper],
) -> None:
    """Whatever JSON stands in the header, at every profile."""
    for vector in {vector["profile"]: vector for vector in vectors}.values():
        assert kind_of(mapper_of(vector), header, vector["payload"]) in {"User", "Client", "refused"}


@settings(max_examples=samples(200))
@given(name=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30))
def test_a_human_and_a_machine_with_one_id_are_two_principals(
    name: str, mapper_for: Callable[..., Mapper]
) -> None:
    """An id that two issuers gave to a person and to a client names two entities."""
    human = mapped(
        mapper_for("rfc9068"), {"sub": name, "client_id": "portal.app", "auth_time": 1, "iss": "i"}
    )
    machine = mapped(
        mapper_for("rfc9068", {name: KnownClient(grants=frozenset({"client_credentials"}))}),
        {"sub": name, "client_id": name, "iss": "i"},
    )

    if human is not None and machine is not None:
        assert isinstance(machine.principal, Client)
        assert human.principal.uid.id == machine.principal.uid.id == f"idp/{name}"
        assert human.principal.uid != machine.principal.uid


def mapped(mapper: Mapper, claims: dict[str, Any]) -> Identity | None:
    """The identity, or None for ids that are refused as look-alikes."""
    try:
        return mapper.map(VerifiedToken(issuer="idp", header={"typ": "at+jwt"}, claims=claims))
    except MappingError as error:
        assert error.detail == "lookalike_subject"
        return None
