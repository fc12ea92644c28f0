"""catalogue and pinned: what an operator saw of a server's tools, and accepted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policy_engine.errors import ConfigError
from policy_engine.mcp import Catalogue, Kinds, PinnedItem, PinnedTool, catalogue_json_schema, item_digest
from policy_engine.mcp.argument_types import Member, Record, Scalar
from policy_engine.mcp.pinned import kinds_of
from policy_engine.model import EntityUid

ITEM = {
    "name": "echo",
    "description": "Say it again.",
    "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
    "annotations": {"readOnlyHint": True},
}
DIGEST = hashlib.sha256(
    b'{"annotations":{"readOnlyHint":true},"description":"Say it again.","inputSchema":{"properties":'
    b'{"text":{"type":"string"}},"type":"object"},"name":"echo"}'
).hexdigest()

STRICT = Kinds(read_only=False, destructive=True, idempotent=False, open_world=True)


def _catalogue(*entries: Any) -> Catalogue:
    return Catalogue.from_json("demo", {"tools": list(entries)})


def test_a_reviewed_item_is_pinned_with_what_it_says_of_itself() -> None:
    """Its digest covers the whole item."""
    catalogue = Catalogue.from_json(
        "demo", json.dumps({"tools": [{"item": ITEM, "reviewed": True, "sha256": DIGEST}]}).encode()
    )

    assert dict(catalogue.tools) == {
        "echo": PinnedTool(
            server="demo",
            name="echo",
            sha256=DIGEST,
            reviewed=True,
            kinds=Kinds(read_only=True, destructive=False, idempotent=False, open_world=True),
            arguments=Record({"text": Member(type=Scalar("string"))}),
        )
    }
    assert catalogue.tools["echo"].action == EntityUid("Action", "demo/echo")
    assert catalogue.tools["echo"].resource == EntityUid("Tool", "demo/echo")


@pytest.mark.parametrize(
    "entry",
    [ITEM, {**ITEM, "reviewed": True}, {**ITEM, "item": ITEM, "reviewed": True}, {"item": ITEM}],
    ids=["bare", "bare, and claims to be reviewed", "bare, with a wrapper's members", "wrapped"],
)
def test_an_item_that_nobody_reviewed_has_nothing_to_say(entry: dict[str, Any]) -> None:
    """Whatever members the server gave it, it is destructive, and reaches out."""
    tool = _catalogue(entry).tools["echo"]

    assert (tool.reviewed, tool.kinds) == (False, STRICT)


KINDS: dict[str, tuple[Any, Kinds]] = {
    "none": (None, STRICT),
    "not an object": ([], STRICT),
    "empty": ({}, STRICT),
    "read-only": (
        {"readOnlyHint": True},
        Kinds(read_only=True, destructive=False, idempotent=False, open_world=True),
    ),
    "not destructive": (
        {"destructiveHint": False},
        Kinds(read_only=False, destructive=False, idempotent=False, open_world=True),
    ),
    "idempotent and closed": (
        {"idempotentHint": True, "openWorldHint": False},
        Kinds(read_only=False, destructive=True, idempotent=True, open_world=False),
    ),
    "read-only and destructive": ({"readOnlyHint": True, "destructiveHint": True}, STRICT),
    "hints that aren't booleans": (
        {"readOnlyHint": "true", "destructiveHint": 0, "idempotentHint": 1, "openWorldHint": None},
        STRICT,
    ),
}


@pytest.mark.parametrize(("annotations", "expected"), KINDS.values(), ids=KINDS.keys())
def test_the_kinds_of_a_reviewed_tool_follow_the_specifications_defaults(
    annotations: Any, expected: Kinds
) -> None:
    """What isn't said relaxes nothing, and a contradiction is settled for the stricter."""
    assert kinds_of(annotations, reviewed=True) == expected
    assert kinds_of(annotations, reviewed=False) == STRICT


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        {},
        {"type": "string"},
        {"type": "object", "$ref": "#"},
        {"type": "object", "properties": 1},
    ],
)
def test_a_bad_input_schema_hides_its_own_tools_arguments_and_no_others(schema: Any) -> None:
    """The tool is pinned, with the reason; the rest of the catalogue is as good as before."""
    tools = _catalogue({"name": "bad", "inputSchema": schema}, ITEM).tools

    assert tools["bad"].arguments is None
    assert tools["bad"].reason
    assert tools["echo"].arguments is not None
    assert tools["echo"].reason is None


