"""files: an error in a file that a person wrote says where, what and how to mend it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from policy_engine.errors import ConfigError
from policy_engine.files import Document, FileModel, check, read_document


class Inner(FileModel):
    """An entry of a mapping."""

    colour: str
    weights: list[int] = Field(default_factory=list)


class Outer(FileModel):
    """A whole file."""

    version: int
    parts: dict[str, Inner] = Field(default_factory=dict)


def errors_of(tmp_path: Path, text: str) -> list[str]:
    """Every problem of a text read as `Outer`, without the folder's name."""
    file = tmp_path / "f.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        check(Outer, read_document(file))
    return [str(error).removeprefix(f"{tmp_path}/") for error in (caught.value, *caught.value.others)]


BAD = {
    "unknown key, nearly right": (
        "version: 1\nparts:\n  a:\n    color: red\n    colour: red\n",
        ["f.yaml:4:5: unknown key `parts.a.color` (did you mean `colour`?)"],
    ),
    "unknown key, not near any": (
        "version: 1\nparts: {a: {colour: red, x: 1}}\n",
        ["f.yaml:2:26: unknown key `parts.a.x` (known here: colour, weights)"],
    ),
    "missing key": ("parts: {}\n", ["f.yaml:1:1: `version` is missing (add it)"]),
    "number as a key": (
        "version: 1\nparts:\n  17: {colour: red}\n",
        ["f.yaml:3:3: the key `17` is read as a number (put it in quotes)"],
    ),
    "null as a key": (
        "version: 1\nparts:\n  ~: {colour: red}\n",
        ["f.yaml:3:3: the key `None` is read as a null (put it in quotes)"],
    ),
    "number as a text": (
        "version: 1\nparts:\n  a: {colour: 0815}\n",
        ["f.yaml:3:7: `parts.a.colour` is read as a number (put it in quotes)"],
    ),
    "date as a text": (
        "version: 1\nparts:\n  a: {colour: 2026-01-01}\n",
        ["f.yaml:3:7: `parts.a.colour` is read as a date (put it in quotes)"],
    ),
    "text as a number": (
        "version: 'one'\n",
        ["f.yaml:1:1: `version`: input should be a valid integer"],
    ),
    "wrong item of a list": (
        "version: 1\nparts:\n  a:\n    colour: red\n    weights:\n      - 1\n      - two\n",
        ["f.yaml:7:9: `parts.a.weights.1`: input should be a valid integer"],
    ),
    "several at once": (
        "vers: 1\nparts: {a: {colour: 1}}\n",
        [
            "f.yaml:1:1: `version` is missing (add it)",
            "f.yaml:2:13: `parts.a.colour` is read as a number (put it in quotes)",
            "f.yaml:1:1: unknown key `vers` (did you mean `version`?)",
        ],
    ),
    "duplicate key": (
        "version: 1\nversion: 2\n",
        ["f.yaml:2:1: a key is written twice (keep one of the two)"],
    ),
    "not YAML": ("version: [1\n", ["f.yaml:2:1: not YAML: expected ',' or ']', but got '<stream end>'"]),
    "a variable that isn't set": (
        "version: 1\nparts:\n  a:\n    colour: ${NO_SUCH_VARIABLE}\n",
        [
            (
                "f.yaml:4:5: the environment variable `NO_SUCH_VARIABLE` isn't set "
                "(export NO_SUCH_VARIABLE, or write the value itself)"
            )
        ],
    ),
    "not a mapping": (
        "- 1\n",
        ["f.yaml:1:1: `the file`: input should be a valid dictionary or instance of Outer"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_reported_where_it_stands(tmp_path: Path, text: str, expected: list[str]) -> None:
    """File, line, column, what, and how to mend it."""
    assert errors_of(tmp_path, text) == expected


PLAIN = "YAML that isn't plain: merge keys (`<<`) and tags (`!…`) aren't read (write the values out)"


@pytest.mark.parametrize(
    "text",
    ["a: &a {x: 1}\nb: {<<: *a}\n", "a:\n  <<:\n", "a: !!omap [x]\n", "a: !!python/tuple [1]\n", "a: !x y\n"],
    ids=["merge", "empty merge", "ordered map", "python", "tag"],
)
def test_yaml_that_is_not_plain_is_refused_or_read_as_written(tmp_path: Path, text: str) -> None:
    """Never a traceback."""
    file = tmp_path / "f.yaml"
    file.write_text(text)
    try:
        read_document(file)
    except ConfigError as error:
        assert str(error).startswith(str(file))


def test_a_secret_from_the_environment_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error shows how it was written, whatever it quotes."""
    monkeypatch.setenv("PASSWORD", "hunter2")
    file = tmp_path / "f.yaml"
    file.write_text("url: 'https://host/${PASSWORD}'\n")

    document = read_document(file)

    assert document.data == {"url": "https://host/hunter2"}
    error = document.error(("url",), f"`{document.data['url']}` is wrong", "not hunter2")
    assert str(error) == f"{file}:1:1: `https://host/${{PASSWORD}}` is wrong (not ${{PASSWORD}})"
    assert "hunter2" not in repr(document)


def test_variables_and_scalars_become_plain_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${NAME}` is replaced; nothing of the parser's own types remains."""
    monkeypatch.setenv("COLOUR", "red")
    file = tmp_path / "f.yaml"
    file.write_text("a: 'x-${COLOUR}'\nb: [1, 2.5, true, null, |-\n   text]\n".replace(", |-\n   text", ""))

    document = read_document(file)

    assert document.data == {"a": "x-red", "b": [1, 2.5, True, None]}
    assert [type(item) for item in document.data["b"]] == [int, float, bool, type(None)]
    assert type(document.data["a"]) is str


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A file that can't be read is a ConfigError, not an OSError."""
    with pytest.raises(ConfigError) as caught:
        read_document(tmp_path / "none.yaml")

    assert str(caught.value) == f"{tmp_path}/none.yaml: can't read the file: No such file or directory"


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    """Bytes of another encoding are refused, not guessed."""
    (tmp_path / "f.yaml").write_bytes(b"a: \xff\n")

    with pytest.raises(ConfigError) as caught:
        read_document(tmp_path / "f.yaml")

    assert str(caught.value) == f"{tmp_path}/f.yaml: can't read the file: not UTF-8"


def test_a_file_that_aliases_make_huge_is_refused(tmp_path: Path) -> None:
    """Nine lines of nine aliases each have 400 million parts; what is merely long is read."""
    file = tmp_path / "f.yaml"
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 9)}]" for n in range(9)]
    file.write_text("\n".join(lines))

    with pytest.raises(ConfigError, match="the file has more than 200,000 parts") as refused:
        read_document(file)

    assert (refused.value.file, refused.value.remedy) == (str(file), "write fewer; aliases count each time")
    file.write_text("&a [*a, *a]")
    with pytest.raises(ConfigError, match="YAML that isn't plain"):
        read_document(file)
    file.write_text("\n".join(lines[:5]))
    assert read_document(file).data["a1"] == [["x"] * 9] * 9


def test_values_without_a_file_have_errors_without_a_place() -> None:
    """What a program hands over is checked alike."""
    with pytest.raises(ConfigError) as caught:
        check(Outer, Document(data={"version": "1"}))

    assert str(caught.value) == "`version`: input should be a valid integer"


@given(text=st.text(max_size=80))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Nothing but ConfigError leaves the reader."""
    file = tmp_path_factory.mktemp("any") / "f.yaml"
    try:
        file.write_text(text, "utf-8")
    except UnicodeEncodeError:
        return
    try:
        check(Outer, read_document(file))
    except ConfigError as error:
        assert str(error).startswith(str(file))
