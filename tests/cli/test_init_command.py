"""`policy-engine init` writes a project that runs at once, or nothing."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.cli.catalogues import Entry, catalogue_text
from policy_engine.cli.catalogues.naming import name_of_command, name_of_file, name_of_url
from policy_engine.cli.starter import Project, example_project, install, pinned_project
from policy_engine.config import Stages, assemble, config_json_schema, load_config
from policy_engine.errors import ConfigError
from policy_engine.files import read_document
from policy_engine.mcp import TOOLS, Catalogue, item_digest
from tests.plugins.documentation import commands_of
from tests.plugins.samples import samples

Run = Callable[..., Result]

FILES = {
    ".gitignore",
    "README.md",
    "catalogues/delivery.json",
    "keys/corp.private.json",
    "keys/machines.private.json",
    "policies/baseline.cedar",
    "policies/ci-bot.cedar",
    "policies/delivery.scenario.yaml",
    "policies/people.cedar",
    "policies/policies.cedarschema",
    "policy-engine.yaml",
    "schemas/policy-engine.schema.json",
    "schemas/scenario.schema.json",
}
TOOL = {
    "name": "send",
    "description": "Send a message",
    "annotations": {"readOnlyHint": True},
    "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]},
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str | Path, stdin: str = "") -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)

    return command


def files_in(folder: Path) -> dict[str, str]:
    """Everything in a folder, by its place."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def loaded(folder: Path) -> Stages:
    """A project, as the engine loads it."""
    return assemble(load_config(folder / "policy-engine.yaml"), now=lambda: 0.0)


def saved(folder: Path, value: Any) -> Path:
    """A value as a JSON file."""
    file = folder / "saved.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value))
    return file


# --- the example --------------------------------------------------------------------------------

LINE = """\
policy-engine init p && cd p && policy-engine validate && \
policy-engine evaluate --token "$(policy-engine token mint --client ci-bot)" \
  --tool deploy --args '{"env":"staging"}'
"""
AGAIN = """\
policy-engine evaluate --token "$(policy-engine token mint --client ci-bot)" \
  --tool deploy --args '{"env":"prod"}'
"""


def test_one_line_from_nothing_to_a_decision(tmp_path: Path) -> None:
    """In a real shell: the bot may deploy to staging, and not to production; exit status 0, and 1."""

    def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
        command = ["bash", "-c", line]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    staging, production = shell(LINE, tmp_path), shell(AGAIN, tmp_path / "p")

    assert (staging.returncode, staging.stderr) == (0, "")
    assert "valid: 9 policies, 1 server, 3 pinned tools, 0 warnings" in staging.stdout
    assert "ALLOW  allowed" in staging.stdout
    assert "ci-bot-deploys-to-staging" in staging.stdout
    assert production.returncode == 1
    assert "DENY  no_permit" in production.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_a_project_holds_all_that_it_needs(run: Run, tmp_path: Path) -> None:
    """Nothing in it names anything outside, and no template is left unfilled."""
    result = run("init", "p")

    files = files_in(tmp_path / "p")
    assert result.exit_code == 0
    assert result.stdout == ("p: 13 files, 3 pinned tools\nnext: cd p && policy-engine validate\n")
    assert set(files) == FILES
    assert [name for name, text in files.items() if "{{" in text] == []
    assert files["policies/policies.cedarschema"] == run("schema", "-c", "p/policy-engine.yaml").stdout
    assert loaded(tmp_path / "p").policies.warnings == ()


def test_only_their_owner_reads_the_keys(run: Run, tmp_path: Path) -> None:
    """0600, kept out of git; two keys, and new ones for each project."""
    run("init", "p")
    run("init", "q")

    keys = [file for folder in ("p", "q") for file in sorted((tmp_path / folder / "keys").iterdir())]
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys} == {0o600}
    assert len({file.read_text() for file in keys}) == 4
    assert "keys/" in (tmp_path / "p" / ".gitignore").read_text().splitlines()