REFUSED: dict[str, tuple[Any, str]] = {
    "not JSON": (b"{", "not strict JSON (not_json)"),
    "a member twice": ('{"tools": [], "tools": []}', "not strict JSON (duplicate_member)"),
    "a value that JSON hasn't": ({"tools": ({},)}, "not strict JSON (not_plain)"),
    "a list": ([ITEM], "not a catalogue"),
    "no tools": ({"result": {"tools": []}}, "not a catalogue"),
    "tools that aren't a list": ({"tools": {"echo": ITEM}}, "not a catalogue"),
    "one page of many": ({"tools": [ITEM], "nextCursor": "2"}, "one page of a list"),
    "an entry that isn't an object": ({"tools": ["echo"]}, "tools[0]: an entry isn't an object"),
    "no name": ({"tools": [{"description": "x"}]}, "tools[0]: a tool has no name"),
    "an empty name": ({"tools": [ITEM, {"name": ""}]}, "tools[1]: a tool has no name"),
    "a name that isn't a string": ({"tools": [{"name": 1}]}, "tools[0]: a tool has no name"),
    "an item that isn't an object": ({"tools": [{"item": "echo"}]}, "tools[0]: a tool has no name"),
    "a name of ours": ({"tools": [{"name": "*"}]}, "tools[0]: a tool can't be named `*`"),
    "a name like one of ours": ({"tools": [{"name": "？"}]}, "tools[0]: a tool can't be named `？`"),  # noqa: RUF001 -- FULLWIDTH QUESTION MARK
    "a name that would take minutes to compare": (
        {"tools": [{"name": "\u0315\u0300" * 500_000}]},
        "tools[0]: a tool's name has more than 2,000 characters",
    ),
    "a prompt's name that is just too long": (
        {"prompts": [{"item": {"name": "p" * 2_001}}]},
        "prompts[0]: a prompt's name has more than 2,000 characters",
    ),
    "one name twice": (
        {"tools": [ITEM, ITEM]},
        "tools[1]: two tools are named `echo` and `echo`, which some readers can't tell apart",
    ),
    "two names that look alike": (
        {"tools": [ITEM, {"name": "Ｅcho"}]},  # noqa: RUF001 -- FULLWIDTH E
        "tools[1]: two tools are named `echo` and `Ｅcho`, which some readers can't tell apart",  # noqa: RUF001 -- as above
    ),
    "another digest": (
        {"tools": [{"item": ITEM, "reviewed": True, "sha256": "0" * 64}]},
        "tools[0]: the item of `echo` isn't the one that was pinned",
    ),
    "an unknown member": (
        {"tools": [{"item": ITEM, "revewed": True}]},
        "tools[0]: unknown member `revewed` beside `item`",
    ),
    "a list that isn't one": ({"tools": [], "prompts": {}}, "not a catalogue"),
    "a prompt without a name": ({"prompts": [{"title": "x"}]}, "prompts[0]: a prompt has no name"),
    "a resource without a URI": ({"resources": [{"name": "x"}]}, "resources[0]: a resource has no uri"),
    "a template without one": (
        {"resourceTemplates": [{"item": {"uri": "a:b"}}]},
        "resourceTemplates[0]: a resource template has no uriTemplate",
    ),
    "two prompts that look alike": (
        {"prompts": [{"name": "echo"}, {"name": "Echo"}]},
        "prompts[1]: two prompts are named `echo` and `Echo`, which some readers can't tell apart",
    ),
    "one resource twice": (
        {"resources": [{"uri": "a:b"}, {"uri": "a:b"}]},
        "resources[1]: the resource `a:b` is there twice",
    ),
    "another resource's digest": (
        {"resources": [{"item": {"uri": "a:b"}, "sha256": "0" * 64}]},
        "resources[0]: the item of `a:b` isn't the one that was pinned",
    ),
    "labels that aren't an object": (
        {"tools": [{"item": ITEM, "labels": ["payments"]}]},
        "tools[0]: `labels` isn't an object",
    ),
    "a label that isn't a list": (
        {"tools": [{"item": ITEM, "labels": {"team": "payments"}}]},
        "tools[0]: the label `team` isn't a list of strings",
    ),
    "a label of numbers": (
        {"prompts": [{"item": {"name": "p"}, "labels": {"cost": [1]}}]},
        "prompts[0]: the label `cost` isn't a list of strings",
    ),
    "reviewed, in words": (
        {"tools": [{"item": ITEM, "reviewed": "yes"}]},
        "tools[0]: `reviewed` is neither true nor false",
    ),
}


@pytest.mark.parametrize(("data", "problem"), REFUSED.values(), ids=REFUSED.keys())
def test_a_catalogue_that_is_not_one_is_refused(data: Any, problem: str) -> None:
    """With the file, what is wrong, and how to mend it."""
    with pytest.raises(ConfigError) as caught:
        Catalogue.from_json("demo", data, Path("demo.json"))

    assert (caught.value.problem, caught.value.file) == (problem, "demo.json")
    assert caught.value.remedy


