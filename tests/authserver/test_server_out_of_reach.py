"""What the server does when what it relies on fails, or can't be believed: no token leaves."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from policy_engine.authserver import (
    ASSERTION_TYPE,
    AssertionUse,
    AuthorizationServer,
    HttpRequest,
    HttpResponse,
    IssuanceEvent,
    MemoryClientRegistry,
    MemoryRateLimiter,
    MemoryReplayStore,
    Rate,
    RateLimits,
    RegisteredClient,
    Secret,
    SecretHash,
)
from policy_engine.authserver.client_auth.assertion_claims import MAX_REMEMBERED
from policy_engine.authserver.stored import StoredReplayStore
from policy_engine.errors import AuditError, ConfigError, PolicyEngineError
from policy_engine.jose import SigningKey
from policy_engine.storage import open_store

FORM = ("Content-Type", "application/x-www-form-urlencoded")
ASK = {
    "grant_type": "client_credentials",
    "resource": "https://mcp.example.com/github",
    "scope": "issues:read",
}
SECRET = ASK | {"client_id": "agent", "client_secret": "current"}
UNAVAILABLE = {"error": "server_error", "error_description": "the server cannot answer now"}

MakeServer = Callable[..., AuthorizationServer]
MakeClient = Callable[..., RegisteredClient]


def post(server: AuthorizationServer, form: Mapping[str, str]) -> HttpResponse:
    """Ask for a token."""
    body = urlencode(form).encode()
    return server.handle(HttpRequest(method="POST", path="/token", headers=(FORM,), body=body))


class Lost:
    """A registry, a key source and a replay store that can't be reached."""

    def find(self, _client_id: str) -> RegisteredClient | None:
        """Fail."""
        raise ConfigError("lost")

    def active(self) -> SigningKey:
        """Fail."""
        raise PolicyEngineError("lost")

    def published(self) -> tuple[Mapping[str, Any], ...]:
        """Fail."""
        raise PolicyEngineError("lost")

    def use(self, _client_id: str, _jti: str, *, expires_at: float, now: float) -> AssertionUse:
        """Fail."""
        raise PolicyEngineError("lost", f"{expires_at - now}")


@pytest.mark.parametrize("port", ["clients", "keys", "replay_store"])
def test_without_what_it_relies_on_it_issues_nothing(
    port: str, make_server: MakeServer, make_assertion: Callable[..., str], events: list[IssuanceEvent]
) -> None:
    """503 without detail; the event says how far it came."""
    form = ASK | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": make_assertion({})}

    response = post(make_server(**{port: Lost()}), form)

    assert (response.status, json.loads(response.body)) == (503, UNAVAILABLE)
    assert [(event.reason, event.issued, event.jti) for event in events] == [("unavailable", False, None)]
    assert events[0].authenticated is (port == "keys")


@pytest.mark.parametrize("form", [SECRET, ASK])
def test_a_token_that_cant_be_recorded_isnt_issued(form: Mapping[str, str], make_server: MakeServer) -> None:
    """The record comes before the answer, for a refusal too."""

    def full(_event: IssuanceEvent) -> None:
        raise AuditError("audit_failed")

    response = post(make_server(events=full), form)

    assert (response.status, json.loads(response.body)) == (503, UNAVAILABLE)


def test_a_full_replay_store_refuses(
    make_server: MakeServer, make_assertion: Callable[..., str], events: list[IssuanceEvent]
) -> None:
    """An assertion that can't be remembered isn't accepted; its sender is told to wait, and not suspected."""
    limiter = MemoryRateLimiter(
        RateLimits(client=Rate(per_second=0.1, burst=20), source=Rate(per_second=1, burst=100))
    )
    server = make_server(replay_store=MemoryReplayStore(per_client=1), rate_limiter=limiter)
    form = ASK | {"client_assertion_type": ASSERTION_TYPE}

    answers = [post(server, form | {"client_assertion": make_assertion({})}) for _ in range(10)]

    assert [answer.status for answer in answers] == [200] + [429] * 9
    assert (answers[-1].values("Retry-After"), answers[-1].values("WWW-Authenticate")) == (("30",), ())
    assert [event.reason for event in events] == [None] + ["replay_store_full"] * 9


def test_a_client_within_its_limits_has_room_for_all_its_assertions(tmp_path: Path, now: int) -> None:
    """However long they last, and though it asks from two places."""
    limits = RateLimits()
    times = round(limits.client.within(MAX_REMEMBERED))
    store = open_store(f"sqlite:///{tmp_path / 'replays.db'}")
    end = now + MAX_REMEMBERED

    for replays in (MemoryReplayStore(), StoredReplayStore(store)):
        uses = [replays.use("a", str(number), expires_at=end, now=now) for number in range(2 * times)]
        assert set(uses) == {AssertionUse.FIRST}
    store.close()

    assert (times, MemoryReplayStore().use("a", "1", expires_at=end, now=now)) == (8000, AssertionUse.FIRST)


