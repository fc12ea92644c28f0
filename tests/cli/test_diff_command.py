"""`policy-engine diff`: what it says and ends with, in whole."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.harness.world import World
from policy_engine.model import Client, TokenFacts, User
from tests.plugins.solver import require_cvc5

CONFIG = """\
version: 1
servers:
  shop: {resource: https://mcp.example.com/shop, catalogue: shop.json}
issuers:
  corp: {issuer: https://login.example.com, profile: rfc9068, claims: {user: {groups: groups}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    clients: {bot: {grants: [client_credentials]}}
policies: policies
"""
CATALOGUE = {
    "tools": [
        {
            "reviewed": True,
            "item": {
                "name": "order",
                "inputSchema": {
                    "type": "object",
                    "properties": {"count": {"type": "integer"}},
                    "required": ["count"],
                },
            },
        }
    ]
}
POLICIES = """\
@id("bot-orders")
permit (principal == Client::"machines/bot", action == Action::"shop/order", resource)
when { context.arguments.count <= 10 };

@id("stock-orders")
permit (principal in Group::"corp/stock", action == Action::"shop/order", resource);
"""
BOT, ANN = Client(issuer="machines", client_id="bot"), User(issuer="corp", subject="ann")

Run = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two versions of its policies, and a log of the first."""
    for name, text in {"policies": POLICIES, "wider": POLICIES.replace("count <= 10", "count <= 99")}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "shop.cedar").write_text(text)
    (tmp_path / "shop.json").write_text(json.dumps(CATALOGUE))
    (tmp_path / "policy-engine.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    record(tmp_path, [(BOT, 3), (BOT, 30), (BOT, 31), (ANN, 1)])
    return tmp_path


def record(folder: Path, calls: list[tuple[Client | User, int]]) -> None:
    """Decide calls, and record it; one is refused before the policies."""
    world = World.load(folder / "policy-engine.yaml", now=1_790_000_000.0)
    decisions = []
    for who, count in [*calls, (BOT, "many")]:
        params = {"name": "order", "arguments": {"count": count}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        decisions.append(world.engine.authorize(who, message, "shop", TokenFacts()))
    lines = [json.dumps(decision.to_dict()) for decision in decisions]
    (folder / "audit.jsonl").write_text("\n".join(lines) + "\n")


def run(*arguments: str) -> Result:
    """Run `policy-engine diff`."""
    return CliRunner().invoke(app, ["diff", *arguments])


@pytest.mark.usefixtures("shop")
def test_nothing_that_changes_is_a_line() -> None:
    """And ends with 0."""
    result = run("policies", "policies", "--replay", "audit.jsonl")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "5 records, 3 questions: nothing changes\nnever got to the policies: 1 invalid_arguments\n"
    )


@pytest.mark.usefixtures("shop")
def test_what_depends_on_arguments_is_told_as_that() -> None:
    """With policies and their places, grants first."""
    result = run("policies", "wider", "--replay", "audit.jsonl")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "5 records, 3 questions: 2 may be allowed, 1 may be denied\n"
        "never got to the policies: 1 invalid_arguments\n"
        "\n"
        "may be allowed, of machines\n"
        '  2 x Client::"machines/bot": Action::"shop/order" on Tool::"shop/order"  (line 2)\n'
        "    was no_permit\n"
        "    would be decided by `bot-orders` (wider/shop.cedar:1)\n"
        "    depends on arguments.count\n"
        "\n"
        "may be denied, of machines\n"
        '  1 x Client::"machines/bot": Action::"shop/order" on Tool::"shop/order"  (line 1)\n'
        "    was allowed by `bot-orders` (policies/shop.cedar:1)\n"
        "    would be decided by `bot-orders` (wider/shop.cedar:1)\n"
        "    depends on arguments.count\n"
    )


OPENED = POLICIES.replace("\nwhen { context.arguments.count <= 10 }", "").replace(
    'principal in Group::"corp/stock"', "principal is User"
)


def test_grants_to_machines_come_first_and_are_the_same_whatever_the_arguments(shop: Path) -> None:
    """As text, for programs and for pull requests."""
    (shop / "open.cedar").write_text(OPENED)

    result = run("policies", "open.cedar", "--replay", "audit.jsonl")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "5 records, 3 questions: 3 would be allowed\n"
        "never got to the policies: 1 invalid_arguments\n"
        "\n"
        "would be allowed, of machines\n"
        '  2 x Client::"machines/bot": Action::"shop/order" on Tool::"shop/order"  (line 2)\n'
        "    was no_permit\n"
        "    would be allowed by `bot-orders` (open.cedar:1)\n"
        "    same whatever the arguments\n"
        "\n"
        "would be allowed, of people\n"
        '  1 x User::"corp/ann": Action::"shop/order" on Tool::"shop/order"  (line 4)\n'
        "    was no_permit\n"
        "    would be allowed by `stock-orders` (open.cedar:4)\n"
        "    same whatever the arguments\n"
    )

    table = run("policies", "open.cedar", "--replay", "audit.jsonl", "--format", "markdown")
    assert table.exit_code == 1
    assert table.stdout == (
        "**5 records, 3 questions: 3 would be allowed**\n"
        "\n"
        "- never got to the policies: 1 invalid_arguments\n"
        "\n"
        "### Would be allowed, of machines\n"
        "\n"
        "| records | call | why |\n"
        "|---:|---|---|\n"
        '| 2 | `Client::"machines/bot": Action::"shop/order" on Tool::"shop/order"` |'
        " was no_permit<br>would be allowed by `bot-orders` (open.cedar:1)<br>same whatever the arguments |\n"
        "\n"
        "### Would be allowed, of people\n"
        "\n"
        "| records | call | why |\n"
        "|---:|---|---|\n"
        '| 1 | `User::"corp/ann": Action::"shop/order" on Tool::"shop/order"` |'
        " was no_permit<br>would be allowed by `stock-orders` (open.cedar:4)"
        "<br>same whatever the arguments |\n"
    )

    value = json.loads(run("policies", "open.cedar", "--replay", "audit.jsonl", "--format", "json").stdout)
    digests = value.pop("digests")
    assert digests["old"] != digests["new"]
    changes = value.pop("changes")
    assert value == {
        "same": False,
        "records": 5,
        "questions": 3,
        "before_policies": {"invalid_arguments": 1},
        "by_other_policies": 0,
        "unreadable_lines": [],
    }
    assert [(each["effect"], each["certain"], each["kind"], each["records"]) for each in changes] == [
        ("granted", True, "machine", 2),
        ("granted", True, "person", 1),
    ]
    assert changes[0]["calls"] == [
        {
            "principal": 'Client::"machines/bot"',
            "actor": None,
            "server": "shop",
            "method": "tools/call",
            "action": 'Action::"shop/order"',
            "resource": 'Tool::"shop/order"',
            "arguments": ["count"],
            "recorded": "no_permit",
            "records": 2,
            "line": 2,
        }
    ]


