"""`clients add | list | show | rotate | disable | enable | remove`, with real files and a real store."""

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest

from policy_engine.jose import SigningKey

GITHUB, FILES = "https://mcp.example.com/github", "https://mcp.example.com/files"
ADD = ("--category", "service", "--resource", "github", "--scope", "issues:read")
SECRET = r"[A-Za-z0-9_-]{43}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def sha(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def told_secret(printed: str) -> str:
    """The one secret in what was printed."""
    (found,) = re.findall(rf"^secret    ({SECRET})$", printed, re.MULTILINE)
    return str(found)


@pytest.mark.rules("AS-9")
def test_a_secret_is_printed_once_and_kept_as_a_hash(project: Any) -> None:
    """The whole document is what was asked for; the secret is nowhere but in what was printed."""
    printed = project.done("add", "bot", *ADD)
    secret = told_secret(printed)

    assert printed.replace(secret, "SECRET") == (
        "registered bot\n"
        f"may       service: issues:read at {GITHUB}\n"
        "method    client_secret_basic\n"
        'policies  Client::"machines/bot"\n'
        "secret    SECRET\n"
        "          shown this once; only its hash is kept\n"
        "next      ask https://as.example.com/token with grant_type=client_credentials,"
        f" resource={GITHUB}\n"
    )
    assert project.documents() == {
        "bot": {
            "client_id": "bot",
            "category": "service",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["client_credentials"],
            "secret_hashes": [{"sha256": sha(secret)}],
            "resources": [GITHUB],
            "scope": "issues:read",
            "enabled": True,
            "access_token_ttl": 300,
        }
    }
    assert secret.encode() not in project.bytes()


def test_every_option_has_its_member(project: Any) -> None:
    """Two resources by name and by URI, groups, tags with several values, a name, a lifetime, defaults."""
    words = ["--category", "ai_agent", "--method", "client_secret_post", "--default-scope", "--ttl", "60"]
    words += ["--resource", "github", "--resource", FILES, "--scope", "issues:read  files:read"]
    words += ["--name", "Robot", "--group", "ops", "--group", "ci"]
    words += ["--attribute", "region=eu", "--attribute", "region=us", "--attribute", "a=b=c"]

    made = project.json("add", "agent", *words)

    document = project.documents()["agent"]
    assert document == {
        "client_id": "agent",
        "client_name": "Robot",
        "category": "ai_agent",
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["client_credentials"],
        "secret_hashes": [{"sha256": sha(made["client_secret"])}],
        "resources": [FILES, GITHUB],
        "scope": "files:read issues:read",
        "default_scope": "files:read issues:read",
        "enabled": True,
        "access_token_ttl": 60,
        "groups": ["ci", "ops"],
        "attributes": {"a": ["b=c"], "region": ["eu", "us"]},
    }
    shown = {**document, "secrets": [{"expires_at": None}]}
    del shown["secret_hashes"]
    assert made == {
        "client": shown,
        "settings": {
            "client_id": "agent",
            "issuer": "https://as.example.com",
            "token_endpoint": "https://as.example.com/token",
            "token_endpoint_auth_method": "client_secret_post",
            "resource": f"{FILES} {GITHUB}",
            "scope": "files:read issues:read",
        },
        "client_secret": made["client_secret"],
    }


def test_a_generated_key_goes_into_a_new_file_for_its_owner(project: Any) -> None:
    """Its public half is registered, and the method follows from it."""
    file = project.folder / "bot.jwk"

    printed = project.done("add", "bot", *ADD, "--generate-key", str(file), "--algorithm", "EdDSA")

    key = SigningKey.from_jwk(json.loads(file.read_text()))
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert key.algorithm == "EdDSA"
    document = project.documents()["bot"]
    assert document["token_endpoint_auth_method"] == "private_key_jwt"
    assert document["jwks"] == {"keys": [key.public_jwk()]}
    assert "key       the private half is in bot.jwk, for its owner alone; it is nowhere else\n" in printed
    assert key.to_jwk()["d"].encode() not in project.bytes()


