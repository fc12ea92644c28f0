"""files: an entry is added to a file that a person wrote, and nothing of theirs is touched."""

import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from policy_engine.errors import ConfigError
from policy_engine.files import Edit, add_entry, read_document, read_text, replace_file
from tests.plugins.samples import samples

ENTRY = {"issuer": "https://x/", "profile": "auth0"}
LONG: dict[str, Any] = {
    "issuer": "https://x/",
    "keys": {"uri": "https://k"},
    "flags": {"a": True, "t": ["x", "yes", "1", "null", "?0"]},
    "clients": {"ci-bot": {"grants": ["client_credentials"]}, "12": {"grants": ["password", "implicit"]}},
}

ADDED = {
    "a block": (
        "# top\nversion: 1\nissuers: # ours\n  a:\n    b: c   # kept\n\npolicies: p\n",
        "# top\nversion: 1\nissuers: # ours\n  a:\n    b: c   # kept\n"
        "  new:\n    issuer: https://x/\n    profile: auth0\n\npolicies: p\n",
    ),
    "its own way to indent": (
        "issuers:\n    a: {b: c}\n",
        "issuers:\n    a: {b: c}\n    new:\n        issuer: https://x/\n        profile: auth0\n",
    ),
    "comments of the section stay in it, those of the next one don't": (
        "issuers:\n  a: {b: c}\n  # old: {d: e}\n\n# the policies\npolicies: p\n",
        "issuers:\n  a: {b: c}\n  # old: {d: e}\n  new:\n    issuer: https://x/\n    profile: auth0\n"
        "\n# the policies\npolicies: p\n",
    ),
    "the last section, with a comment below": (
        "issuers:\n  a: {b: c}\n\n# end\n",
        "issuers:\n  a: {b: c}\n  new:\n    issuer: https://x/\n    profile: auth0\n\n# end\n",
    ),
    "no end of the last line": (
        "issuers:\n  a: {b: c}",
        "issuers:\n  a: {b: c}\n  new:\n    issuer: https://x/\n    profile: auth0\n",
    ),
    "an end of the document": (
        "---\nissuers:\n  a: {b: c}\n...\n",
        "---\nissuers:\n  a: {b: c}\n  new:\n    issuer: https://x/\n    profile: auth0\n...\n",
    ),
    "blank lines that are part of a text": (
        "issuers:\n  a:\n    b: |+\n      c\n\n\nq: 1\n",
        "issuers:\n  a:\n    b: |+\n      c\n\n\n  new:\n    issuer: https://x/\n    profile: auth0\nq: 1\n",
    ),
    "a text that ends where the file does, without the end of its line": (
        "issuers: # ours\n  a:\n    b: |\n      c",
        "issuers: # ours\n  new:\n    issuer: https://x/\n    profile: auth0\n  a:\n    b: |\n      c",
    ),
    "lines of Windows": (
        "issuers:\r\n  a: {b: c}\r\nq: 1\r\n",
        "issuers:\r\n  a: {b: c}\r\n  new:\r\n    issuer: https://x/\r\n    profile: auth0\r\nq: 1\r\n",
    ),
    "a mark of the byte order": (
        "\ufeffissuers:\n  a: {b: c}\nq: 1\n",
        "\ufeffissuers:\n  a: {b: c}\n  new:\n    issuer: https://x/\n    profile: auth0\nq: 1\n",
    ),
    "an empty section": (
        "issuers: # none yet\nq: 1\n",
        "issuers: # none yet\n  new:\n    issuer: https://x/\n    profile: auth0\nq: 1\n",
    ),
    "no section": ("q: 1\n\n", "q: 1\nissuers:\n  new:\n    issuer: https://x/\n    profile: auth0\n\n"),
    "no section, and no end of the line": (
        "q: 1",
        "q: 1\nissuers:\n  new:\n    issuer: https://x/\n    profile: auth0\n",
    ),
    "empty braces": ("issuers: {}\nq: 1\n", "issuers: {new: {issuer: https://x/, profile: auth0}}\nq: 1\n"),
    "braces": (
        "issuers: {a: {b: c}} # ours\n",
        "issuers: {a: {b: c}, new: {issuer: https://x/, profile: auth0}} # ours\n",
    ),
    "braces over several lines, with a comma at the end": (
        "issuers: {\n  a: {b: c}, # the first\n}\n",
        "issuers: {\n  a: {b: c}, new: {issuer: https://x/, profile: auth0}, # the first\n}\n",
    ),
    "all in braces": (
        '{"version": 1, "issuers": {"a": {"b": "c"}}}\n',
        '{"version": 1, "issuers": {"a": {"b": "c"}, new: {issuer: https://x/, profile: auth0}}}\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
def test_an_entry_is_put_at_the_end_of_its_section(before: str, after: str) -> None:
    """Every other character of the file stays as it is."""
    assert add_entry(before, "issuers", "new", ENTRY) == Edit(before=before, after=after)


def test_an_entry_is_written_as_people_write_it() -> None:
    """What is short stands in one line; what YAML would read as something else is in quotes."""
    edit = add_entry("issuers:\n  a: {b: c}\n", "issuers", "new", LONG)

    assert edit.lines() == (
        3,
        [],
        [
            "  new:",
            "    issuer: https://x/",
            "    keys: {uri: https://k}",
            "    flags:",
            "      a: true",
            '      t: [x, "yes", "1", "null", "?0"]',
            "    clients:",
            "      ci-bot: {grants: [client_credentials]}",
            '      "12": {grants: [password, implicit]}',
        ],
    )


def test_a_change_within_a_line_is_told_as_one() -> None:
    """The line as it was, and as it is."""
    edit = add_entry("v: 1\nissuers: {}\nq: 1\n", "issuers", "new", {"a": "b"})

    assert edit.lines() == (2, ["issuers: {}"], ["issuers: {new: {a: b}}"])


REFUSED = {
    "x: &a {q: {r: s}}\nissuers: *a\n": (
        "`issuers` is written in a way that can't be added to"
        " (write it yourself: new: {issuer: https://x/, profile: auth0})"
    ),
    "issuers: null\n": (
        "`issuers` is written in a way that can't be added to"
        " (write it yourself: new: {issuer: https://x/, profile: auth0})"
    ),
    "{version: 1}\n": (
        "`issuers` is written in a way that can't be added to"
        " (write it yourself: new: {issuer: https://x/, profile: auth0})"
    ),
    "issuers:\n  new: {b: c}\n": "`issuers.new` is there already (choose another name)",
    "issuers: [a]\n": "`issuers` isn't a mapping (mend the file first)",
    "[a]\n": "the file isn't a mapping (write `version: 1` first)",
    "": "the file isn't a mapping (write `version: 1` first)",
    "a: [\n": "not YAML (mend the file first)",
    "a: 1\n---\nb: 1\n": "not YAML (mend the file first)",
}


@pytest.mark.parametrize(("text", "error"), REFUSED.items(), ids=repr)
def test_what_cant_be_added_to_is_left_alone(text: str, error: str) -> None:
    """Whoever wrote it in such a way is told what to write."""
    with pytest.raises(ConfigError) as caught:
        add_entry(text, "issuers", "new", ENTRY)

    assert str(caught.value) == error


NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=200)
VALUES = st.one_of(TEXTS, st.booleans(), st.lists(TEXTS, max_size=3))
ENTRIES = st.dictionaries(
    TEXTS, st.one_of(VALUES, st.dictionaries(TEXTS, VALUES, max_size=3)), min_size=1, max_size=4
)


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """Files as different people write them: comments, blank lines, and indentation of any kind."""
    blank = st.sampled_from(["", "", "\n", "# a remark\n", "\n# a remark: {\n\n"])
    step = " " * draw(st.integers(1, 5))
    lines = [draw(blank), "version: 1\n"]
    for section in draw(st.permutations(["servers", "issuers", "policies"])):
        lines += [draw(blank), f"{section}:{draw(st.sampled_from(['', ' # of ours']))}\n"]
        for name in draw(st.lists(NAMES, min_size=section != "issuers", max_size=3, unique=True)):
            inner = draw(
                st.sampled_from(
                    [
                        " {issuer: a, b: [c, {d: e}]} # short",
                        f"\n{step}{step}issuer: 'a: # b'\n\n{step}{step}b:\n{step}{step}- c\n{step}{step}# d",
                        f" # x\n{step}{step}b: |\n{step}{step}  # no remark\n\n{step}{step}  text\n",
                        f"\n{step}{step}b: >+\n{step}{step} text\n\n",
                        f' {{\n{step}b: "a\n\n{step}{step}b" }}',
                    ]
                )
            )
            lines.append(f"{step}{name}:{inner}\n{draw(st.sampled_from(['', step + '# between' + chr(10)]))}")
    text = "".join(lines)
    text = text.rstrip("\n") if draw(st.booleans()) else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def loaded(text: str) -> Any:
    """What a parser of YAML makes of it."""
    return YAML(typ="safe", pure=True).load(text)


@given(configurations(), ENTRIES)
@settings(max_examples=samples(60))
def test_every_line_of_the_old_file_is_in_the_new_one(text: str, entry: dict[str, Any]) -> None:
    """In its old order, and what the file says is what it said, and the entry."""
    edit = add_entry(text, "issuers", "a-new-one", entry)

    old, new = loaded(text), loaded(edit.after)
    assert new == {**old, "issuers": {**(old["issuers"] or {}), "a-new-one": entry}}
    rest = iter(edit.after.splitlines())
    assert [line for line in text.splitlines() if line not in rest] == []


def names_in(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    """Through a link, too; nothing else is left in the folder."""
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "c.yaml", tmp_path / "c.yaml"
    real.write_bytes(b"a: 1\r\n")
    real.chmod(0o640)
    link.symlink_to(real)
    seen: list[tuple[Path, bytes, int]] = []

    def look(path: Path) -> None:
        seen.append((path.parent, path.read_bytes(), stat.S_IMODE(path.stat().st_mode)))

    replace_file(link, Edit(before=read_text(link), after="a: 2\r\n"), check=look)

    assert seen == [(real.parent, b"a: 2\r\n", 0o640)]
    assert link.is_symlink()
    assert real.read_bytes() == b"a: 2\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert names_in(real.parent) == ["c.yaml"]


def test_a_file_that_fails_its_check_isnt_put_in_place(tmp_path: Path) -> None:
    """The old one isn't even touched, and nothing else is left in the folder."""
    file = tmp_path / "c.yaml"
    file.write_text("a: 1\n")
    before = file.stat()

    def refuse(path: Path) -> None:
        assert read_document(path).data == {"a": 2}
        raise ConfigError("no")

    with pytest.raises(ConfigError, match=r"^no$"):
        replace_file(file, Edit(before="a: 1\n", after="a: 2\n"), check=refuse)

    assert (file.read_text(), file.stat().st_ino, file.stat().st_mtime_ns) == (
        "a: 1\n",
        before.st_ino,
        before.st_mtime_ns,
    )
    assert names_in(tmp_path) == ["c.yaml"]


def test_what_somebody_else_wrote_meanwhile_isnt_lost(tmp_path: Path) -> None:
    """The file must be what was read, up to the end."""
    file = tmp_path / "c.yaml"
    file.write_text("a: 1\n")

    def write_too(_path: Path) -> None:
        file.write_text("a: 3\n")

    with pytest.raises(ConfigError) as caught:
        replace_file(file, Edit(before="a: 1\n", after="a: 2\n"), check=write_too)

    assert str(caught.value) == f"{file}: the file was changed meanwhile (try again)"
    assert file.read_text() == "a: 3\n"
    assert names_in(tmp_path) == ["c.yaml"]


def test_a_file_can_be_tried_without_being_replaced(tmp_path: Path) -> None:
    """With `write=False` only the check sees it."""
    file = tmp_path / "c.yaml"
    file.write_text("a: 1\n")
    seen: list[str] = []

    def look(path: Path) -> None:
        seen.append(path.read_text())

    replace_file(file, Edit(before="a: 1\n", after="a: 2\n"), check=look, write=False)

    assert (seen, file.read_text(), names_in(tmp_path)) == (["a: 2\n"], "a: 1\n", ["c.yaml"])


def test_a_disk_that_refuses_is_an_error(tmp_path: Path) -> None:
    """And so is a file that isn't there, or isn't text."""
    gone = tmp_path / "gone" / "c.yaml"
    (tmp_path / "latin").write_bytes(b"\xe4")

    with pytest.raises(ConfigError) as unwritten:
        replace_file(gone, Edit(before="", after="a: 2\n"), check=lambda _path: None)
    with pytest.raises(ConfigError) as unread:
        read_text(gone)
    with pytest.raises(ConfigError) as undecoded:
        read_text(tmp_path / "latin")

    assert str(unwritten.value) == (
        f"{gone}: can't write the file: No such file or directory (see who may write to its folder)"
    )
    assert str(unread.value) == f"{gone}: can't read the file: No such file or directory"
    assert str(undecoded.value) == f"{tmp_path / 'latin'}: can't read the file: not UTF-8"
