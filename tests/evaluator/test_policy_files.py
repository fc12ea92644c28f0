"""Folders and files → policy sources."""

from pathlib import Path

import pytest

from policy_engine.errors import PolicyError
from policy_engine.evaluator import PolicySource, expand


def test_a_folder_gives_its_cedar_files_in_order(tmp_path: Path) -> None:
    """Below it too; other files, hidden files and hidden folders are passed over."""
    for name in (
        "b.cedar",
        "a.cedar",
        "c/d.cedar",
        "notes.md",
        ".swap.cedar",
        "..data/a.cedar",
        "x.cedar/y.cedar",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"// {name}")

    assert [source.text for source in expand([tmp_path])] == [
        "// a.cedar",
        "// b.cedar",
        "// c/d.cedar",
        "// x.cedar/y.cedar",
    ]


def test_a_file_that_is_reached_twice_is_read_once(tmp_path: Path) -> None:
    """By its folder, by its name, or by a link."""
    file = tmp_path / "a.cedar"
    file.write_text("// a")
    (tmp_path / "b.cedar").symlink_to(file)

    assert expand([file, tmp_path]) == (PolicySource(text="// a", file=str(file)),)


def test_a_file_may_have_any_name_and_keeps_its_line_ends(tmp_path: Path) -> None:
    """If it is named itself; a byte order mark isn't part of the text."""
    file = tmp_path / "policies.txt"
    file.write_bytes(b"\xef\xbb\xbf// a\r\n")

    assert expand([file]) == (PolicySource(text="// a\r\n", file=str(file)),)


def test_an_empty_file_is_a_set_that_denies_everything(tmp_path: Path) -> None:
    """That has to be said, so that a mistyped path can't be taken for it."""
    (tmp_path / "none.cedar").touch()

    assert [source.text for source in expand([tmp_path])] == [""]


def test_nothing_to_read_is_refused(tmp_path: Path) -> None:
    """No path, an empty folder, a path to nowhere."""
    expected = {
        (): "no policies are named",
        (tmp_path,): f"{tmp_path}: no policies in this folder",
        (tmp_path / "nowhere",): f"{tmp_path / 'nowhere'}: no such file or folder",
    }
    for paths, message in expected.items():
        with pytest.raises(PolicyError) as caught:
            expand(paths)
        assert str(caught.value).startswith(f"{message} (name a folder with *.cedar files;")
        assert caught.value.code == "policy_files"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """By name."""
    file = tmp_path / "a.cedar"
    file.write_bytes(b"// \xff")

    with pytest.raises(PolicyError, match="not UTF-8") as caught:
        expand([file])
    assert caught.value.file == str(file)


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that can't be read, even by root"
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """With what the system says."""
    file = tmp_path / "a.cedar"
    file.symlink_to("/proc/self/mem")

    with pytest.raises(PolicyError, match="can't be read: Input/output error"):
        expand([file])
