"""`policy-engine schema generate` pins what a server lists, item by item, and vouches for nothing itself."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.config import load_config, protected_servers
from policy_engine.jose import SigningKey
from policy_engine.mcp import item_digest

Run = Callable[..., Result]

CONFIG = """\
version: 1
servers:
  github: # ours
    resource: https://mcp.example.com/github # canonical

    # strict
    unpinned: deny
issuers:
  corp: {issuer: "https://login.example.com", profile: rfc9068, keys: {file: corp.jwks.json}}
policies: policies/
"""
POLICY = '@id("people-list") permit (principal is User, action == Action::"list_tools", resource);\n'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine schema` in a folder with a configuration whose server has no catalogue."""
    monkeypatch.chdir(tmp_path)
    Path("policy-engine.yaml").write_text(CONFIG)
    Path("policies").mkdir()
    Path("policies/p.cedar").write_text(POLICY)
    key = SigningKey.generate("ES256", kid="corp").public_jwk()
    Path("corp.jwks.json").write_text(json.dumps({"keys": [key]}))

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["schema", *arguments])

    return command


def tool(name: str, **more: Any) -> dict[str, Any]:
    """An item of a list of tools."""
    schema = {"type": "object", "properties": {"repo": {"type": "string"}}, "required": ["repo"]}
    return {"name": name, "inputSchema": schema, **more}


def lists(*tools: Any, **others: Any) -> str:
    """A file with the lists of a server."""
    Path("lists.json").write_text(json.dumps({"tools": tools, **others}))
    return "lists.json"


def pin(item: dict[str, Any], *, reviewed: bool = False, **more: Any) -> dict[str, Any]:
    """An entry as it is written."""
    return {"reviewed": reviewed, "sha256": item_digest(item), **more, "item": item}


def catalogue(**members: Any) -> Any:
    """What the catalogue holds; with members, after they were written into it."""
    path = Path("catalogues/github.json")
    if members:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(members))
        named = CONFIG.replace(" # canonical\n", " # canonical\n    catalogue: catalogues/github.json\n")
        Path("policy-engine.yaml").write_text(named)
    return json.loads(path.read_text())


WIDE = "\uff43"
"""A wide letter c."""

A, B, C = tool("a"), tool("b", description="B"), tool("c")


def test_a_catalogue_is_made_and_named_in_the_configuration(run: Run) -> None:
    """Nothing is reviewed; the comments and the layout of the configuration stay."""
    prompts = [{"name": "summarise", "arguments": []}]
    resources = [{"name": "log", "uri": "file:///log"}, {"name": "odd", "uri": "file:///a/../b"}]

    result = run("generate", "--from", lists(A, B, prompts=prompts, resources=resources))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "github: 5 new",
        "new       tool `a`",
        "new       tool `b`",
        "new       prompt `summarise`",
        "new       resource `file:///log`",
        "new       resource `file:///a/../b`",
        "          nobody can ask for it: `uri` has a dot segment",
        "catalogues/github.json: 5 pinned, 5 not reviewed",
        "policy-engine.yaml: `servers.github.catalogue` names it now",
        "next: look at what isn't reviewed, then generate with --accept, or edit the file",
    ]
    assert catalogue() == {
        "tools": [pin(A), pin(B)],
        "prompts": [pin(item) for item in prompts],
        "resources": [pin(item) for item in resources],
    }
    assert Path("policy-engine.yaml").read_text() == CONFIG.replace(
        " # canonical\n", " # canonical\n    catalogue: catalogues/github.json\n"
    )
    assert run("generate", "--from", "lists.json").stdout.splitlines() == [
        "github: 5 unchanged",
        "catalogues/github.json: up to date",
    ]