def test_no_assertion_counts_for_longer_than_it_is_said(
    make_server: MakeServer, make_assertion: Callable[..., str], now: int
) -> None:
    """The room of a client is reckoned from that."""
    kept: list[float] = []

    class Replays(MemoryReplayStore):
        """Notes for how long an assertion is to be remembered."""

        def use(self, client_id: str, jti: str, *, expires_at: float, now: float) -> AssertionUse:
            """Note it."""
            kept.append(expires_at - now)
            return super().use(client_id, jti, expires_at=expires_at, now=now)

    form = ASK | {"client_assertion_type": ASSERTION_TYPE}
    statuses = [
        post(
            make_server(replay_store=Replays()),
            form | {"client_assertion": make_assertion({"iat": now + 30, "exp": now + 360 + more})},
        ).status
        for more in (0, 1)
    ]

    assert (statuses, kept) == ([200, 401], [MAX_REMEMBERED])


def test_a_body_too_large_is_refused_without_a_transport(
    make_server: MakeServer, events: list[IssuanceEvent]
) -> None:
    """The limit is the server's own; adapters may have a lower one."""
    response = post(make_server(), SECRET | {"more": "a" * 64 * 1024})

    assert (response.status, json.loads(response.body)["error"]) == (413, "invalid_request")
    assert events[0].reason == "body_too_large"


def test_a_client_that_should_never_have_been_registered_gets_nothing(
    make_server: MakeServer, make_client: MakeClient, events: list[IssuanceEvent]
) -> None:
    """A store that forgot the requirements is checked again where it matters (RFC 6749 section 5.2)."""
    client = make_client("agent", "client_secret_post", secret_hashes=(SecretHash.of(Secret("current")),))
    object.__setattr__(client, "grant_types", ("authorization_code",))

    response = post(make_server(clients=MemoryClientRegistry([client])), SECRET)

    assert (response.status, json.loads(response.body)) == (
        400,
        {"error": "unauthorized_client", "error_description": "the client may not use this grant"},
    )
    assert events[0].reason == "grant_not_allowed"


def test_a_client_whose_resource_left_the_catalogue_gets_nothing(
    make_server: MakeServer, make_client: MakeClient, events: list[IssuanceEvent]
) -> None:
    """A registration doesn't outlive what it is about."""
    client = make_client(
        "agent",
        "client_secret_post",
        secret_hashes=(SecretHash.of(Secret("current")),),
        resources=frozenset({"https://gone.example.com"}),
    )
    form = SECRET | {"resource": "https://gone.example.com"}

    response = post(make_server(clients=MemoryClientRegistry([client])), form)

    assert (response.status, events[0].reason) == (400, "unknown_resource")


class FoldingRegistry:
    """A registry that finds ids without regard to case, as some databases do."""

    def __init__(self, client: RegisteredClient) -> None:
        self._client = client

    def find(self, _client_id: str) -> RegisteredClient | None:
        """Whatever was asked for, the one client."""
        return self._client


def test_a_registry_that_folds_case_is_not_believed(
    make_server: MakeServer, make_client: MakeClient, events: list[IssuanceEvent]
) -> None:
    """`Agent` is another client than `agent`, or none."""
    client = make_client("agent", "client_secret_post", secret_hashes=(SecretHash.of(Secret("current")),))
    server = make_server(clients=FoldingRegistry(client))

    statuses = [post(server, SECRET | {"client_id": name}).status for name in ("Agent", "agent")]

    assert statuses == [401, 200]
    assert [(event.reason, event.client_id) for event in events] == [
        ("unknown_client", None),
        (None, "agent"),
    ]


def test_a_secret_that_was_kept_twice_lasts_as_long_as_the_longer(
    make_server: MakeServer, make_client: MakeClient
) -> None:
    """One of the hashes is enough."""
    hashes = (SecretHash.of(Secret("current"), expires_at=100), SecretHash.of(Secret("current")))
    client = make_client("agent", "client_secret_post", secret_hashes=hashes)

    assert post(make_server(clients=MemoryClientRegistry([client])), SECRET).status == 200


@pytest.mark.rules("AS-9")
def test_a_secret_is_replaced_without_a_gap(make_server: MakeServer, make_client: MakeClient) -> None:
    """Two are valid at once; the old one ends when its time comes, and not the new one with it."""
    old, new = Secret("old"), Secret("new")
    client = make_client(
        "agent",
        "client_secret_post",
        secret_hashes=(SecretHash.of(old, expires_at=100), SecretHash.of(new)),
    )
    clock = iter([99, 99, 100, 100])
    server = make_server(clients=MemoryClientRegistry([client]), now=lambda: next(clock))

    statuses = [post(server, SECRET | {"client_secret": text}).status for text in ("old", "new") * 2]

    assert statuses == [200, 200, 401, 200]