@pytest.mark.parametrize("form", ["set", "key"])
def test_keys_can_be_given_as_a_set_or_alone(project: Any, form: str) -> None:
    """A JWK becomes a set; nothing secret is printed or written."""
    jwk = SigningKey.generate("ES256").public_jwk()
    file = project.write(json.dumps({"keys": [jwk]} if form == "set" else jwk), "public.json")

    assert "key       registered\n" in project.done("add", "bot", *ADD, "--jwks", file)
    assert project.documents()["bot"]["jwks"] == {"keys": [jwk]}


def test_a_secret_file_is_new_and_for_its_owner(project: Any) -> None:
    """The secret isn't printed then."""
    file = project.folder / "bot.secret"

    printed = project.done("add", "bot", *ADD, "--secret-file", str(file))

    secret = file.read_text().strip()
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert project.documents()["bot"]["secret_hashes"] == [{"sha256": sha(secret)}]
    assert secret not in printed
    assert "secret    in bot.secret, for its owner alone; here only its hash is kept\n" in printed


@pytest.mark.parametrize("option", ["--secret-file", "--generate-key"])
def test_no_file_is_overwritten_or_left_behind(project: Any, option: str) -> None:
    """A file that is there stays as it is; one that was written for a client that is refused goes."""
    there = project.write("precious", "there")
    new = project.folder / "new"

    assert project.refused("add", "bot", *ADD, option, there) == (
        "error: there: the file is there already, and is never overwritten (name another one)\n"
    )
    project.done("add", "taken", *ADD)
    assert "is called `taken` already" in project.refused("add", "taken", *ADD, option, str(new))
    assert Path(there).read_text() == "precious"
    assert not new.exists()


