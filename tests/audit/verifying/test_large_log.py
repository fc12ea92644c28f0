"""A log of 100,000 lines of three writers: each change of one line is found."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from policy_engine.audit import Report, verify_files
from tests.audit.conftest import Key, Writers

LINES = 100_000


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory, key: Key) -> list[bytes]:
    """All lines, the last signed."""
    chosen = random.Random(1)
    writers = Writers.of(tmp_path_factory.mktemp("log") / "a", 3, key)
    writers.write([chosen.randrange(3) for _ in range(LINES)])
    return writers.close()


def verified(folder: Path, lines: list[bytes], key: Key, heads: tuple[str, ...] = ()) -> Report:
    """What is found in these."""
    path = folder / "a"
    path.write_bytes(b"".join(lines))
    return verify_files([path], verifier=key, heads=heads)


def changes(lines: list[bytes], at: int) -> Iterator[list[bytes]]:
    """The lines, one of them changed, removed, or after the next of its chain."""
    chain = lines[at].split(b'"chain":"')[1][:11]
    follower = next((n for n in range(at + 1, len(lines)) if chain in lines[n]), None)
    yield [*lines[:at], lines[at].replace(b"{", b'{"x":1,', 1), *lines[at + 1 :]]
    if follower is not None:
        yield lines[:at] + lines[at + 1 :]
        yield lines[:at] + lines[at + 1 : follower + 1] + [lines[at]] + lines[follower + 1 :]


def test_a_sample_of_changes_is_found(tmp_path: Path, key: Key, lines: list[bytes]) -> None:
    """At the beginning, in the middle, and before the last checkpoint; untouched it is what was written."""
    untouched = verified(tmp_path, lines, key)
    assert (untouched.problems, untouched.notes) == ((), ())
    assert LINES < untouched.lines < LINES * 1.01

    for kind, at in enumerate((0, 54_321, len(lines) - 10)):
        changed = tuple(changes(lines, at))[kind]
        found = verified(tmp_path, changed, key)
        assert found.problems
        assert abs(found.problems[0].place.line - at) < 40


def test_with_a_head_the_tail_is_protected_too(tmp_path: Path, key: Key, lines: list[bytes]) -> None:
    """Cut off after its chain's last line but one, it looks like a log that was shorter."""
    last = {value["chain"]: value["hash"] for value in map(json.loads, lines[-500:])}
    head = json.loads(lines[-1])["hash"]

    found = verified(tmp_path, lines[:-1], key, tuple(last.values())).problems

    assert len(last) == 3
    assert [(problem.kind, problem.says) for problem in found] == [
        ("head_missing", f"no line up to the last one has the head {head}")
    ]


@pytest.mark.long
@pytest.mark.no_cover
def test_every_change_is_found(tmp_path: Path) -> None:
    """Of each line of 100,000, in files of forty: by the file that it is in, and the one after."""
    chosen, done = random.Random(2), 0
    writers = Writers.of(tmp_path / "a", 3)
    files = [tmp_path / str(number) for number in range(LINES // 40)]
    both = tmp_path / "both"
    for file in files:
        writers.write([chosen.randrange(3) for _ in range(40)])
        writers.path.rename(file)
    for file, after in pairwise(files):
        lines, more = (each.read_bytes().splitlines(keepends=True) for each in (file, after))
        assert verify_files([file, after]).ok
        for at in range(len(lines)):
            for changed in changes([*lines, *more], at):
                both.write_bytes(b"".join(changed))
                assert not verify_files([both]).ok, (file, at)
                done += 1
    assert done > 2.9 * (LINES - 40)
