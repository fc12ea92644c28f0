"""Logs of several files, and lines that are no part of a chain."""

from pathlib import Path

from policy_engine.audit import FileSink, verify_files


def kinds(files: list[Path]) -> list[tuple[str, int, str]]:
    """File, line and kind of each problem; notes have a kind, too."""
    report = verify_files(files)
    notes = [(note.place.file.name, note.place.line, note.says) for note in report.notes]
    return [(each.place.file.name, each.place.line, each.kind) for each in report.problems] + notes


def log(path: Path, count: int) -> list[bytes]:
    """Lines of one writer."""
    sink = FileSink(path)
    for n in range(count):
        sink.write({"n": n})
    sink.close()
    return path.read_bytes().splitlines(keepends=True)


def test_lines_from_before_there_were_chains_are_a_note(tmp_path: Path) -> None:
    """In the file where chains begin, and in those before it."""
    old, path = tmp_path / "old", tmp_path / "a"
    old.write_text('{"n":1}\n{"n":2}\n')
    path.write_text('{"n":3}\n')
    log(path, 2)

    assert kinds([old, path]) == [
        ("old", 1, "2 lines from before the log was chained"),
        ("a", 1, "1 line from before the log was chained"),
    ]


def test_lines_that_were_put_before_a_chain_that_goes_on_are_none(tmp_path: Path) -> None:
    """Whether the file before it is there or not."""
    path, old = tmp_path / "a", tmp_path / "a.1"
    sink = FileSink(path)
    sink.write({"n": 1})
    path.rename(old)
    sink.write({"n": 2})
    path.write_bytes(b'{"n":"forged"}\n' + path.read_bytes())
    (tmp_path / "forged").write_text('{"n":"forged"}\n')

    assert kinds([old, path]) == [("a", 1, "unchained")]
    assert kinds([path])[0] == ("a", 1, "unchained")
    assert kinds([old, tmp_path / "forged"]) == [("forged", 1, "unchained")]


def test_a_whole_chain_that_others_come_after_is_missed(tmp_path: Path) -> None:
    """A process that wrote one line leaves a trace in the chain that was begun after it."""
    path = tmp_path / "a"
    log(path, 1)
    log(path, 1)
    lines = log(path, 1)
    path.write_bytes(b"".join([lines[0], lines[2]]))

    assert kinds([path]) == [("a", 2, "tie_missing")]


def test_a_line_with_another_end_is_another_line(tmp_path: Path) -> None:
    """Not one byte of it is free to change."""
    path = tmp_path / "a"
    lines = log(path, 3)
    path.write_bytes(lines[0] + lines[1].replace(b"\n", b"\r\n") + lines[2])

    assert kinds([path]) == [("a", 2, "unchained"), ("a", 3, "missing")]


def test_the_first_line_of_a_chain_is_missed(tmp_path: Path) -> None:
    """Nothing says that it would be elsewhere."""
    path = tmp_path / "a"
    lines = log(path, 3)
    path.write_bytes(b"".join(lines[1:]))

    assert kinds([path]) == [("a", 1, "missing")]


def test_a_number_that_is_too_large_is_told_at_once(tmp_path: Path) -> None:
    """However large it is, verifying takes no longer."""
    path = tmp_path / "a"
    lines = log(path, 2)
    forged = lines[1].replace(b'"seq":2', b'"seq":999999999999999999')
    path.write_bytes(b"".join([*lines, forged]))

    assert kinds([path]) == [("a", 3, "missing")]


def test_a_log_that_holds_nothing_is_nothing(tmp_path: Path) -> None:
    """No chain, and no problem; what is no text at all is torn."""
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "noise").write_bytes(bytes(range(256)) + b"\n[]\n" + b"[" * 100_000)

    assert verify_files([tmp_path / "empty"]).ok
    assert kinds([tmp_path / "noise"]) == [
        ("noise", line, "a torn line, which is no record") for line in (1, 2, 3, 4)
    ]