def test_what_has_not_changed_keeps_its_review(run: Run) -> None:
    """What changed loses it, and says so; what is gone is taken out; the order of the file stays."""
    labels = {"team": ["x"]}
    catalogue(
        tools=[
            pin(C, reviewed=True),
            pin(B, reviewed=True, labels=labels),
            pin(A, reviewed=True, labels=labels),
        ],
        prompts=[pin({"name": "kept"}, reviewed=True)],
    )
    other = tool("b", description="Z", annotations={"readOnlyHint": True})

    result = run("generate", "github", "--from", lists(A, other, tool("d")))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "github: 1 new, 1 changed, 1 gone, 1 unchanged",
        "changed   tool `b`: description, annotations (was reviewed)",
        "          its labels stay: team",
        "new       tool `d`",
        "gone      tool `c` (was reviewed)",
        "catalogues/github.json: 4 pinned, 2 not reviewed",
        "next: look at what isn't reviewed, then generate with --accept, or edit the file",
    ]
    assert catalogue() == {
        "tools": [pin(other, labels=labels), pin(A, reviewed=True, labels=labels), pin(tool("d"))],
        "prompts": [pin({"name": "kept"}, reviewed=True)],
    }


def test_a_review_of_another_item_does_not_count(run: Run) -> None:
    """Somebody changed the item under its digest: the file doesn't load, and generating mends it."""
    catalogue(tools=[{**pin(A, reviewed=True), "item": tool("a", description="mine")}])

    broken, mended = run(), run("generate", "--from", lists(tool("a", description="mine")))

    assert (broken.exit_code, mended.exit_code) == (2, 0)
    assert catalogue() == {"tools": [pin(tool("a", description="mine"))]}


def test_no_review_that_comes_with_a_list_counts(run: Run) -> None:
    """Whoever saved it: what a file says of reviews is about another catalogue."""
    source = lists(pin(A, reviewed=True, labels={"team": ["x"]}), {"item": B, "reviewed": True})

    assert run("generate", "--from", source).exit_code == 0
    assert catalogue() == {"tools": [pin(A), pin(B)]}


BAD = {
    "a name of ours": (tool("*"), "tool `*`", "a tool can't be named `*`"),
    "no name": ({"inputSchema": {}}, "tool `tools[1]`", "it has no `name`"),
    "an empty name": (tool(""), "tool `tools[1]`", "it has no `name`"),
    "no object": (7, "tool `tools[1]`", "it has no `name`"),
    "a name without end": (tool("x" * 2_001), "tool `tools[1]`", "its `name` has more than 2,000 characters"),
    "a wrapper in a wrapper": ({"item": {"item": A}}, "tool `tools[1]`", "it has no `name`"),
}


@pytest.mark.parametrize(("item", "name", "reason"), BAD.values(), ids=BAD.keys())
def test_an_item_that_cannot_be_pinned_spoils_no_other(run: Run, item: Any, name: str, reason: str) -> None:
    """It is left out, with the reason."""
    result = run("generate", "--from", lists(A, item, B))

    assert (result.exit_code, result.stderr) == (0, "")
    assert f"refused   {name}: can't be pinned: {reason}" in result.stdout.splitlines()
    assert catalogue() == {"tools": [pin(A), pin(B)]}
    assert run("generate", "--check", "--from", "lists.json").exit_code == 0


def test_items_that_readers_cannot_tell_apart_are_left_out_and_what_is_pinned_stays(run: Run) -> None:
    """Which of the two is meant, nobody knows."""
    catalogue(tools=[pin(A, reviewed=True), pin(B)])

    result = run("generate", "--from", lists(A, tool("A"), B, tool(WIDE), tool("c")))

    twin = "another tool of the list has the same name, or one that some readers can't tell from it"
    told = f"can't be pinned: {twin}"
    assert result.stdout.splitlines()[:5] == [
        "github: 4 refused, 1 unchanged",
        f"refused   tool `a`: {told} (was reviewed)",
        f"refused   tool `A`: {told}",
        f"refused   tool `{WIDE}`: {told}",
        f"refused   tool `c`: {told}",
    ]
    assert catalogue() == {"tools": [pin(A, reviewed=True), pin(B)]}


def test_a_schema_that_cannot_be_read_is_pinned_without_arguments(run: Run) -> None:
    """With the reason; and single arguments that policies don't see are named."""
    properties = {"any": {}, "name": {"type": "string"}}
    hard = [tool("no", inputSchema=7), tool("some", inputSchema={"type": "object", "properties": properties})]

    result = run("generate", "--from", lists(*hard))

    assert result.stdout.splitlines()[1:5] == [
        "new       tool `no`",
        "          policies don't see its arguments: there is no inputSchema that is an object",
        "new       tool `some`",
        "          policies don't see `any`: it may be anything",
    ]
    assert catalogue() == {"tools": [pin(item) for item in hard]}


