"""A client and its stored document are the same thing; a plan is the difference between two sets of them."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.authserver import (
    Action,
    Catalogue,
    RegisteredClient,
    Secret,
    from_document,
    generate_secret,
    make_plan,
    read_clients,
    to_document,
)
from policy_engine.errors import ConfigError
from policy_engine.model.stored import ClientChange, StoredClient
from tests.plugins.samples import samples

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "generate", "github", "ping"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["keys", "kty", "sha256", "env", "file", "generate", "region", "x:y"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
"""What may stand in the place of any member."""

NOW = 1_790_000_000.0
GITHUB = "https://mcp.example.com/github"


def test_a_document_brings_its_client_back(
    clients: tuple[RegisteredClient, ...], catalogue: Catalogue
) -> None:
    """Every client that can be registered, with the other half of its members set."""
    for client in clients:
        document = to_document(client)
        assert from_document(document, catalogue) == client
        assert to_document(from_document(document, catalogue)) == document


def test_a_stored_client_is_checked_like_a_new_one(
    clients: tuple[RegisteredClient, ...], catalogue: Catalogue
) -> None:
    """What was tampered with in the store isn't taken for a machine."""
    document = to_document(clients[0])
    for changes, code in (
        ({"grant_types": ["client_credentials", "password"]}, "mixed_grants"),
        ({"token_endpoint_auth_method": "none"}, "public_client"),
        ({"redirect_uris": ["https://app.example.com"]}, "redirect_uris"),
        ({"scope": "admin"}, "unknown_scope"),
        ({"shadow": True}, "client_form"),
    ):
        with pytest.raises(ConfigError) as refused:
            from_document({**document, **changes}, catalogue)
        assert refused.value.code == code


def stored(client_id: str, /, removed_at: float | None = None, **members: Any) -> StoredClient:
    """A client in the store."""
    return StoredClient(
        client_id=client_id,
        document={**members, "client_id": client_id},
        created_at=0.0,
        changed_at=0.0,
        removed_at=removed_at,
    )


def test_a_plan_says_what_becomes_of_whom(tmp_path: Path, catalogue: Catalogue) -> None:
    """Sorted by id; what only the store has is left, or removed; those that were removed stay so."""
    file = tmp_path / "clients.yaml"
    entries = [
        f"{{client_id: {name}, category: service, token_endpoint_auth_method: client_secret_basic,"
        " grant_types: [client_credentials], resources: github, scope: ping, secret: generate}"
        for name in ("same", "new", "other")
    ]
    file.write_text(f"clients: [{', '.join(entries)}]")
    wanted = read_clients(file, catalogue, {"github": GITHUB})
    made: list[str] = []

    def new_secret(client_id: str) -> Any:
        made.append(client_id)
        return generate_secret()

    def planned(*store: StoredClient, prune: bool = False) -> Any:
        return make_plan(wanted, store, prune=prune, now=NOW, grace=60.0, new_secret=new_secret)

    first = planned()
    documents = {step.client_id: dict(step.after) for step in first.steps}
    assert made == ["same", "new", "other"] == list(first.secrets)
    assert [step.action for step in first.steps] == [Action.ADDED] * 3
    assert first.changes == tuple(
        ClientChange(client_id=name, document=documents[name]) for name in ("new", "other", "same")
    )

    made.clear()
    same = stored("same", **documents["same"])
    other = stored("other", **(documents["other"] | {"scope": "issues:read", "enabled": False}))
    gone = stored("gone", removed_at=1.0)
    left = stored("left")
    second = planned(same, other, gone, left)
    assert made == ["new"]
    assert [(step.client_id, step.action, step.members) for step in second.steps if step.before] == [
        ("other", Action.CHANGED, ("scope",)),
        ("same", Action.UNCHANGED, ()),
    ]
    assert (second.left, second.count(Action.ADDED)) == (("left",), 1)
    pruned = planned(same, other, gone, left, prune=True)
    assert pruned.left == ()
    assert [step.client_id for step in pruned.steps if step.action is Action.REMOVED] == ["left"]
    assert ClientChange(client_id="left", document=None) in pruned.changes
    with pytest.raises(ConfigError, match="client `new`: it was another client's id") as taken:
        planned(stored("new", removed_at=1.0))
    assert (taken.value.code, taken.value.file, taken.value.line) == ("duplicate_client", str(file), 1)


def test_a_secret_that_is_over_is_made_again(tmp_path: Path, catalogue: Catalogue) -> None:
    """Otherwise a machine could never get a token again."""
    file = tmp_path / "clients.yaml"
    file.write_text(
        "clients: [{client_id: a, category: service, token_endpoint_auth_method: client_secret_basic,"
        " grant_types: [client_credentials], resources: github, scope: ping, secret: generate}]"
    )
    wanted = read_clients(file, catalogue, {"github": GITHUB})
    over = stored("a", secret_hashes=[{"sha256": "0" * 64, "expires_at": int(NOW)}])

    plan = make_plan(wanted, [over], prune=False, now=NOW, grace=60.0, new_secret=lambda _: generate_secret())

    def again(old: str) -> None:
        expired = stored("a", secret_hashes=[{"sha256": sha256(old.encode()).hexdigest(), "expires_at": 1}])
        make_plan(wanted, [expired], prune=False, now=NOW, grace=60.0, new_secret=lambda _: Secret(old))

    assert list(plan.secrets) == ["a"]
    with pytest.raises(ConfigError, match="client `a`: what should be a new secret is one that has expired"):
        again("one that is in a file")
    assert [len(step.after["secret_hashes"]) for step in plan.steps if step.after] == [1]


GOOD: dict[str, Any] = {
    "client_id": "a",
    "category": "service",
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["client_credentials"],
    "resources": ["github"],
    "scope": "ping",
    "secret": "generate",
}
MEMBERS = (
    *GOOD,
    "jwks",
    "secret_hashes",
    "groups",
    "attributes",
    "enabled",
    "redirect_uris",
    "jwks_uri",
    "x",
)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=4))
@settings(
    max_examples=samples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_written_is_a_client_or_a_mistake_with_a_place(
    tmp_path: Path, catalogue: Catalogue, changes: dict[str, Any]
) -> None:
    """Nothing but a `ConfigError` is raised, and what is taken is a confidential machine."""
    file = tmp_path / "clients.yaml"
    file.write_text(json.dumps({"clients": [GOOD | changes]}))
    try:
        (wanted,) = read_clients(file, catalogue, {"github": GITHUB})
    except ConfigError as error:
        for each in (error, *error.others):
            assert each.file is not None
            assert each.line == 1 or each.file != str(file)
        return
    assert wanted.document["grant_types"] == ["client_credentials"]
    assert wanted.document["token_endpoint_auth_method"] == "client_secret_basic"
    assert (wanted.document["resources"], wanted.document["scope"]) == ([GITHUB], "ping")
    assert wanted.generates or "secret_hashes" in wanted.document
