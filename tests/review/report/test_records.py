"""A review for programs: JSON and its schema, CSV, and what is otherwise than in an earlier one."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from policy_engine.errors import ConfigError
from policy_engine.review import Review
from policy_engine.review.report import (
    Change,
    access_csv,
    compare,
    read_baseline,
    record,
    record_text,
    review_json_schema,
)
from tests.plugins.small_review import finding, review_of, shop

Make = Callable[..., Review]


def test_the_record_is_as_its_schema_says(made: Make) -> None:
    """With everything in it, and with nothing."""
    validator = Draft202012Validator(json.loads(review_json_schema()))
    whole, bare = made(), made(verdicts=(), findings=())

    assert [*validator.iter_errors(json.loads(record_text(whole)))] == []
    assert [*validator.iter_errors({**record(bare), "access": None})] == []
    assert [error.json_path for error in validator.iter_errors({**record(whole), "verdicts": [{}]})] == [
        "$.verdicts[0]"
    ] * 14


def test_a_verdict_as_json(made: Make) -> None:
    """What the verdict says, what it is to the whole, and commands that show it."""
    told = record(made())
    first, _, third, fourth = told["verdicts"]

    assert (told["format"], told["version"], told["outcome"]) == ("policy-engine review", 1, "violated")
    assert told["counts"] == {"violated": 1, "unknown": 1, "remark": 0, "waived": 1, "proved": 1}
    assert first["standing"] == "violated"
    assert first["witnesses"][0]["commands"] == [
        {
            "says": 'See it for yourself, as Client::"machines/bot"',
            "text": "policy-engine explain --client machines/bot --scope wipe --tool wipe "
            """--args '{"env": "staging"}'""",
            "language": "sh",
        }
    ]
    assert first["witnesses"][0]["twin"]["commands"] == []
    assert (third["standing"], third["reason"]) == (
        "unknown",
        {"code": "timeout", "detail": "10 seconds weren't enough"},
    )
    assert (fourth["standing"], fourth["outcome"]) == ("waived", "violated")


def test_paths_are_written_as_the_caller_wants(made: Make) -> None:
    """Those of findings and of policies."""
    told = record(made(), shown=lambda file: f"here/{file}")

    assert told["findings"][0]["file"] == "here/policies/shop.cedar"


def test_the_matrix_as_csv(made: Make) -> None:
    """A line for everybody and everything, quoted, with line ends as RFC 4180 wants them."""
    access = made().access
    assert access is not None
    text = access_csv(access)
    lines = [*csv.DictReader(io.StringIO(text, newline=""))]

    assert text.count("\r\n") == len(lines) + 1 == len(access.rows) * len(access.columns) + 1
    assert [
        line for line in lines if line["who"] == 'Client::"machines/bot"' and line["what kind"] == "tool"
    ] == [
        {
            "who": 'Client::"machines/bot"',
            "kind": "Client",
            "server": "shop",
            "what": "look",
            "what kind": "tool",
            "action": "shop/look",
            "groups": "call_tool open_world read_only",
            "reach": "may",
            "permits": "machines-look",
            "forbids": "never-in-prod",
            "depends on": "",
        },
        {
            "who": 'Client::"machines/bot"',
            "kind": "Client",
            "server": "shop",
            "what": "wipe",
            "what kind": "tool",
            "action": "shop/wipe",
            "groups": "call_tool destructive open_world",
            "reach": "may",
            "permits": "anybody-wipes",
            "forbids": "never-in-prod",
            "depends on": 'context.arguments.env == "staging"; context.token.scopes.contains("wipe")',
        },
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "|calc", "%x", "\uff1d1", "\t=1"])
def test_no_cell_is_a_formula(name: str) -> None:
    """Whatever a tool is called, a spreadsheet takes it for text."""
    access = review_of(shop(name), "").access
    assert access is not None
    (what,) = {
        line["what"]
        for line in csv.DictReader(io.StringIO(access_csv(access)))
        if name.strip() in line["what"]
    }

    assert what[0] in "'\\"


def test_what_is_otherwise_is_told_worst_first(made: Make) -> None:
    """What became of verdicts, findings and cells; what is the same isn't told."""
    now = made()
    proved, other = now.verdicts[1], finding(message="another")
    earlier = replace(
        made(verdicts=(proved, replace(now.verdicts[2], waived="-")), findings=(other,)),
        access=review_of(shop(), '@id("x") permit (principal is Client, action, resource);').access,
        digests={"policies": "0" * 64},
    )
    told = compare(record(earlier), record(now))
    health = "`machines-look` allows nothing that others don't."

    assert (told.before, told.after, told.same) == ("0" * 64, now.digests["policies"], False)
    assert told.verdicts == (
        Change(how="new", subject=("health", "machines-look"), after="waived", worse=True, note=health),
        Change(
            how="changed",
            subject=("never", "destructive"),
            before="waived",
            after="unknown",
            worse=True,
            note="Whether a machine can do anything destructive isn't known.",
        ),
        Change(
            how="new",
            subject=("separation", "anybody-wipes"),
            after="violated",
            worse=True,
            note="`anybody-wipes` treats a machine as it treats a person.",
        ),
    )
    assert [(change.how, change.subject[-1], change.worse) for change in told.findings] == [
        ("new", "its head names no kind", True),
        ("gone", "another", False),
    ]
    cells = {change.subject: (change.before, change.after, change.worse) for change in told.cells}
    wiped = 'Action::"shop/wipe" on Tool::"shop/wipe"'
    assert cells["Client", wiped] == ("always", "may", False)
    assert cells["User", wiped] == ("never", "may", True)
    assert compare(record(now), record(now)).same
    assert compare({**record(now), "access": None}, record(now)).same


def test_a_baseline_is_read_or_refused(made: Make, tmp_path: Path) -> None:
    """One that is none says so; nothing is compared with half of a review."""
    good, text, cut, none = (tmp_path / name for name in ("good", "text", "cut", "none"))
    good.write_text(record_text(made()), "utf-8")
    text.write_text("{", "utf-8")
    cut.write_text(json.dumps({**record(made()), "verdicts": [{"question": 1}]}), "utf-8")
    (tmp_path / "other").write_text('{"format": "policy-engine review", "version": 2}', "utf-8")

    assert read_baseline(good) == record(made())
    for file, problem in (
        (text, "isn't JSON"),
        (cut, "isn't the JSON of a whole review"),
        (tmp_path / "other", "isn't the JSON of a review"),
        (none, "can't be read: No such file or directory"),
    ):
        with pytest.raises(ConfigError) as refused:
            read_baseline(file)
        assert refused.value.problem == problem