def test_accepting_shows_what_is_accepted_and_reviews_it(run: Run) -> None:
    """What was reviewed before is shown as its difference, the rest as a whole."""
    catalogue(tools=[pin(A, reviewed=True), pin(B, reviewed=True), pin(C)])
    now = [A, tool("b", description="B\nZ"), C]

    result = run("generate", "--from", lists(*now), "--accept", "--yes")

    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "changed   tool `b`: description (was reviewed)",
        "          description",
        "              B",
        "            + Z",
        "unchanged tool `c`",
        "          inputSchema",
    ]
    assert lines[-2:] == [
        "catalogues/github.json: 3 pinned, 0 not reviewed",
        "next: policy-engine validate",
    ]
    assert catalogue() == {"tools": [pin(item, reviewed=True) for item in now]}
    assert run("generate", "--from", "lists.json", "--accept").stdout.splitlines() == [
        "github: 3 unchanged",
        "catalogues/github.json: up to date",
    ]


@pytest.mark.parametrize(("answer", "options", "status"), [("n", (), 2), ("y", (), 0), ("", ("--yes",), 0)])
def test_on_a_terminal_somebody_is_asked(
    run: Run, tmp_path: Path, answer: str, options: tuple[str, ...], status: int
) -> None:
    """`no` changes nothing."""
    del run
    command = [sys.executable, "-m", "policy_engine", "schema", "generate", "--from", lists(A), "--accept"]
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [*command, *options], stdin=theirs, capture_output=True, cwd=tmp_path, timeout=30, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)

    assert done.returncode == status
    assert (b"Do you vouch for them?" in done.stdout) is (not options)
    assert Path("catalogues/github.json").exists() is (status == 0)
    assert (Path("policy-engine.yaml").read_text() == CONFIG) is (status != 0)


@pytest.mark.parametrize("answer", ["", "y\n", "n\n"])
@pytest.mark.parametrize("format", ["text", "json"])
def test_a_pipe_vouches_for_nothing(run: Run, answer: str, format: str) -> None:  # noqa: A002 -- the option
    """Without a terminal, and without --yes, what would be accepted is shown, and nothing is written."""
    catalogue(tools=[pin(A)])
    before = Path("catalogues/github.json").read_text()
    command = ["schema", "generate", "--from", lists(A, B), "--accept", "--format", format]

    result = CliRunner().invoke(app, command, input=answer)

    assert result.exit_code == 2
    assert "            + B" in result.output.splitlines()
    assert "nothing was accepted: standard input is no terminal, so nobody can be asked" in result.stderr
    assert "add --yes" in result.stderr
    assert Path("catalogues/github.json").read_text() == before
    assert run("generate", "--from", "lists.json", "--accept", "--check").exit_code == 1


def test_a_check_writes_nothing(run: Run) -> None:
    """Exit status 1 while something differs, 0 afterwards."""
    source = lists(A)

    first = run("generate", "--from", source, "--check")
    there = Path("catalogues").exists() or Path("policy-engine.yaml").read_text() != CONFIG
    run("generate", "--from", source)
    second = run("generate", "--from", source, "--check")
    third = run("generate", "--from", lists(A, B), "--check")

    assert (first.exit_code, there, second.exit_code, third.exit_code) == (1, False, 0, 1)
    assert first.stdout == "github: 1 new\nnew       tool `a`\ncatalogues/github.json: not up to date\n"
    assert catalogue() == {"tools": [pin(A)]}