SEVERAL = "error: tokens can be had for several servers (say for which: --resource, of files, github)\n"
SCOPES = 'error: there are several scopes (say which it may have, of: --scope "issues:read issues:write")\n'
REFUSED: dict[str, tuple[list[str], str]] = {
    "several servers": ([], SEVERAL),
    "several scopes": (["-r", "github"], SCOPES),
    "no server": (
        ["-r", "jira", "--scope", "a"],
        "error: `jira` is neither a server nor a URI (servers: files, github)\n",
    ),
    "another resource": (
        ["-r", "https://elsewhere.example.com", "--scope", "a"],
        "error: client `bot`: resource `https://elsewhere.example.com` isn't in the catalogue"
        " (add it there first)\n",
    ),
    "another scope": (
        ["-r", "files", "--scope", "files:read issues:read"],
        "error: client `bot`: scope `issues:read` is offered by none of its resources (correct or drop it)\n",
    ),
    "an empty scope": (
        ["-r", "files", "--scope", ""],
        "error: client `bot`: `scope` is empty (name the scopes that the client may have)\n",
    ),
    "too long": (
        ["-r", "files", "--ttl", "3601"],
        "error: client `bot`: `access_token_ttl` isn't 1 to 3600 seconds (300 is the default)\n",
    ),
    "two default resources": (
        ["-r", "files", "-r", "github", "--scope", "files:read issues:read", "--default-resource"],
        "error: client `bot`: `default_resource` needs exactly one resource (drop it, or the others)\n",
    ),
    "no value": (
        ["-r", "files", "--attribute", "region"],
        "error: --attribute isn't NAME=VALUE (for example: --attribute region=eu)\n",
    ),
    "no key": (
        ["-r", "files", "--method", "private_key_jwt"],
        "error: private_key_jwt takes a key (give either --jwks FILE or --generate-key FILE)\n",
    ),
    "a key and a secret": (
        ["-r", "files", "--method", "client_secret_post", "--generate-key", "x"],
        "error: a key doesn't go with a secret"
        " (take --method private_key_jwt, which is safer, or drop the key)\n",
    ),
    "a secret's file for a key": (
        ["-r", "files", "--generate-key", "x", "--secret-file", "y"],
        "error: --secret-file goes with secrets (drop it)\n",
    ),
    "another algorithm": (
        ["-r", "files", "--generate-key", "x", "--algorithm", "HS256"],
        "error: --algorithm: the algorithm has no row in the table (take ES256, which is the default)\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_registered_is_refused_with_the_way_out(project: Any, name: str) -> None:
    """The same checks as for any registration, before anything is stored."""
    words, says = REFUSED[name]
    assert project.refused("add", "bot", "--category", "service", *words) == says
    assert list(project.folder.glob("[xy]")) == []


def test_a_method_without_credentials_is_no_method(project: Any) -> None:
    """`none`, and categories that aren't machines', aren't even options."""
    none = project.refused("add", "bot", *ADD, "--method", "none")
    human = project.refused("add", "bot", "--category", "human")

    assert "'none' is not one of" in none
    assert "'human' is not one of" in human


@pytest.mark.rules("AS-8")
def test_a_private_key_is_not_registered(project: Any) -> None:
    """It is told as disclosed, and not repeated."""
    key = SigningKey.generate("ES256").to_jwk()
    file = project.write(json.dumps(key), "private.json")

    says = project.refused("add", "bot", *ADD, "--jwks", file)

    assert says == (
        "error: client `bot`: key 0 in `jwks` holds private members"
        " (register the public half; treat this key as disclosed and make a new one)\n"
    )
    assert key["d"] not in says


def test_one_server_with_one_scope_needs_no_options(project: Any) -> None:
    """What there is nothing to choose of isn't asked for."""
    config = project.folder / "policy-engine.yaml"
    config.write_text(config.read_text().replace("    github: [issues:read, issues:write]\n", ""))

    project.done("add", "bot", "--category", "service")

    document = project.documents()["bot"]
    assert (document["resources"], document["scope"]) == ([FILES], "files:read")


def test_the_list_is_a_line_for_each(project: Any) -> None:
    """No client, two clients; for programs without hashes."""
    assert project.done("list") == "no client is registered; add one: policy-engine clients add\n"
    assert not (project.folder / "machines.db").exists()

    project.done("add", "bot", *ADD)
    keyed = ("--category", "ai_agent", "-r", "files", "--generate-key", str(project.folder / "k"))
    project.done("add", "keyed", *keyed)
    project.done("rotate", "bot")
    project.done("disable", "keyed")

    assert re.sub(MOMENT, "2026-01-01T00:00:00Z", project.done("list")) == (
        "id     category  method               resources  scopes       enabled  credentials\n"
        "bot    service   client_secret_basic  github     issues:read  yes      "
        "secret until 2026-01-01T00:00:00Z, secret\n"
        "keyed  ai_agent  private_key_jwt      files      files:read   no       1 key\n"
    )
    listed = project.json("list")
    assert [each["client_id"] for each in listed] == ["bot", "keyed"]
    assert [len(each.get("secrets", [])) for each in listed] == [2, 0]
    assert "secret_hashes" not in json.dumps(listed)


def test_show_tells_everything_but_hashes(project: Any) -> None:
    """For people and for programs."""
    words = [
        "--default-scope",
        "--default-resource",
        "--group",
        "ci",
        "--attribute",
        "region=eu",
        "--name",
        "B",
    ]
    project.done("add", "bot", *ADD, *words)

    shown = project.done("show", "bot")

    assert re.sub(MOMENT, "T", shown) == (
        "client    bot (B)\n"
        "state     enabled\n"
        "category  service\n"
        'policies  Client::"machines/bot"\n'
        "method    client_secret_basic\n"
        "secret    doesn't expire\n"
        f"resource  {GITHUB} (github)\n"
        "scopes    issues:read\n"
        "default   issues:read, where it asks for no scope\n"
        "default   its resource, where it asks for none\n"
        "tokens    last 300 s\n"
        "groups    ci\n"
        "attribute region=eu\n"
        "created   T\n"
        "changed   T\n"
    )
    record = project.json("show", "bot")
    assert record.pop("created_at") == record.pop("changed_at")
    assert record == {
        **{name: value for name, value in project.documents()["bot"].items() if name != "secret_hashes"},
        "secrets": [{"expires_at": None}],
    }


@pytest.mark.rules("AS-9")
def test_a_secret_is_replaced_while_both_work(project: Any) -> None:
    """The old one gets an end; a third has to wait; finishing drops the old one, cancelling the new one."""
    first = told_secret(project.done("add", "bot", *ADD))
    second = told_secret(project.done("rotate", "bot", "--grace", "2h"))
    old, new = project.documents()["bot"]["secret_hashes"]
    changed_at = project.dump()[0].changed_at

    assert (old["sha256"], new) == (sha(first), {"sha256": sha(second)})
    assert abs(old["expires_at"] - changed_at - 7200) <= 2
    assert project.refused("rotate", "bot") == (
        "error: two secrets are valid already"
        " (end the old one first, when nobody uses it: policy-engine clients rotate ID --finish)\n"
    )

    assert project.done("rotate", "bot", "--cancel") == "cancelled bot\nvalid     secret\n"
    assert project.documents()["bot"]["secret_hashes"] == [{"sha256": sha(first)}]
    third = told_secret(project.done("rotate", "bot"))
    assert project.done("rotate", "bot", "--finish") == "finished bot\nvalid     secret\n"
    assert project.documents()["bot"]["secret_hashes"] == [{"sha256": sha(third)}]
    fourth = told_secret(project.done("rotate", "bot", "--grace", "0"))
    assert project.documents()["bot"]["secret_hashes"] == [{"sha256": sha(fourth)}]
    for option, word in (("--finish", "finish"), ("--cancel", "cancel")):
        says = f"error: no secret is being replaced (there is nothing to {word})\n"
        assert project.refused("rotate", "bot", option) == says


def test_a_key_is_added_beside_the_old_one(project: Any) -> None:
    """Finishing keeps the newest, or those that are named."""
    file = project.folder / "key"
    project.done("add", "bot", *ADD, "--generate-key", str(file.with_suffix(".1")))
    project.done("rotate", "bot", "--generate-key", str(file.with_suffix(".2")))
    one, two = project.documents()["bot"]["jwks"]["keys"]
    assert two == SigningKey.from_jwk(json.loads(file.with_suffix(".2").read_text())).public_jwk()
    given = project.write(json.dumps(SigningKey.generate("EdDSA", "third").public_jwk()), "given.json")
    project.done("rotate", "bot", "--jwks", given)

    says = project.refused("rotate", "bot", "--finish")
    assert says == (
        "error: the client has more than two keys"
        f" (say which to keep: --keep, of {one['kid']}, {two['kid']}, third)\n"
    )
    assert "has no key `fourth`" in project.refused("rotate", "bot", "--finish", "--keep", "fourth")
    assert project.done("rotate", "bot", "--finish", "--keep", "third", "--keep", two["kid"]) == (
        "finished bot\nvalid     2 keys\n"
    )
    assert project.done("rotate", "bot", "--finish") == "finished bot\nvalid     1 key\n"
    assert [key["kid"] for key in project.documents()["bot"]["jwks"]["keys"]] == ["third"]
    assert "no key is being replaced" in project.refused("rotate", "bot", "--finish")
    assert "share a `kid`" in project.refused("rotate", "bot", "--jwks", given)
    assert "private_key_jwt takes a key" in project.refused("rotate", "bot")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--finish", "--cancel"], "--finish and --cancel take neither each other nor a new credential"),
        (["--finish", "--secret-file", "x"], "--finish and --cancel take neither each other nor"),
        (["--keep", "x"], "--keep goes with --finish"),
        (["--grace", "1y"], "--grace isn't a time of at most 90 days (write 90s, 30m, 24h, 7d, or 0)"),
        (["--grace", "91d"], "--grace isn't a time of at most 90 days"),
        (["--generate-key", "x"], "a key doesn't go with a secret"),
    ],
)
def test_options_of_a_rotation_that_do_not_go_together(project: Any, words: list[str], says: str) -> None:
    """Nothing happens then."""
    project.done("add", "bot", *ADD)
    assert says in project.refused("rotate", "bot", *words)


