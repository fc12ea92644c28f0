"""What the mapper's tests share: the catalogue of tokens, and mappers as operators configure them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policy_engine.mapper import ClaimSources, IssuerMapping, KnownClient, Mapper, load_profile
from policy_engine.model import VerifiedToken
from tests.plugins.catalogue import VECTORS, Vector, claims_of, clients_of, flags_of

# Stage 1 refuses these before a mapper sees them: issuer, audience, times, duplicate members. What is tested
# of them here would be tested of tokens that can't exist.
REFUSED_EARLIER = frozenset({"ISS", "AUD", "TIME", "JSON_DUP"})
# The right issuer, but another tenant's token: only the mapper knows.
OTHER_TENANT = frozenset({"adv-oracle-other-tenant"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each token of the catalogue that reaches the mapper (`vector`)."""
    if "vector" in metafunc.fixturenames:
        reaching = [
            one for one in VECTORS if one["expected_code"] not in REFUSED_EARLIER or one["id"] in OTHER_TENANT
        ]
        metafunc.parametrize("vector", reaching, ids=[one["id"] for one in reaching])


@pytest.fixture(scope="session")
def vectors() -> list[Vector]:
    """All tokens of the catalogue, those that stage 1 refuses included."""
    return VECTORS


@pytest.fixture(scope="session")
def mapper_of() -> Callable[..., Mapper]:
    """A mapper configured as a token of the catalogue says, its issuer named `idp`; flags may be others.

    A client with grants of both kinds can't be configured (`test_client_registry`), so it isn't as stated.
    """

    def make(vector: Vector, flags: Mapping[str, object] | None = None) -> Mapper:
        return Mapper(
            [
                IssuerMapping(
                    name="idp",
                    profile=load_profile(vector["profile"]),
                    flags=flags_of(vector) if flags is None else flags,
                    clients={
                        name: KnownClient(grants=frozenset(grants))
                        for name, grants in clients_of(vector).items()
                    },
                )
            ]
        )

    return make


@pytest.fixture(scope="session")
def token_of() -> Callable[[Vector], VerifiedToken]:
    """A token of the catalogue as stage 1 would hand it over."""

    def make(vector: Vector) -> VerifiedToken:
        return VerifiedToken(issuer="idp", header=vector["header"], claims=claims_of(vector))

    return make


@pytest.fixture(scope="session")
def mapper_for() -> Callable[..., Mapper]:
    """A mapper with one issuer, `idp`, of a shipped profile or of one at a path."""

    def make(
        profile: str | Path,
        clients: Mapping[str, KnownClient] | None = None,
        flags: Mapping[str, object] | None = None,
        claims: ClaimSources | None = None,
    ) -> Mapper:
        return Mapper(
            [
                IssuerMapping(
                    name="idp",
                    profile=load_profile(profile),
                    clients=clients or {},
                    flags=flags or {},
                    claims=claims or ClaimSources(),
                )
            ]
        )

    return make


@pytest.fixture
def write_profile(tmp_path: Path) -> Callable[..., Path]:
    """A small profile in a file; keyword arguments replace the text of its keys, None takes one out."""
    keys: dict[str, str | None] = {
        "title": "An issuer",
        "documentation": "{relies_on: a, written_by: b, operator: c, sources: [d]}",
        "typ": "[at+jwt]",
        "required": "[iss, sub, aud, exp, client_id]",
        "client_id": "client_id",
        "user_id": "sub",
        "client": 'kind == "app"',
        "user": 'kind == "person"',
        "examples": (
            "{client: {header: {typ: at+jwt}, claims: {sub: $id, client_id: $id, kind: app}},\n"
            "  user: {header: {typ: at+jwt}, claims: {sub: $id, client_id: $client, kind: person}}}"
        ),
    }

    def write(**changes: str | None) -> Path:
        path = tmp_path / "own.yaml"
        lines = [f"{key}: {text}" for key, text in {**keys, **changes}.items() if text is not None]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write