def test_whole_configurations_are_compared(shop: Path) -> None:
    """A machine that is listed no longer is denied, for that reason."""
    without = CONFIG.replace("clients: {bot: {grants: [client_credentials]}}", "clients: {}")
    (shop / "next.yaml").write_text(without.replace("policies: policies", "policies: people"))
    (shop / "people").mkdir()
    (shop / "people" / "shop.cedar").write_text(POLICIES.partition("\n\n")[2])

    result = run("policy-engine.yaml", "next.yaml", "--replay", "audit.jsonl")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "5 records, 3 questions: 1 would be denied\n"
        "never got to the policies: 1 invalid_arguments\n"
        "\n"
        "would be denied, of machines\n"
        '  1 x Client::"machines/bot": Action::"shop/order" on Tool::"shop/order"  (line 1)\n'
        "    `machines` lists no machine `bot`\n"
        "    was allowed by `bot-orders` (policies/shop.cedar:1)\n"
        "    same whatever the arguments\n"
    )


def test_a_tool_that_is_pinned_no_longer_is_told(shop: Path) -> None:
    """Whatever policies say of it."""
    (shop / "empty.json").write_text(json.dumps({"tools": []}))
    (shop / "none").mkdir()
    (shop / "none" / "none.cedar").write_text("")
    changed = CONFIG.replace("shop.json", "empty.json").replace("policies: policies", "policies: none")
    (shop / "next.yaml").write_text(changed)

    result = run("policy-engine.yaml", "next.yaml", "--replay", "audit.jsonl")

    assert (result.exit_code, result.stderr) == (1, "")
    assert "    `order` isn't pinned at `shop`, which denies what isn't\n" in result.stdout


