"""What it costs to tell whose a token is, as a multiple of PyJWT decoding the same token in the same run.

The peer ("jwt.decode") is what a careful user of PyJWT writes: the key parsed beforehand; signature, issuer,
audience and times checked. It tells no machine from a human, reads JSON as Python does, and checks the
signature anew at each call; `identify` remembers that it held.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import jwt

from policy_engine import PolicyEngine
from policy_engine.jose import SigningKey, sign
from policy_engine.mapper import example_token, load_profile

NOW = int(time.time())
RESOURCE = "https://mcp.example.com/github"
ROUNDS, CALLS = 15, 400
MANY = 200

PROFILES = ("policy-engine", "rfc9068", "auth0", "keycloak", "entra", "okta", "google", "dex")
ALGORITHMS = ("RS256", "ES256", "EdDSA")
POLICY = '@id("p") permit (principal is User, action in Action::"read_only", resource);'

Times = dict[str, list[float]]
Example = tuple[dict[str, Any], dict[str, Any]]


def main() -> None:
    """Print a table of tokens that were seen before, and one of those that weren't."""
    print(f"medians of {ROUNDS} rounds of {CALLS} calls; ratios within the same round\n")
    print(f"{'identify, token seen':<24}{'µs':>8}  {f'{MANY} issuers ÷ 1':>17}  {'÷ jwt.decode':>12}")
    for profile in PROFILES:
        times = timed_in_turn(seen(profile))
        row = f"{ratio(times, 'many', 'one'):>17.2f}  {ratio(times, 'one', 'peer'):>12.2f}"
        print(f"{profile:<24}{median(times['one']):>8.1f}  {row}")
    print(f"\n{'identify, new token':<24}{'µs':>8}  {'jwt.decode, µs':>17}  {'÷ jwt.decode':>12}")
    for algorithm in ALGORITHMS:
        times = timed_in_turn(new(algorithm))
        row = f"{median(times['peer']):>17.1f}  {ratio(times, 'one', 'peer'):>12.2f}"
        print(f"{'rfc9068, ' + algorithm:<24}{median(times['one']):>8.1f}  {row}")


def seen(profile: str) -> dict[str, Callable[[], object]]:
    """One token of a profile, asked about again and again."""
    key = SigningKey.generate("RS256")
    token = signed(key, *example(profile, "seen"))
    one, many = (engine_with(profile, key, count) for count in (1, MANY))
    decode = peer(profile, key)
    assert one.identify(token) == many.identify(token)
    assert decode(token)["iss"] == issuer_of(profile)
    return {
        "one": lambda: one.identify(token),
        "many": lambda: many.identify(token),
        "peer": lambda: decode(token),
    }


def new(algorithm: str) -> dict[str, Callable[[], object]]:
    """A token that nobody saw, at each call."""
    key = SigningKey.generate(algorithm)
    tokens = [signed(key, *example("rfc9068", f"{n}")) for n in range(ROUNDS * CALLS)]
    engine, decode = engine_with("rfc9068", key, 1), peer("rfc9068", key)
    ours, theirs = iter(tokens), iter(tokens)
    return {"one": lambda: engine.identify(next(ours)), "peer": lambda: decode(next(theirs))}


def timed_in_turn(ways: dict[str, Callable[[], object]]) -> Times:
    """Microseconds a call, of each way in turn within every round."""
    times: Times = {what: [] for what in ways}
    for _ in range(ROUNDS):
        for what, way in ways.items():
            started = time.perf_counter()
            for _ in range(CALLS):
                way()
            times[what].append((time.perf_counter() - started) / CALLS * 1e6)
    return times


def ratio(times: Times, one: str, other: str) -> float:
    """The median of the ratios of the rounds."""
    return median(first / second for first, second in zip(times[one], times[other], strict=True))


def issuer_of(profile: str) -> str:
    """The `iss` of the profile's own example."""
    return load_profile(profile).examples["client"].issuer


def example(profile: str, jti: str) -> Example:
    """Header and claims of a machine's token."""
    loaded = load_profile(profile)
    return example_token(
        loaded,
        "client",
        id=loaded.examples["client"].id,
        client="example-app",
        issuer=issuer_of(profile),
        audience=RESOURCE,
        now=NOW,
        lifetime=3600,
        jti=jti,
        flags=loaded.examples["client"].flags,
    )


def signed(key: SigningKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """The token."""
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


def peer(profile: str, key: SigningKey) -> Callable[[str], dict[str, Any]]:
    """PyJWT, with everything checked that it can check."""
    public, algorithms, issuer = jwt.PyJWK(key.public_jwk()).key, [key.algorithm], issuer_of(profile)

    def decode(token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token, public, algorithms=algorithms, audience=RESOURCE, issuer=issuer
        )
        return claims

    return decode


if __name__ == "__main__":
    main()
