"""What it costs to tell whose a token is, against PyJWT's `decode` of the same token in the same run.

The peer is what a careful user of PyJWT writes: the key parsed beforehand; signature, issuer, audience and
times checked, and the claims that must be there. It tells no machine from a human, reads JSON as Python does,
and checks the signature anew at each call; the engine remembers that it held, and checks the rest each time.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt

from policy_engine import PolicyEngine
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import example_token, load_profile
from tests.benchmarks.peers import Bare, decoder
from tests.benchmarks.running import run
from tests.benchmarks.table import Row
from tests.benchmarks.timing import PACE, Pace, Way, in_turn
from tests.benchmarks.world import RESOURCE, Json, World, each_once, message, policies, unlike

PROFILES = ("policy-engine", "keycloak", "entra")
ALGORITHMS = ("RS256", "ES256", "EdDSA")
POLICY = '@id("p") permit (principal is User, action in Action::"read_only", resource);'
MANY = 200
DECODE, BOTH = "jwt.decode", "jwt.decode + bare cedarpy"
NEW_TOKENS = 20
"""How many a turn: they are signed between the turns, which takes longer than reading them."""


def measure() -> Iterator[Row]:
    """Tokens that nobody saw before, and those that were."""
    for algorithm in ALGORITHMS:
        yield from never_seen(algorithm)
    for profile in PROFILES:
        yield from seen(profile)


def never_seen(algorithm: str, pace: Pace = PACE, calls: int = NEW_TOKENS) -> Iterator[Row]:
    """A new token at each call, and a call that is decided on with it."""
    world, text = World.new(algorithm), policies(3)
    engine, decode, bare = world.engine(text), decoder(world, algorithm), Bare.of(text)
    fresh = each_once(lambda n: world.token(f"{algorithm}-{n}", algorithm=algorithm))
    asked: dict[str, Callable[[], Json]] = {
        "answer given before": message,
        "answer never given": each_once(unlike),
    }
    assert engine.evaluate(fresh(), message()).allowed
    assert bare().allowed

    def way(make: Callable[[], Json]) -> Way:
        return Way(lambda new: engine.evaluate(*new), lambda: (fresh(), make()), calls)

    ways = {what: way(make) for what, make in asked.items()}
    ways[BOTH] = Way(lambda token: (decode(token), bare()), fresh, calls)
    times = in_turn(ways, pace)
    yield Row(part="tokens", what=f"{BOTH}, {algorithm}", value=times.median(BOTH), unit="µs")
    for what in asked:
        yield Row(
            part="tokens",
            what=f"evaluate, {algorithm} token never seen, {what}",
            value=times.median(what),
            unit="µs",
            peer=BOTH,
            ratio=times.ratio(what, BOTH),
            at_most=1.2,
        )


def seen(profile: str, pace: Pace = PACE) -> Iterator[Row]:
    """One token of a profile, asked about again and again; and with many issuers, where its own is one."""
    key = SigningKey.generate("RS256")
    token, issuer = signed(key, profile), issuer_of(profile)
    one, many = (engine_with(profile, key, count) for count in (1, MANY))
    decode = whole_decode(key, issuer)
    assert one.identify(token) == many.identify(token)
    assert decode(token)["iss"] == issuer
    ways = {
        "one": Way.plain(lambda: one.identify(token)),
        "many": Way.plain(lambda: many.identify(token)),
        DECODE: Way.plain(lambda: decode(token)),
    }
    times = in_turn(ways, pace)
    for way, what in (("one", profile), ("many", f"{profile}, one of {MANY} issuers")):
        if way == "one" or profile == PROFILES[0]:
            yield Row(
                part="tokens",
                what=f"identify, token seen: {what}",
                value=times.median(way),
                unit="µs",
                peer=DECODE,
                ratio=times.ratio(way, DECODE),
            )


def issuer_of(profile: str) -> str:
    """The `iss` of the profile's own example."""
    return load_profile(profile).examples["client"].issuer


def signed(key: SigningKey, profile: str) -> str:
    """A machine's token, as issuers of this kind write it."""
    loaded = load_profile(profile)
    header, claims = example_token(
        loaded,
        "client",
        id=loaded.examples["client"].id,
        client="example-app",
        issuer=issuer_of(profile),
        audience=RESOURCE,
        now=int(time.time()),
        lifetime=3600,
        jti="seen",
        flags=loaded.examples["client"].flags,
    )
    members = {name: value for name, value in header.items() if name != "typ"}
    return sign(claims, key, typ=header.get("typ"), header=members)


def engine_with(profile: str, key: SigningKey, count: int) -> PolicyEngine:
    """An engine that trusts some issuers, the token's own among them."""
    machine = load_profile(profile).examples["client"]
    urls = [issuer_of(profile), *(f"https://{n}.example.com/" for n in range(count - 1))]
    return PolicyEngine(
        policies=POLICY,
        servers={"github": {"resource": RESOURCE}},
        issuers={
            f"i{n}": {
                "issuer": url,
                "profile": profile,
                "keys": {"jwks": {"keys": [key.public_jwk()]}},
                "flags": dict(machine.flags),
                "clients": {machine.id: {"grants": ["client_credentials"]}},
            }
            for n, url in enumerate(urls)
        },
    )


def whole_decode(key: SigningKey, issuer: str) -> Callable[[str], dict[str, Any]]:
    """PyJWT for tokens that needn't have all claims: some kinds of issuers write fewer."""
    public = jwt.PyJWK(key.public_jwk()).key

    def decode(token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token, public, algorithms=[key.algorithm], audience=RESOURCE, issuer=issuer
        )
        return claims

    return decode


if __name__ == "__main__":
    run(measure)
