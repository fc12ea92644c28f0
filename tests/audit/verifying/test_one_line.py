"""A log in which one line is otherwise than it was written."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from policy_engine.audit import Problem, verify_files
from policy_engine.jose import SigningKey
from tests.audit.conftest import Key, Writers
from tests.plugins.samples import samples

KEY = Key(SigningKey.generate("EdDSA"))

WRITERS = st.lists(st.integers(0, 3), min_size=4, max_size=40)
LINE = st.integers(0, 10_000)


def log(path: Path, who: list[int]) -> list[bytes]:
    """Lines of up to four writers, signed every five lines and when they close."""
    writers = Writers.of(path, 4, KEY, lines=5)
    writers.write(who)
    return writers.close()


def problems(path: Path, lines: list[bytes]) -> tuple[Problem, ...]:
    """What is found in these lines."""
    path.write_bytes(b"".join(lines))
    return verify_files([path], verifier=KEY).problems


def chain_of(line: bytes) -> tuple[str, int]:
    """The chain of a line, and its number in that."""
    value = json.loads(line)
    return value["chain"], value["seq"]


def last_of(lines: list[bytes]) -> dict[str, int]:
    """The number of each chain's last line."""
    return dict(map(chain_of, lines))


def found_at(path: Path, lines: list[bytes]) -> list[tuple[str, int]]:
    """Kind and line of each problem, but what follows of it for whole chains and for their beginnings."""
    follows = ("tie_missing", "unsigned")
    return [(each.kind, each.place.line) for each in problems(path, lines) if each.kind not in follows]


def mates(lines: list[bytes], at: int) -> list[int]:
    """The other lines of the chain of one."""
    chain = chain_of(lines[at])[0]
    return [n for n, line in enumerate(lines) if n != at and chain_of(line)[0] == chain]


@settings(max_examples=samples(40))
@given(WRITERS)
def test_an_untouched_log_is_what_was_written(who: list[int]) -> None:
    """Whoever wrote when."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"

        assert problems(path, log(path, who)) == ()


@settings(max_examples=samples(60))
@given(WRITERS, LINE, st.data())
def test_a_changed_line_is_named(who: list[int], at: int, data: Any) -> None:
    """Whatever byte of it: as a problem, or as torn; the latter is a problem unless it was a chain's last."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at %= len(lines)
        chain, seq = chain_of(lines[at])
        is_last = seq == last_of(lines)[chain]
        line = bytearray(lines[at])
        position = data.draw(st.integers(0, len(line) - 2))
        byte = data.draw(st.integers(0, 255).filter(lambda byte: byte not in {line[position], 10, 13}))
        line[position] = byte
        lines[at] = bytes(line)

        found = problems(path, lines)
        noted = [note.place.line for note in verify_files([path]).notes]

        assert found or is_last
        assert at + 1 in {*(problem.place.line for problem in found), *noted}


@settings(max_examples=samples(60))
@given(WRITERS, LINE)
def test_a_changed_record_is_named_alone(who: list[int], at: int) -> None:
    """What it records, where its chain and hash are as they were."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at %= len(lines)
        lines[at] = lines[at].replace(b"{", b'{"x":1,', 1)

        assert found_at(path, lines) == [("changed", at + 1)]


@settings(max_examples=samples(60))
@given(WRITERS, LINE)
def test_a_removed_line_is_missed_where_it_was(who: list[int], at: int) -> None:
    """By the next line of its chain."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at %= len(lines)
        chain, seq = chain_of(lines[at])
        assume(seq < last_of(lines)[chain])
        del lines[at]
        following = next(n for n, line in enumerate(lines) if chain_of(line) == (chain, seq + 1))

        assert found_at(path, lines) == [("missing", following + 1)]


@settings(max_examples=samples(60))
@given(WRITERS, LINE, LINE)
@example([0, 0, 0, 0, 0], 1, 4)
def test_exchanged_lines_are_named(who: list[int], one: int, two: int) -> None:
    """Any two of one chain; of neighbours one is out of order, of others both."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        one %= len(lines)
        others = mates(lines, one)
        one, two = sorted((one, others[two % len(others)]))
        near = chain_of(lines[two])[1] - chain_of(lines[one])[1] == 1
        lines[one], lines[two] = lines[two], lines[one]

        found = {place for _, place in found_at(path, lines)}

        assert found
        assert found <= {one + 1, two + 1} if near else found == {one + 1, two + 1}


@settings(max_examples=samples(60))
@given(WRITERS, LINE, LINE)
def test_a_line_that_is_there_again_is_named(who: list[int], at: int, to: int) -> None:
    """Wherever it is put."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at, to = at % len(lines), to % (len(lines) + 1)
        copies = {n + 1 + (n >= to) for n in [at]} | {to + 1}
        lines.insert(to, lines[at])

        found = {place for _, place in found_at(path, lines)}

        assert found
        assert found <= copies


@settings(max_examples=samples(30))
@given(WRITERS, LINE, st.sampled_from([b'{"n":1}\n', b"{}\n"]))
def test_a_line_of_no_chain_is_named(who: list[int], at: int, line: bytes) -> None:
    """Behind one that is chained; before the first it may be from before there were chains."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at = 1 + at % len(lines)
        lines.insert(at, line)

        assert found_at(path, lines) == [("unchained", at + 1)]


def moved(lines: list[bytes], at: int, to: int) -> Iterator[bytes]:
    """The lines, one of them elsewhere."""
    rest = lines[:at] + lines[at + 1 :]
    yield from rest[:to]
    yield lines[at]
    yield from rest[to:]


@settings(max_examples=samples(60))
@given(WRITERS, LINE, LINE)
def test_a_line_that_was_moved_is_named(who: list[int], at: int, to: int) -> None:
    """Past at least one other of its chain."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        lines = log(path, who)
        at %= len(lines)
        others = mates(lines, at)
        to = others[to % len(others)]
        passed = [n for n in others if min(at, to) <= n <= max(at, to)]
        other = list(moved(lines, at, to))

        found = {place for _, place in found_at(path, other)}

        assert found == {to + 1} if len(passed) > 1 else found