def test_a_program_gets_a_record(run: Run) -> None:
    """All of it, whatever is written."""
    catalogue(tools=[pin(A, reviewed=True), pin(B)])
    other = tool("a", description="\u202e")

    result = run("generate", "--from", lists(other, tool("*"), B), "--format", "json")

    assert result.exit_code == 0
    assert "\u202e" not in result.stdout
    assert json.loads(result.stdout) == {
        "server": "github",
        "catalogue": "catalogues/github.json",
        "written": True,
        "counts": {"new": 0, "changed": 1, "gone": 0, "refused": 1, "unchanged": 1},
        "accepted": 0,
        "unreviewed": 2,
        "changes": [
            {
                "kind": "tool",
                "name": "a",
                "status": "changed",
                "was_reviewed": True,
                "reason": None,
                "unseen": {},
                "unusable": None,
                "members": {"description": {"now": "\u202e"}},
            },
            {
                "kind": "tool",
                "name": "*",
                "status": "refused",
                "was_reviewed": False,
                "reason": "a tool can't be named `*`",
                "unseen": {},
                "unusable": None,
                "members": {name: {"now": value} for name, value in tool("*").items()},
            },
        ],
    }


HOSTILE = "\u202e\x1b[2Ja\x9b\u200b\nb"


def test_what_a_server_says_is_shown_and_does_nothing(run: Run) -> None:
    """Names, descriptions, members and reasons: what can't be seen is an escape."""
    item = tool(HOSTILE, description=HOSTILE, **{HOSTILE: HOSTILE})
    item["inputSchema"]["properties"][HOSTILE] = {"type": [HOSTILE]}

    result = run(
        "generate", "--from", lists(item, tool(HOSTILE + "*"), tool(HOSTILE + "*")), "--accept", "-y"
    )

    text = Path("catalogues/github.json").read_text()
    assert result.exit_code == 0
    assert "new       tool `\\u202e\\u001b[2Ja\\u009b\\u200b\\u000ab`" in result.stdout.splitlines()
    assert [char for char in result.stdout + text if not char.isprintable() and char != "\n"] == []
    assert catalogue() == {"tools": [pin(item, reviewed=True)]}


def test_policies_that_no_longer_load_are_what_comes_next(run: Run) -> None:
    """The catalogue is written all the same: it is what the server does."""
    run("generate", "--from", lists(A))
    Path("policies/p.cedar").write_text(
        '@id("p") permit (principal is User, action == Action::"github/a", resource)'
        ' when { context.arguments.repo == "x" };'
    )

    result = run("generate", "--from", lists(tool("a", inputSchema={"type": "object"})))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "next: policy-engine validate (1 error in configuration and policies)"
    )


MISUSE = {
    "no such server": (
        ("gitlab", "--from", "lists.json"),
        "no server is named `gitlab` (configured are: github)",
    ),
    "two sources": (("--from", "lists.json", "--", "server"), "--from and a command are two sources"),
    "no command": (("--",), "no such file, and no such command"),
    "no such command": (("--", "no-such-command-7"), "no such file, and no such command"),
    "a token for a file": (("--from", "lists.json", "--token", "x"), "a token is for a URL"),
    "a token for a command": (("--token", "x", "--", "true"), "a token is for a URL"),
    "yes to nothing": (("--from", "lists.json", "--yes"), "--yes goes with --accept"),
    "no configuration": (("--from", "lists.json", "--config", "none.yaml"), "no such configuration file"),
    "no list": (("--from", "policy-engine.yaml"), "policy-engine.yaml: not strict JSON (not_json)"),
    "a page": (("--from", "page.json"), "page.json: one page of a list"),
    "something else": (("--from", "other.json"), "other.json: not a list, and not a catalogue"),
    "http elsewhere": (("--from", "http://example.com/mcp"), "the URL isn't https"),
}


