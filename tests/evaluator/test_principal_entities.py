"""People and machines as Cedar entities."""

from policy_engine.evaluator import principal_entity
from policy_engine.model import Client, TypedAttributes, User


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


def test_declared_attributes_stand_beside_those_that_are_always_there() -> None:
    """As JSON types that Cedar reads as the declared ones; none of them replaces one of ours."""
    typed: TypedAttributes = {
        "clearance": 3,
        "contractor": False,
        "centres": ("100", "200"),
        "none": (),
        "issuer": "other",
    }

    assert principal_entity(User(issuer="corp", subject="a", typed_attributes=typed))["attrs"] == {
        "issuer": "corp",
        "subject": "a",
        "clearance": 3,
        "contractor": False,
        "centres": ["100", "200"],
        "none": [],
    }
    assert principal_entity(Client(issuer="m", client_id="ci", typed_attributes={"category": "x"}))[
        "attrs"
    ] == {"issuer": "m", "client_id": "ci", "category": "service"}