def test_editors_find_both_schemas(run: Run, tmp_path: Path) -> None:
    """The configuration names its own, which is there and accepts it; Cedar's is beside the policies."""
    run("init", "p")

    config = tmp_path / "p" / "policy-engine.yaml"
    first = config.read_text().splitlines()[0]
    schema = config.parent / first.removeprefix("# yaml-language-server: $schema=")
    assert schema.read_text() == config_json_schema()
    jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(read_document(config).data)
    assert [file.name for file in (tmp_path / "p" / "policies").glob("*.cedarschema")] == [
        "policies.cedarschema"
    ]


def test_the_bot_is_held_to_staging_and_people_are_not(run: Run) -> None:
    """Also a person who has its name is another principal."""
    run("init", "p")
    config = ("--config", "p/policy-engine.yaml")

    def decide(tool: str, args: dict[str, Any], *mint: str) -> str:
        token = run("token", "mint", *mint, *config).stdout.strip()
        result = run("evaluate", "-t", token, "--tool", tool, "--args", json.dumps(args), *config)
        return result.stdout.splitlines()[0].split()[1].rstrip(":")

    platform = ("--user", "alice", "--claim", 'groups=["platform"]')
    assert decide("deploy", {"env": "staging"}, "--client", "ci-bot") == "allowed"
    assert decide("deploy", {"env": "prod"}, "--client", "ci-bot") == "no_permit"
    assert decide("deploy", {"env": "moon"}, "--client", "ci-bot") == "invalid_arguments"
    assert decide("delete_environment", {"env": "staging"}, "--client", "ci-bot") == "forbidden"
    assert decide("deploy", {"env": "prod"}, *platform) == "allowed"
    assert decide("deploy", {"env": "staging"}, "--user", "ci-bot") == "no_permit"
    assert decide("deploy", {"env": "prod"}, *platform, "--through", "desktop-agent") == "no_permit"
    assert (
        decide("list_releases", {"env": "prod"}, "--user", "bob", "--through", "desktop-agent") == "allowed"
    )


def typed(run: Run, command: str) -> Result:
    """Run a command of a page: substitutions and pipes as a shell does them, but in this process."""
    first, _, second = command.removesuffix(" || echo denied").partition(" | ")
    words = shlex.split(re.sub(r'"\$\((.*?)\)"', lambda inner: typed(run, inner[1]).stdout.strip(), first))
    assert words[0] == "policy-engine"
    result = run(*words[1:])
    return run(*shlex.split(second)[1:], stdin=result.stdout) if second else result


@pytest.mark.parametrize(("kind", "count"), [("example", 7), ("pinned", 4)])
def test_every_command_of_its_readme_works(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, count: int
) -> None:
    """Those that show a denial say so themselves."""
    run("init", "p", *(("--from", saved(tmp_path, {"tools": [TOOL]})) if kind == "pinned" else ()))
    monkeypatch.chdir("p")

    blocks = re.findall(r"```console\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    commands = [command for block in blocks for command, _ in commands_of(block)]
    results = [typed(run, command) for command in commands]

    assert len(commands) == count
    assert [result.exit_code for result in results] == [int("echo denied" in line) for line in commands]
    assert "".join(result.stderr for result in results) == ""


# --- all, or nothing ----------------------------------------------------------------------------


def test_nothing_is_overwritten_unasked(run: Run, tmp_path: Path) -> None:
    """Every file in the way is named, and nothing has changed."""
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "README.md").write_text("mine")
    (tmp_path / "p" / "policies").mkdir()
    (tmp_path / "p" / "policies" / "own.cedar").write_text("mine")
    before = files_in(tmp_path)

    result = run("init", "p")

    assert (result.exit_code, result.stdout) == (2, "")
    remedy = "the file is there already (choose another folder, or overwrite with --force)"
    assert result.stderr == f"error: p/README.md: {remedy}\nerror: p/policies/own.cedar: {remedy}\n"
    assert files_in(tmp_path) == before