def test_a_client_is_switched_off_and_on(project: Any) -> None:
    """Nothing else about it changes."""
    project.done("add", "bot", *ADD)
    before = project.documents()["bot"]

    assert project.done("disable", "bot") == (
        "disabled bot: it gets no tokens; those that it has last 300 s at most\n"
    )
    assert project.documents()["bot"] == {**before, "enabled": False}
    assert "state     disabled: it gets no tokens\n" in project.done("show", "bot")
    assert project.done("enable", "bot") == "enabled bot\n"
    assert project.documents()["bot"] == before
    assert project.json("disable", "bot") == {"client_id": "bot", "enabled": False}
    assert project.json("enable", "bot") == {"client_id": "bot", "enabled": True}


def test_what_the_catalogue_lost_can_be_switched_off_but_not_on(project: Any) -> None:
    """Taking something away always works; giving something is checked."""
    project.done("add", "bot", *ADD)
    project.done("rotate", "bot")
    config = project.folder / "policy-engine.yaml"
    config.write_text(config.read_text().replace("[issues:read, issues:write]", "[other]"))

    project.done("rotate", "bot", "--finish")
    project.done("disable", "bot")
    assert "client `bot`: no scope of the client is one of" in project.refused("enable", "bot")
    assert "client `bot`: no scope of the client is one of" in project.refused("rotate", "bot")


