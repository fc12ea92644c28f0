"""People and machines as Cedar entities."""

from policy_engine.evaluator import principal_entity
from policy_engine.model import Client, User


def test_a_human_has_human_parents() -> None:
    """Groups and roles of their issuer; configured claims as tags."""
    user = User(
        issuer="corp",
        subject='a"b',
        email="a@example.com",
        groups=frozenset({"eng", "all"}),
        roles=frozenset({"admin"}),
        attributes={"region": ("eu", "us"), "none": ()},
    )

    assert principal_entity(user) == {
        "uid": {"type": "User", "id": 'corp/a"b'},
        "attrs": {"issuer": "corp", "subject": 'a"b', "email": "a@example.com"},
        "parents": [
            {"type": "Group", "id": "corp/all"},
            {"type": "Group", "id": "corp/eng"},
            {"type": "Role", "id": "corp/admin"},
        ],
        "tags": {"region": ["eu", "us"], "none": []},
    }
    assert "email" not in principal_entity(User(issuer="corp", subject="a"))["attrs"]


def test_a_machine_has_machine_parents() -> None:
    """Of types that no human can have."""
    client = Client(
        issuer="machines",
        client_id="ci",
        category="workload",
        groups=frozenset({"ci"}),
        roles=frozenset({"r"}),
    )

    assert principal_entity(client) == {
        "uid": {"type": "Client", "id": "machines/ci"},
        "attrs": {"issuer": "machines", "client_id": "ci", "category": "workload"},
        "parents": [
            {"type": "ClientGroup", "id": "machines/ci"},
            {"type": "ClientRole", "id": "machines/r"},
        ],
        "tags": {},
    }