def test_force_overwrites_the_projects_own_files_alone(run: Run, tmp_path: Path) -> None:
    """What else is in the folder stays as it is."""
    run("init", "p")
    (tmp_path / "p" / "README.md").write_text("mine")
    (tmp_path / "p" / "notes.md").write_text("mine")

    result = run("init", "p", "--force")

    files = files_in(tmp_path / "p")
    assert result.exit_code == 0
    assert set(files) == {*FILES, "notes.md"}
    assert files["notes.md"] == "mine"
    assert files["README.md"] != "mine"


def test_a_folder_with_something_else_in_it_will_do(run: Run, tmp_path: Path) -> None:
    """The working folder, too."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("mine")

    assert run("init", ".").exit_code == 0
    assert set(files_in(tmp_path)) == {*FILES, "src/app.py"}


def test_folders_on_the_way_are_made(run: Run, tmp_path: Path) -> None:
    """As `mkdir -p` does."""
    assert run("init", "a/b/c").exit_code == 0
    assert set(files_in(tmp_path / "a" / "b" / "c")) == FILES


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p.write_text("mine"), "p: not a folder"),
        (lambda p: (p / "README.md").mkdir(parents=True), "p/README.md: a folder is where a file goes"),
        (
            lambda p: (p.mkdir(), (p / "policies").write_text("mine")),
            "p/policies: a file is where a folder goes",
        ),
        (lambda p: (p.parent / "file").write_text("mine"), "p: "),
    ],
    ids=["a file", "a folder for a file", "a file for a folder", "nothing"],
)
def test_what_is_no_place_is_refused_even_by_force(
    run: Run, tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    """Exit status 2; what was there is there."""
    make(tmp_path / "p")
    place = "file/p" if (tmp_path / "file").exists() else "p"
    before = sorted(tmp_path.rglob("*"))

    result = run("init", place, "--force")

    assert (result.exit_code, result.stdout) == (2, "")
    assert says.rsplit(":", maxsplit=1)[-1] in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_a_project_that_cannot_be_used_is_not_written(tmp_path: Path) -> None:
    """It is checked where nobody sees it."""

    def check(_: Path) -> None:
        raise ConfigError("can't be used")

    with pytest.raises(ConfigError, match="can't be used"):
        install(example_project(), tmp_path / "p", force=False, check=check)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("obstacle", ["a folder", "a file"])
def test_a_move_that_fails_midway_is_undone(tmp_path: Path, obstacle: str) -> None:
    """Here something comes into the way after we looked."""
    folder = tmp_path / "p"
    (folder / "policies").mkdir(parents=True)
    (folder / "policy-engine.yaml").write_text("mine")

    def check(_: Path) -> None:
        if obstacle == "a folder":
            (folder / ".gitignore").mkdir()
        else:
            (folder / "schemas").write_text("mine")

    with pytest.raises(ConfigError, match="can't write the project"):
        install(example_project(), folder, force=True, check=check)

    mine = {"policy-engine.yaml": "mine"}
    assert files_in(folder) == (mine if obstacle == "a folder" else {**mine, "schemas": "mine"})
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == (
        [".gitignore", "policies"] if obstacle == "a folder" else ["policies"]
    )


def test_keys_are_made_anew_after_a_clone(run: Run, tmp_path: Path) -> None:
    """Only those that aren't there; without them nothing loads."""
    run("init", "p")
    (tmp_path / "p" / "keys" / "corp.private.json").unlink()
    other = (tmp_path / "p" / "keys" / "machines.private.json").read_text()

    first, second = run("init", "p", "--keys-only"), run("init", "p", "--keys-only")

    made = tmp_path / "p" / "keys" / "corp.private.json"
    assert (first.exit_code, first.stdout) == (0, f"{made}\n")
    assert (second.exit_code, second.stdout) == (0, "no key is missing\n")
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert (tmp_path / "p" / "keys" / "machines.private.json").read_text() == other
    assert loaded(tmp_path / "p").policies.warnings == ()


def test_keys_that_cannot_be_written_are_explained(run: Run, tmp_path: Path) -> None:
    """A file stands where their folder goes."""
    run("init", "p")
    for file in (tmp_path / "p" / "keys").iterdir():
        file.unlink()
    (tmp_path / "p" / "keys").rmdir()
    (tmp_path / "p" / "keys").write_text("mine")

    result = run("init", "p", "--keys-only")

    assert result.exit_code == 2
    assert "can't write the key" in result.stderr


