"""A hundred thousand mutants of tokens: no machine's becomes a person's, and no person's a machine's.

The tokens are those of the catalogue and the examples of every profile. Whatever is changed:

- a mutant is identified, or refused with a code of the table; nothing else is raised;
- no refusal, and no evidence, quotes what the token says;
- a machine is one that the operator listed, and nobody whom the operator listed as a machine is a person;
- a mutant of a machine's token never speaks for a `User`, and one of a person's never for a `Client`.

The last has one exception, since two changes may turn any token into any other: one takes away what its
issuer wrote of one kind, the other puts in what it writes of the other. That is excused if both were done, to
different claims; a single claim may only change the kind where the token then has all the evidence of a
genuine one, which takes an issuer that has but one claim for it, such as a subject that says what it is.

The mass goes unsigned through stage 1's checks of claims and through the mapper. A sample is really signed:
the engine must say the same of it.
"""

import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.errors import MappingError, PolicyEngineError
from policy_engine.jose import SigningKey
from policy_engine.mapper import load_profile, profile_names
from policy_engine.model import CODES, Principal, VerifiedToken
from tests.plugins.catalogue import NOW, Vector, claims_of, configuration, flags_of, strings
from tests.plugins.desk import POLICY, TOKENS, desk_for, mutator
from tests.plugins.mutants import Mutant

KINDS = MappingProxyType({"machine": "Client", "human": "User", "delegated": "User", "ambiguous": None})
"""What a token's truth lets it be taken for."""

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ABSENT = object()

Members = set[tuple[str, str]]
"""Members of `header` and `claims`, by part and name."""


def test_what_is_changed_is_right_before_it_is() -> None:
    """Every token whose kind can be known is taken for it."""
    kinds = {
        name: taken_for(original(vector), {}) for name, vector in TOKENS.items() if KINDS[vector["kind"]]
    }

    assert kinds == {name: KINDS[TOKENS[name]["kind"]] for name in kinds}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.no_cover
def test_no_mutant_of_a_machine_is_a_person_and_none_of_a_person_a_machine(seed: int) -> None:
    """Ten times ten thousand."""
    check_mutants(seed, 10_000)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1_000, 1_100))
def test_none_of_a_million_mutants_is_either(seed: int) -> None:
    """A hundred times ten thousand others."""
    check_mutants(seed, 10_000)


@pytest.mark.no_cover
def test_the_engine_says_the_same_of_mutants_that_are_really_signed(keys: dict[str, SigningKey]) -> None:
    """Five thousand of them."""
    check_signed(11, 5_000, keys)


@pytest.mark.long
def test_the_engine_says_the_same_of_more_mutants_that_are_really_signed(keys: dict[str, SigningKey]) -> None:
    """A hundred thousand others."""
    check_signed(12, 100_000, keys)


def check_mutants(seed: int, count: int) -> None:
    """Judge mutants."""
    findings = Findings()
    for mutant in mutator(seed).mutants(count):
        findings.judge(mutant)

    assert findings.wrong == []
    # What was tried was worth trying: all profiles, both kinds, and hardly ever an excuse.
    assert findings.profiles == set(profile_names())
    assert min(findings.outcomes["User"], findings.outcomes["Client"]) > count / 10
    assert findings.outcomes["excused"] < count / 100


