"""What a log says: selected, counted, followed."""

import json
from pathlib import Path
from typing import Any

import pytest

from policy_engine.audit import FileSink, Filter, Recorded, Statistics, follow, last_records, read_records
from policy_engine.errors import ConfigError

NOW = 1_790_000_000.0


def record(n: int, **more: Any) -> dict[str, Any]:
    """Of a decision."""
    return {
        "time": NOW + n,
        "decision": "allow",
        "code": "allowed",
        "principal": {"type": "Client", "id": f"machines/bot-{n % 2}", "evidence": []},
        "actor": None,
        "server": "github",
        "method": "tools/call",
        "resource": 'Tool::"github/list_issues"',
        "policies": [{"id": "read", "annotations": {}}],
        "latency_us": n,
        **more,
    }


DENIED = {"decision": "deny", "code": "no_permit", "policies": []}
PING = {"method": "ping", "resource": 'Server::"github"', "principal": {"type": None, "id": None}}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Ten decisions, and lines that are none."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    for n in range(8):
        sink.write(record(n, **(DENIED if n == 3 else {})))
    sink.write({"event": "checkpoint", "time": NOW})
    sink.write(record(8, actor={"type": "Client", "id": "corp/agent"}))
    sink.write(record(9, **PING))
    with path.open("a") as stream:
        stream.write('{"torn\n[]\n')
    return path


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", [*range(10)]),
        ("decision=deny", [3]),
        ("code=no_permit,invalid_token", [3]),
        ("principal=*/bot-1;policy=read", [1, 5, 7]),
        ("tool=github/list_*;since=2026-09-21T14:13:27Z", [7, 8]),
        ("tool=github ping", [9]),
        ("kind=unknown", [9]),
        ("actor=corp/agent", [8]),
        ("since=5s; until = 2s", [5, 6, 7]),
        ("until=2026-09-21", []),
        ("since=2026-09-21T16:13:29+02:00", [9]),
    ],
)
def test_a_filter_selects(log: Path, asked: str, found: list[int]) -> None:
    """All parts must hold, one alternative of each."""
    where = Filter.of(asked, NOW + 10)

    assert [each.json["latency_us"] for each in read_records([log]) if where.passes(each)] == found


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            "who=alice",
            "`who=alice` asks for nothing (write NAME=VALUE; names: actor, code, decision, detail, ",
        ),
        ("deny", "`deny` asks for nothing (write NAME=VALUE; names: actor, code, decision, detail, "),
        ("since=yesterday", "`yesterday` is no time (as in 2026-01-31, 2026-01-31T08:00:00Z, or 2h for two "),
    ],
)
def test_a_filter_that_asks_for_nothing_is_refused(asked: str, says: str) -> None:
    """A mistyped name must not look like an empty log."""
    with pytest.raises(ConfigError) as caught:
        Filter.of(asked, NOW)

    assert str(caught.value).startswith(says)


def test_decisions_are_counted(log: Path) -> None:
    """By what they say, and by how long they took."""
    counts = Statistics.of(read_records([log]))

    assert (counts.total, counts.first, counts.last) == (10, NOW, NOW + 9)
    assert (counts.decisions, counts.codes) == ({"allow": 9, "deny": 1}, {"allowed": 9, "no_permit": 1})
    assert counts.kinds == {"Client": 9, "unknown": 1}
    assert counts.principals == {"machines/bot-0": 5, "machines/bot-1": 4, "unknown": 1}
    assert counts.tools == {"github/list_issues": 9, "github ping": 1}
    assert counts.policies == {"read": 9}
    assert (counts.latency(0.5), counts.latency(0.99), Statistics().latency(0.5)) == (4, 9, None)


def numbers(records: list[Recorded]) -> list[int]:
    """Which they are."""
    return [each.json["latency_us"] for each in records]


def test_the_last_ones_are_of_the_last_files(log: Path, tmp_path: Path) -> None:
    """As many as are asked for, in their order."""
    other = tmp_path / "b.jsonl"
    other.write_text("".join(f"{json.dumps(record(n))}\n" for n in (10, 11)))

    assert numbers(last_records([log, other], 4)) == [8, 9, 10, 11]
    assert numbers(last_records([log, other], 100)) == [*range(12)]
    assert numbers(last_records([log, other], 2, Filter.of("tool=github ping", NOW).passes)) == [9]
    assert last_records([log], 0) == []


def test_a_log_is_followed_from_file_to_file(tmp_path: Path) -> None:
    """What is written between two looks, to the file that is moved away and to the one that follows it."""
    path = tmp_path / "a.jsonl"
    sink = FileSink(path)
    sink.write(record(0))
    steps = iter(range(5))

    def pause() -> bool:
        step = next(steps)
        if step == 0:
            sink.write(record(1))
        if step == 1:
            sink.write(record(2))
            path.rename(tmp_path / "old")
            sink.write(record(3))
        if step == 2:
            with path.open("a") as stream:
                stream.write('{"decision":"allow",')
        if step == 3:
            with path.open("a") as stream:
                stream.write('"latency_us":4}\n')
        return step < 4

    assert numbers(list(follow(path, pause))) == [1, 2, 3, 4]


def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """And read from its beginning; one that was emptied, too."""
    path = tmp_path / "a.jsonl"
    steps = iter(range(4))

    def pause() -> bool:
        step = next(steps)
        if step == 0:
            path.write_text(json.dumps(record(1)) + "\n" + json.dumps(record(2)) + "\n")
        if step == 1:
            path.write_text(json.dumps(record(3)) + "\n")
        return step < 3

    assert numbers(list(follow(path, pause))) == [1, 2, 3]