# --- a server's own tools -----------------------------------------------------------------------

LISTS = {
    "a result": {"tools": [TOOL]},
    "a response": {"jsonrpc": "2.0", "id": 1, "result": {"tools": [TOOL], "ttlMs": 0}},
    "a catalogue": {"tools": [{"item": TOOL, "reviewed": True, "sha256": item_digest(TOOL)}]},
    "a mixture": {"tools": [{"item": TOOL, "reviewed": True}]},
}


@pytest.mark.parametrize("value", LISTS.values(), ids=LISTS.keys())
def test_a_list_from_a_file_is_pinned_unreviewed(run: Run, tmp_path: Path, value: Any) -> None:
    """Whatever says that it was reviewed: the operator hasn't yet."""
    result = run("init", "p", "--from", saved(tmp_path, value), "--server", "chat")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "p: 12 files, 1 pinned tool\n"
        "none is reviewed yet: see p/README.md\n"
        "next: cd p && policy-engine validate\n"
    )
    assert json.loads((tmp_path / "p" / "catalogues" / "chat.json").read_text()) == {
        "tools": [{"reviewed": False, "sha256": item_digest(TOOL), "item": TOOL}]
    }
    stages = loaded(tmp_path / "p")
    assert stages.servers["chat"].tools["send"].kinds.destructive
    assert [warning.policy for warning in stages.policies.warnings] == ["people-read"]


REFUSED_LISTS = {
    "a page": ({"tools": [TOOL], "nextCursor": "x"}, "one page of a list"),
    "an error": ({"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": "x"}}, "without a result"),
    "no list": ([TOOL], "not a catalogue"),
    "twins": ({"tools": [TOOL, {**TOOL, "name": "SEND"}]}, "which some readers can't tell apart"),
    "a star": ({"tools": [{**TOOL, "name": "*"}]}, "a tool can't be named"),
    "another digest": ({"tools": [{"item": TOOL, "sha256": "00"}]}, "isn't the one that was pinned"),
    "a member twice": ('{"tools": [], "tools": []}', "not strict JSON (duplicate_member)"),
    "not JSON": ("tools", "not strict JSON (not_json)"),
}


@pytest.mark.parametrize(("value", "says"), REFUSED_LISTS.values(), ids=REFUSED_LISTS.keys())
def test_a_list_that_cannot_be_pinned_leaves_nothing(run: Run, tmp_path: Path, value: Any, says: str) -> None:
    """Exit status 2, and the file is named."""
    file = saved(tmp_path, value)

    result = run("init", "p", "--from", file)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert str(file) in result.stderr
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that can't be read even by root"
)
def test_a_list_that_cannot_be_read_is_named(run: Run, tmp_path: Path) -> None:
    """Exit status 2, and the reason."""
    result = run("init", "p", "--from", "/proc/self/mem")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: /proc/self/mem: can't be read: " in result.stderr
    assert list(tmp_path.iterdir()) == []


MISUSE = {
    "a server for nothing": (("--server", "x"), "--server and --token go with --from"),
    "a bad name": (("--from", "saved.json", "--server", "A B"), "`A B` can't name a server"),
    "a token for a file": (("--from", "saved.json", "--token", "x"), "a token is for a URL"),
    "nothing there": (("--from", "none.json"), "no such file, and no such command"),
    "no command": (("--from", ""), "no such file, and no such command"),
    "a long command": (("--from", "x" * 5_000), "no such file, and no such command"),
    "an open quote": (("--from", "x 'y"), "a quote isn't closed"),
    "http elsewhere": (("--from", "http://example.com/mcp"), "the URL isn't https"),
    "a user": (("--from", "https://a:b@example.com/mcp"), "the URL has a user or a fragment"),
    "no URL": (("--from", "https://[::1"), "not a URL"),
    "keys and more": (("--keys-only", "--force"), "--keys-only overwrites nothing"),
    "keys of nothing": (("--keys-only",), "there is no such configuration file"),
    "a folder as a file": (("--from", "unreadable"), "no such file, and no such command"),
}