class Findings:
    """What came of many mutants, and what is wrong with any."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.outcomes: Counter[str] = Counter()
        self.profiles: set[str] = set()
        self._said: set[str] = set()

    def judge(self, mutant: Mutant) -> None:
        """Identify the bearer of a mutant, and note what must not be."""
        self.profiles.add(mutant.origin["profile"])
        desk = desk_for(mutant)
        try:
            identity = desk.identify(mutant.header, mutant.claims)
        except PolicyEngineError as error:
            self.outcomes[error.code] += 1
            if error.code not in CODES:
                self.wrong.append(f"unknown code {error.code}: {mutant}")
            self._listen(mutant, str(error), error.note, *getattr(error, "evidence", ()))
            return
        except Exception as error:
            error.add_note(str(mutant))
            raise
        kind = type(identity.principal).__name__
        self.outcomes[kind] += 1
        self._listen(mutant, *identity.principal.evidence)
        if contradiction := desk.contradiction(identity):
            self.wrong.append(f"{contradiction}: {mutant}")
        if KINDS[mutant.origin["kind"]] not in (None, kind):
            excused = is_mutant_of_another(mutant, identity.principal)
            self.outcomes["excused"] += excused
            if not excused:
                self.wrong.append(f"a {kind}: {mutant}")

    def _listen(self, mutant: Mutant, *said: str) -> None:
        """Note sentences that quote the token; one that does is new with the token that it quotes."""
        for text in said:
            if text not in self._said:
                self._said.add(text)
                self.wrong.extend(
                    f"{text!r} quotes {value!r}: {mutant}" for value in quotable(mutant) if value in text
                )


def quotable(mutant: Mutant) -> Iterator[str]:
    """What a token says that no profile, and no sentence of ours, would say, too."""
    for value in strings([mutant.claims, mutant.header]):
        if len(value) > 5 and any(sign.isdigit() or not sign.isascii() for sign in value):
            yield value


def is_mutant_of_another(mutant: Mutant, principal: Principal) -> bool:
    """Whether evidence of its own kind was taken away, and evidence of the other put in."""
    origin = original(mutant.origin)
    before, now = evidence(origin), evidence(mutant)
    lost, gained = differing(mutant, origin, before), differing(mutant, origin, now)
    if not lost or not gained:
        return False
    return len(lost | gained) > 1 or any(
        not differing(mutant, genuine, before | now | evidence(genuine))
        for genuine in genuine_tokens(mutant, principal)
    )


def original(vector: Vector) -> Mutant:
    """A token as a mutant without a change."""
    return Mutant(origin=vector, header=vector["header"], claims=claims_of(vector), flags=flags_of(vector))


def evidence(mutant: Mutant) -> Members:
    """The members of header and payload without which a token wouldn't be taken for its kind.

    They can't be left out, or can't be something else; what only has to be there, whatever it says, is none.
    """
    kind = taken_for(mutant, {})
    found = set()
    for part in ("header", "claims"):
        whole = getattr(mutant, part)
        for name, value in whole.items():
            rest = {other: whole[other] for other in whole if other != name}
            other = {**rest, name: "something-else" if isinstance(value, str) else value}
            without, changed = taken_for(mutant, {part: rest}), taken_for(mutant, {part: other})
            if without not in (kind, "missing_claim") or changed != kind:
                found.add((part, name))
    return found - {("header", "typ")}  # says what class of token it is, never whose


def taken_for(mutant: Mutant, changes: Mapping[str, dict[str, Any]]) -> str | None:
    """What the mapper takes a mutant with another header or claims for, or the detail of its refusal."""
    header, claims = changes.get("header", mutant.header), changes.get("claims", mutant.claims)
    try:
        identity = desk_for(mutant).mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))
    except MappingError as error:
        return error.detail
    return type(identity.principal).__name__


def differing(one: Mutant, other: Mutant, members: Members) -> Members:
    """Those members in which two tokens differ."""
    return {
        (part, name)
        for part, name in members
        if repr(getattr(one, part).get(name, ABSENT)) != repr(getattr(other, part).get(name, ABSENT))
    }


def genuine_tokens(mutant: Mutant, principal: Principal) -> Iterator[Mutant]:
    """What the issuer writes for a principal: its tokens for others of that kind, with the principal's id."""
    kind, own = type(principal).__name__, principal.uid.id.removeprefix("idp/")
    for vector in TOKENS.values():
        if KINDS[vector["kind"]] == kind and vector["profile"] == mutant.origin["profile"]:
            claims = json.dumps(claims_of(vector))
            for old, new in (
                (vector["expected_principal"]["local"], own),
                (vector["config"]["iss"], mutant.origin["config"]["iss"]),
            ):
                claims = claims.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
            genuine = original(vector)
            genuine.claims = json.loads(claims)
            yield genuine


@pytest.fixture(scope="module")
def keys() -> dict[str, SigningKey]:
    """A key for each way to sign that some profile needs; Ed25519 wherever it may."""
    return {algorithm: SigningKey.generate(algorithm) for algorithm in ("EdDSA", "ES256", "RS256")}


def check_signed(seed: int, count: int, keys: Mapping[str, SigningKey]) -> None:
    """Sign mutants, and compare."""
    engines: dict[str, PolicyEngine] = {}
    for mutant in mutator(seed).mutants(count):
        algorithms = load_profile(mutant.origin["profile"]).algorithms
        key = next(key for name, key in keys.items() if name in algorithms)
        place = f"{mutant.origin['id']} {mutant.flags}"
        if place not in engines:
            engines[place] = engine_for(mutant, key)
        check_same(engines[place], mutant, signed(mutant, key))


def check_same(engine: PolicyEngine, mutant: Mutant, token: str) -> None:
    """The same principal, or code and detail; and a decision that refuses for that names nobody."""
    found = outcome(lambda: engine.identify(token))

    assert found == outcome(lambda: desk_for(mutant).identify(mutant.header, mutant.claims).principal), mutant
    if isinstance(found, tuple):
        decision = engine.evaluate(token, PING)
        assert (decision.code, decision.detail, decision.principal) == (*found, None), mutant


def engine_for(mutant: Mutant, key: SigningKey) -> PolicyEngine:
    """The whole engine, with the issuer that a desk has."""
    values = configuration(mutant.origin, {"keys": [key.public_jwk()]}, flags=mutant.flags)
    return PolicyEngine(policies=POLICY, now=lambda: NOW, **values)


def signed(mutant: Mutant, key: SigningKey) -> str:
    """A mutant as a compact token, whatever its header says."""
    header = {**mutant.header, "alg": key.algorithm, "kid": key.kid}
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, mutant.claims)]
    signature = key.signature(b".".join(parts))
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode("ascii")


def outcome(identify: Callable[[], Principal]) -> Principal | tuple[str, str | None]:
    """The principal, or code and detail of the refusal."""
    try:
        return identify()
    except PolicyEngineError as error:
        return error.code, error.detail