@pytest.mark.rules("AS-7")
def test_a_removed_id_is_never_used_again(project: Any) -> None:
    """It takes a yes, and only the id stays."""
    project.done("add", "bot", *ADD)

    assert project.refused("remove", "bot") == (
        "error: nobody is there to be asked (say it on the command line: --yes)\n"
    )
    assert project.done("remove", "bot", "--yes") == "removed bot: its id is never used again\n"
    assert project.documents() == {}
    assert project.refused("add", "bot", *ADD) == (
        "error: `bot` was another client's id, and ids are never used again (choose another id)\n"
    )
    for word in ("show", "rotate", "disable", "enable"):
        says = "error: the client `bot` was removed (add another one, with an id of its own)\n"
        assert project.refused(word, "bot") == says


def test_an_unknown_id_is_told(project: Any) -> None:
    """With the way to see those that there are."""
    project.done("add", "bot", *ADD)
    for word in ("show", "rotate", "disable", "enable", "remove"):
        says = "error: no client is called `bat` (see which there are: policy-engine clients list)\n"
        assert project.refused(word, "bat") == says


def test_a_configuration_without_a_server_has_no_clients(project: Any) -> None:
    """It says what to add."""
    config = project.folder / "policy-engine.yaml"
    text = config.read_text()
    config.write_text(text[: text.index("authserver:")] + "policies: policies/\n")

    assert "the configuration has no `authserver`" in project.refused("list")


ASKED = "remove bot for good? its id can't be used again [y/N] "


@pytest.mark.parametrize(
    ("answer", "says", "left"),
    [
        ("", (1, "", f"{ASKED}nothing was changed\n"), ["bot"]),
        ("y", (0, "removed bot: its id is never used again\n", ASKED), []),
    ],
)
def test_a_person_is_asked_before_anything_is_removed(
    project: Any, answer: str, says: tuple[int, str, str], left: list[str]
) -> None:
    """At a terminal; no is an answer, and yes is final."""
    project.done("add", "bot", *ADD)
    config = str(project.folder / "policy-engine.yaml")
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    result = subprocess.run(
        [sys.executable, "-m", "policy_engine", "clients", "remove", "bot", "--config", config],
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    os.close(ours)
    os.close(theirs)

    assert (result.returncode, result.stdout, result.stderr) == says
    assert list(project.documents()) == left


def test_several_replicas_share_a_database(
    project: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it works with PostgreSQL, whose URL is in the environment."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    config = project.folder / "policy-engine.yaml"
    config.write_text(config.read_text().replace("machines.db", "${DATABASE_URL}"))
    clients = (
        "clients: [{client_id: a, category: service, token_endpoint_auth_method: client_secret_basic,"
        " grant_types: [client_credentials], resources: files, scope: files:read, secret: generate}]"
    )
    file = project.write(clients)

    project.done("add", "bot", *ADD)
    assert project.run("apply", "-f", file, "--dry-run").exit_code == 1
    assert "applied\n" in project.done("apply", "-f", file)
    assert project.done("apply", "-f", file).endswith("nothing to do\n")
    assert project.json("remove", "bot", "--yes") == {"client_id": "bot", "removed": True}
    assert project.refused("add", "bot", *ADD).startswith("error: `bot` was another client's id")
    assert [each["client_id"] for each in project.json("list")] == ["a"]
    assert not (project.folder / "machines.db").exists()