@pytest.mark.parametrize(("arguments", "says"), MISUSE.values(), ids=MISUSE.keys())
def test_wrong_usage_is_explained(run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """Exit status 2, one sentence, nothing written."""
    saved(tmp_path, {"tools": [TOOL]})
    (tmp_path / "unreadable").mkdir()

    result = run("init", "p", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not (tmp_path / "p").exists()


HOSTILE = [
    'a"b',
    "a\nb",
    "*/ a",
    "{{server}}",
    "\u202egnp.exe",
    "a\u200bb",
    '", resource); permit(principal,action,resource); //',
    "__entity",
    "käse",
    "x" * 500,
]


def test_names_that_a_server_chose_are_only_data(run: Run, tmp_path: Path) -> None:
    """They are pinned as they are, seen for what they are, and get into no policy."""
    items = [{**TOOL, "name": name, "description": f"\u202e{name}\x1b[2J"} for name in HOSTILE]
    source = saved(tmp_path, {"tools": items})

    result = run("init", "p", "--from", source, "--server", "odd")

    text = (tmp_path / "p" / "catalogues" / "odd.json").read_text()
    assert (result.exit_code, result.stderr) == (0, "")
    assert set(loaded(tmp_path / "p").servers["odd"].tools) == set(HOSTILE)
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert '"\\u202egnp.exe"' in text
    assert '"käse"' in text
    policies = (tmp_path / "p" / "policies" / "odd.cedar").read_text()
    assert 'Action::"odd/__entity"' in policies
    assert [name for name in HOSTILE if name != "__entity" and name in policies] == []


def test_a_refusal_shows_names_that_a_server_chose_and_obeys_none(run: Run, tmp_path: Path) -> None:
    """What a terminal would obey is spelt out."""
    twins = [{**TOOL, "name": "\x1b[2Jx\u202e"}, {**TOOL, "name": "\x1b[2JX\u202e"}]

    result = run("init", "p", "--from", saved(tmp_path, {"tools": twins}))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "`\\u001b[2Jx\\u202e`" in result.stderr
    assert [char for char in result.stderr if not char.isprintable() and char != "\n"] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=samples(60))
@given(description=st.text(), meta=JSON, reviewed=st.booleans())
def test_a_catalogue_reads_back_as_the_list_that_it_was_made_of(
    description: str, meta: Any, *, reviewed: bool
) -> None:
    """Every member of every item, and its digest; nothing in the text is invisible."""
    item = {**TOOL, "description": description, "_meta": meta}

    text = catalogue_text([Entry(kind=TOOLS, item=item, reviewed=reviewed)])

    tool = Catalogue.from_json("chat", text).tools["send"]
    assert json.loads(text)["tools"][0]["item"] == item
    assert (tool.sha256, tool.reviewed) == (item_digest(item), reviewed)
    assert all(char.isprintable() or char == "\n" for char in text)


def uncommented(text: str) -> str:
    """The examples in a starter policy file, as a reader would make policies of them."""
    return "\n".join(
        line.removeprefix("// ") for line in text.splitlines() if re.match(r"// (@|permit|when)", line)
    )


@pytest.mark.parametrize(
    ("properties", "condition"),
    [
        ({"to": {"type": "string"}}, 'when { context.arguments.to == "…" };'),
        ({"count": {"type": "integer"}, "in": {"type": "string"}}, None),
        ({}, None),
    ],
    ids=["a text", "no plain text", "nothing"],
)
def test_examples_about_a_servers_tools_are_policies(
    tmp_path: Path, properties: dict[str, Any], condition: str | None
) -> None:
    """Each validates once its comment signs are gone."""
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    items = [{**TOOL, "name": "a b"}, {**TOOL, "inputSchema": schema}]
    install(pinned_project("chat", None, {"tools": items}), tmp_path / "p", force=False, check=lambda _: None)
    file = tmp_path / "p" / "policies" / "chat.cedar"

    examples = uncommented(file.read_text())
    file.write_text(examples)

    store = loaded(tmp_path / "p").policies
    assert list(store.policies)[-3:] == ["people-chat", "assistants-list-and-read", "ci-bot-send"]
    assert (condition is None) or examples.endswith(condition)
    assert ("context.arguments" in examples) is (condition is not None)


def test_examples_about_reviewed_tools_have_no_warning(run: Run, tmp_path: Path) -> None:
    """Until then, one says that no tool is read-only, and another that no machine may call any."""
    run("init", "p", "--from", saved(tmp_path, {"tools": [TOOL]}), "--server", "chat")
    policies, catalogue = (tmp_path / "p" / name for name in ("policies/chat.cedar", "catalogues/chat.json"))

    policies.write_text(uncommented(policies.read_text()))
    before = loaded(tmp_path / "p").policies.warnings
    catalogue.write_text(catalogue.read_text().replace('"reviewed": false', '"reviewed": true'))

    assert {warning.code for warning in before} >= {"PS002"}
    assert loaded(tmp_path / "p").policies.warnings == ()


def test_a_server_without_a_plain_name_gets_examples_without_one() -> None:
    """Better none than one that has to be escaped."""
    project = pinned_project("chat", None, {"tools": [{**TOOL, "name": "a b"}]})

    text = project.texts[PurePosixPath("policies/chat.cedar")]
    assert uncommented(text).count("@id") == 2
    assert "a b" not in text


def test_the_uri_of_a_server_is_written_where_it_is_known() -> None:
    """Else the configuration says that it isn't."""

    def config(project: Project) -> str:
        return project.texts[PurePosixPath("policy-engine.yaml")]

    known = config(pinned_project("chat", "https://chat.example.com/mcp?x='\"", {"tools": [TOOL]}))
    unknown = config(pinned_project("chat", None, {"tools": [TOOL]}))

    assert 'resource: "https://chat.example.com/mcp?x=\'\\""' in known
    assert 'resource: "https://mcp.example.com/chat"' in unknown
    assert ("Not known yet" in known, "Not known yet" in unknown) == (False, True)


NAMES = [
    (name_of_file, "saved/GitHub.json", "github"),
    (name_of_file, "123.json", "server"),
    (name_of_file, "ein Käse.json", "ein-k-se"),
    (name_of_url, "https://mcp.example.com/github/mcp", "github"),
    (name_of_url, "https://api.githubcopilot.com/mcp/", "githubcopilot"),
    (name_of_url, "http://localhost:8000/mcp", "localhost"),
    (name_of_url, "http://127.0.0.1:8000/mcp", "server"),
    (name_of_url, "http://[::1]:8000/", "server"),
    (name_of_command, "mcp-server-time", "time"),
    (name_of_command, "python -m mcp_server_time --local-timezone UTC", "time"),
    (name_of_command, "uvx mcp-server-git@1.2 --repository .", "git"),
    (name_of_command, "npx -y @modelcontextprotocol/server-everything", "everything"),
    (name_of_command, "docker run -i --rm ghcr.io/github/github-mcp-server", "github"),
    (name_of_command, "env KEY=secret node build/weather.js", "weather"),
    (name_of_command, "/usr/bin/python3.11 server.py", "server"),
    (name_of_command, "python3 -m", "server"),
]


@pytest.mark.parametrize(("guess", "source", "name"), NAMES, ids=[source for _, source, _ in NAMES])
def test_a_servers_name_is_guessed_from_where_it_is(
    guess: Callable[[Any], str], source: str, name: str
) -> None:
    """Never from what the server says of itself."""
    assert guess(source.split() if guess is name_of_command else source) == name


@settings(max_examples=samples(200))
@given(text=st.text())
def test_a_guessed_name_is_one_that_servers_may_have(text: str) -> None:
    """Whatever the file, the URL or the command."""
    pattern = re.compile(r"[a-z][a-z0-9_-]{0,62}")

    assert pattern.fullmatch(name_of_file(text))
    assert pattern.fullmatch(name_of_command(text.split()))
    assert pattern.fullmatch(name_of_url("https://example.com/" + text.replace("[", "").replace("]", "")))