@pytest.mark.parametrize(("arguments", "says"), MISUSE.values(), ids=MISUSE.keys())
def test_wrong_usage_is_explained(run: Run, arguments: tuple[str, ...], says: str) -> None:
    """Exit status 2, one sentence, nothing written."""
    lists(A)
    Path("page.json").write_text('{"tools": [], "nextCursor": "x"}')
    Path("other.json").write_text('{"result": []}')

    result = run("generate", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert Path("policy-engine.yaml").read_text() == CONFIG
    assert not Path("catalogues").exists()


def with_alias(text: str) -> str:
    """The same configuration, with an anchor that another server refers to."""
    shared = text.replace("github: # ours", "github: &shared").replace(
        "unpinned: deny", "shares_audience: true"
    )
    return shared.replace("issuers:", "  other: *shared\nissuers:")


def unnamed() -> None:
    """A file in the place of the catalogue."""
    Path("catalogues").mkdir()
    Path("catalogues/github.json").write_text("mine")


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "a file that nobody named": (
        unnamed,
        "the file is there, and the configuration doesn't name it",
    ),
    "a configuration that can't be added to": (
        lambda: Path("policy-engine.yaml").write_text(with_alias(CONFIG)),
        "policy-engine.yaml: `servers.github` is written in a way that can't be added to",
    ),
    "a catalogue that is none": (lambda: catalogue(tools=7), "catalogues/github.json: not a catalogue"),
    "an entry without a name": (lambda: catalogue(tools=[{}]), "tools[0]: there is no `name`"),
    "a catalogue in the configuration": (
        lambda: Path("policy-engine.yaml").write_text(
            CONFIG.replace("unpinned: deny", "catalogue: {tools: []}")
        ),
        "policy-engine.yaml:7:5: the catalogue is part of the configuration",
    ),
    "everything gone": (lambda: catalogue(tools=[pin(B)]), "the server lists nothing of what is pinned"),
    "a place that can't be written": (
        lambda: Path("catalogues").write_text("mine"),
        "can't write the file",
    ),
}


@pytest.mark.parametrize(("prepare", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_changes_nothing(run: Run, prepare: Callable[[], object], says: str) -> None:
    """Exit status 2, one sentence, every file as it was."""
    prepare()
    source = lists(A) if says != REFUSED["everything gone"][1] else lists()
    before = {path: path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file()}

    result = run("generate", "github", "--from", source)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert {path: path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file()} == before


def test_a_link_to_a_catalogue_stays_one(run: Run) -> None:
    """The file behind it is replaced, and keeps its mode."""
    catalogue(tools=[pin(A)])
    Path("catalogues/github.json").rename("elsewhere.json")
    Path("elsewhere.json").chmod(0o640)
    Path("catalogues/github.json").symlink_to(Path("elsewhere.json").resolve())

    assert run("generate", "--from", lists(A, B)).exit_code == 0
    assert Path("catalogues/github.json").is_symlink()
    assert (Path("elsewhere.json").stat().st_mode & 0o777, catalogue()) == (
        0o640,
        {"tools": [pin(A), pin(B)]},
    )


def test_what_was_generated_is_what_the_engine_loads(run: Run) -> None:
    """Kinds and arguments of a reviewed tool."""
    run("generate", "--from", lists(tool("a", annotations={"readOnlyHint": True})), "--accept", "-y")

    (pinned,) = protected_servers(load_config(Path("policy-engine.yaml")))["github"].tools.values()
    assert (pinned.reviewed, pinned.kinds.read_only) == (True, True)
    assert pinned.arguments is not None


def test_the_group_by_itself_still_prints_the_schema(run: Run) -> None:
    """With its options; and before a subcommand, they are refused."""
    text, record = run(), run("--format", "json")

    assert (text.exit_code, record.exit_code) == (0, 0)
    assert 'action "github/?"' in text.stdout
    assert "github/?" in json.loads(record.stdout)[""]["actions"]
    refused = run("--config", "policy-engine.yaml", "generate", "--from", lists(A))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--config stands before the subcommand (write it behind `generate`)" in refused.stderr


def test_a_file_that_can_be_run_is_a_servers_command(run: Run, tmp_path: Path) -> None:
    """A program's path alone starts it; a list with the same rights is read."""
    program = tmp_path / "server"
    program.write_text(f"#!{sys.executable}\nfrom mcp_server_time import main\nmain()\n")
    program.chmod(0o755)
    listed = tmp_path / "list.json"
    listed.write_text(json.dumps({"tools": [tool("search")]}))
    listed.chmod(0o755)

    started, read = run("generate", "--from", str(program)), run("generate", "--from", str(listed))

    assert (started.exit_code, started.stdout.splitlines()[0]) == (0, "github: 2 new")
    assert (read.exit_code, read.stdout.splitlines()[0]) == (0, "github: 1 new, 2 gone")