def test_what_git_has_is_compared(shop: Path) -> None:
    """A revision and a path, whose places are told as git knows them; the work tree stays as it is."""
    _git("init", "-q")
    _git("add", ".")
    _git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "first")
    (shop / "policies" / "shop.cedar").write_text(OPENED)

    result = run("HEAD:policies", "policies", "--replay", "audit.jsonl")

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines()[0] == "5 records, 3 questions: 3 would be allowed"
    back = run("policies", "HEAD:./policies", "--replay", "audit.jsonl")
    assert "(HEAD:policies/shop.cedar:1)" in back.stdout
    assert (shop / "policies" / "shop.cedar").read_text() == OPENED


def _git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["policies", "policies", "--replay", "audit.jsonl", "--no-widening", "User"],
            "error: --no-widening is about all requests (leave out --replay)\n",
        ),
        (
            ["nowhere", "policies", "--replay", "audit.jsonl"],
            "error: there is no `nowhere` (name a folder or file with policies, a configuration, or"
            " REVISION:PATH of git)\n",
        ),
        (
            ["--config", "policy-engine.yaml", "--", "-x:policies", "policies"],
            "error: `-x` is no revision (name a commit, a branch or a tag)\n",
        ),
        (
            ["policies", "policies", "--replay", "shop.json"],
            "error: shop.json: it holds no audit record (name the file of `audit: {file: …}`)\n",
        ),
    ],
)
@pytest.mark.usefixtures("shop")
def test_what_cannot_be_used_ends_with_2(arguments: list[str], says: str) -> None:
    """With what, and how to mend it."""
    result = run(*arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", says)


@pytest.mark.usefixtures("shop")
def test_without_a_log_it_is_asked_of_all_requests() -> None:
    """What changes is shown by a request that nobody sent yet; who isn't named may get more."""
    require_cvc5()
    wider = ("policies", "wider", "--config", "policy-engine.yaml")

    same, more, gate, other = (
        run("policies", "policies", "--config", "policy-engine.yaml"),
        run(*wider),
        run(*wider, "--no-widening", "Client"),
        run(*wider, "--no-widening", "User"),
    )

    assert [result.exit_code for result in (same, more, gate, other)] == [0, 1, 1, 0]
    assert same.stdout == (
        "diff: What changes between the two policy sets?\n"
        "  ✔ proved: Machines can do nothing that they couldn't do before\n"
        "  ✔ proved: Machines can still do all that they could do before\n"
        "  ✔ proved: People can do nothing that they couldn't do before\n"
        "  ✔ proved: People can still do all that they could do before\n"
        "\n"
        "✔ PROVED: 4 proved\n"
    )
    assert "Machines can do what they couldn't before: `shop/order`" in more.stdout
    assert 'Client::"machines/bot" is allowed Action::"shop/order"' in more.stdout
    assert json.loads(run(*wider, "--format", "json").stdout)["outcome"] == "violated"
    assert run(*wider, "--format", "markdown").stdout.startswith("## ")


@pytest.mark.usefixtures("shop")
def test_a_revision_that_looks_like_an_option_is_refused() -> None:
    """It never gets to git."""
    result = run("--replay", "audit.jsonl", "--", "--output=x:policies", "policies")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: `--output=x` is no revision (name a commit, a branch or a tag)\n"