def test_all_problems_are_told_at_once() -> None:
    """The first carries the others."""
    with pytest.raises(ConfigError) as caught:
        _catalogue({}, ITEM, {"name": "?"})

    assert [error.problem for error in (caught.value, *caught.value.others)] == [
        "tools[0]: a tool has no name",
        "tools[2]: a tool can't be named `?`",
    ]


def test_the_digest_is_the_same_however_the_item_was_written() -> None:
    """The order of members says nothing, the description does."""
    assert item_digest(dict(reversed(ITEM.items()))) == DIGEST
    assert item_digest({**ITEM, "description": "Say it again!"}) != DIGEST


def test_prompts_resources_and_templates_are_pinned_too() -> None:
    """Each with the digest of its whole item; what one says of itself counts once it was reviewed."""
    resource = {"uri": "file:///A", "name": "a", "mimeType": "text/plain", "annotations": {"priority": 1}}
    catalogue = Catalogue.from_json(
        "demo",
        {
            "prompts": [{"name": "*"}, {"item": {"name": "p"}, "labels": {"team": ["b", "a", "b"]}}],
            "resources": [{"item": resource, "reviewed": True}, {**resource, "uri": "file:///a"}],
            "resourceTemplates": [{"item": {"uriTemplate": "a:{b}", "name": 7}, "reviewed": True}],
        },
    )
    prompts, resources, templates = (
        catalogue.items[type_] for type_ in ("Prompt", "Resource", "ResourceTemplate")
    )

    assert dict(catalogue.tools) == {}
    assert prompts["p"] == PinnedItem(
        type="Prompt",
        server="demo",
        name="p",
        sha256=item_digest({"name": "p"}),
        reviewed=False,
        labels={"team": ("a", "b")},
    )
    assert prompts["*"].resource == EntityUid("Prompt", "demo/*")
    assert [dict(resources[uri].facts) for uri in ("file:///A", "file:///a")] == [
        {"name": "a", "mime_type": "text/plain"},
        {},
    ]
    assert dict(templates["a:{b}"].facts) == {}


def test_a_catalogue_has_the_lists_that_its_file_has() -> None:
    """An empty one says that there is nothing; a missing one says nothing."""
    assert dict(Catalogue.from_json("demo", {"prompts": []}).items) == {"Prompt": {}}
    assert dict(_catalogue(ITEM).items) == {}


def test_a_resource_that_nobody_can_ask_for_is_pinned_with_the_reason() -> None:
    """A request for it is refused, whatever policies say; the rest is as good as before."""
    items = Catalogue.from_json("demo", {"resources": [{"uri": "FILE:///a"}, {"uri": "file:///a"}]}).items

    assert [item.reason for item in items["Resource"].values()] == ["`uri` has a scheme in capitals", None]


FILES: dict[str, tuple[Any, bool]] = {
    "items and wrappers": (
        {"tools": [ITEM, {"item": ITEM, "reviewed": True, "sha256": DIGEST, "labels": {"a": ["b"]}}]},
        True,
    ),
    "every list": (
        {
            "prompts": [{"name": "p"}],
            "resources": [{"item": {"uri": "a:b"}}],
            "resourceTemplates": [{"uriTemplate": "a:{b}"}],
            "ttlMs": 1,
        },
        True,
    ),
    "names of every length that is allowed": (
        {"prompts": [{"name": "p" * 2_000}], "resources": [{"uri": "a:" + "b" * 2_001}]},
        True,
    ),
    "too long a name": ({"prompts": [{"name": "p" * 2_001}]}, False),
    "an item with members of a wrapper": ({"tools": [{**ITEM, "item": 1, "labels": 2}]}, True),
    "none of the lists": ({"result": {"tools": []}}, False),
    "no name": ({"tools": [{"item": {"description": "x"}}]}, False),
    "a name of ours": ({"tools": [{"name": "*"}]}, False),
    "an unknown member": ({"tools": [{"item": ITEM, "revewed": True}]}, False),
    "reviewed, in words": ({"tools": [{"item": ITEM, "reviewed": "yes"}]}, False),
    "a label that isn't a list": ({"tools": [{"item": ITEM, "labels": {"a": "b"}}]}, False),
}


@pytest.mark.parametrize(("file", "fine"), FILES.values(), ids=FILES.keys())
def test_the_schema_of_the_file_says_what_the_reader_says(file: Any, fine: bool) -> None:  # noqa: FBT001 -- a row of the table
    """Editors underline what isn't loaded, and nothing else."""
    validator = Draft202012Validator(json.loads(catalogue_json_schema()))
    validator.check_schema(validator.schema)
    # Twice the same name is beyond a schema; here every item stands alone.
    entries = [
        ({member: [entry]}) for member, listed in file.items() if type(listed) is list for entry in listed
    ]
    read = True
    try:
        for each in entries or [file]:
            Catalogue.from_json("demo", each)
    except ConfigError:
        read = False

    assert (validator.is_valid(file), read) == (fine, fine)
