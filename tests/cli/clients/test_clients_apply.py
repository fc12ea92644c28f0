"""`clients apply`: the plan, what comes of it, and that a second time there is nothing to do."""

import hashlib
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from stat import S_IMODE
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.authserver import clients_json_schema, generate_secret
from policy_engine.jose import SigningKey
from tests.plugins.samples import samples

GITHUB, FILES = "https://mcp.example.com/github", "https://mcp.example.com/files"
KEYS = [SigningKey.generate("ES256").public_jwk() for _ in range(3)]
CLIENTS = """\
version: 1
clients:
  - client_id: nightly
    category: service
    token_endpoint_auth_method: client_secret_basic
    grant_types: [client_credentials]
    resources: files
    scope: files:read
    secret: generate
  - client_id: agent
    category: ai_agent
    token_endpoint_auth_method: client_secret_post
    grant_types: [client_credentials]
    resources: [github, https://mcp.example.com/files]
    scope: issues:read files:read
    default_scope: files:read
    secret: {env: AGENT_SECRET}
    groups: ci
    attributes: {region: eu}
"""


def sha(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.fixture
def agent_secret(monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret that the environment holds."""
    secret = generate_secret().reveal()
    monkeypatch.setenv("AGENT_SECRET", secret)
    return secret


def test_a_file_is_applied_and_then_there_is_nothing_to_do(project: Any, agent_secret: str) -> None:
    """A dry run tells the plan and exits with 1; applying does it; a second time nothing changes."""
    file = project.write(CLIENTS)
    plan = "+ agent added\n+ nightly added\nplan: 2 added, 0 changed, 0 unchanged, 0 removed\n"

    dry = project.run("apply", "-f", file, "--dry-run")
    assert (dry.exit_code, dry.stdout, dry.stderr) == (1, f"{plan}nothing was changed (--dry-run)\n", "")
    assert not (project.folder / "machines.db").exists()

    printed = project.done("apply", "-f", file)
    (secret,) = re.findall(r"secret of nightly: ([A-Za-z0-9_-]{43})\n", printed)
    says = f"secret of nightly: {secret}\nshown this once; only hashes are kept\n"
    assert printed == f"{plan}applied\n{says}"
    assert project.documents() == {
        "agent": {
            "client_id": "agent",
            "category": "ai_agent",
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["client_credentials"],
            "secret_hashes": [{"sha256": sha(agent_secret)}],
            "resources": [FILES, GITHUB],
            "scope": "files:read issues:read",
            "default_scope": "files:read",
            "enabled": True,
            "access_token_ttl": 300,
            "groups": ["ci"],
            "attributes": {"region": ["eu"]},
        },
        "nightly": {
            "client_id": "nightly",
            "category": "service",
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["client_credentials"],
            "secret_hashes": [{"sha256": sha(secret)}],
            "resources": [FILES],
            "scope": "files:read",
            "enabled": True,
            "access_token_ttl": 300,
        },
    }

    nothing = (
        "= agent unchanged\n= nightly unchanged\n"
        "plan: 0 added, 0 changed, 2 unchanged, 0 removed\nnothing to do\n"
    )
    before = project.dump()
    assert project.done("apply", "-f", file) == nothing
    assert project.done("apply", "-f", file, "--dry-run") == nothing
    assert project.dump() == before


def test_a_change_is_told_member_by_member(
    project: Any, agent_secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values before and after; a new secret is valid beside the old one."""
    project.done("apply", "-f", project.write(CLIENTS))
    monkeypatch.setenv("AGENT_SECRET", generate_secret().reveal())
    changed = CLIENTS.replace("groups: ci", "access_token_ttl: 60").replace("region: eu", "region: [eu, us]")

    printed = project.done("apply", "-f", project.write(changed), "--grace", "1h")

    assert re.sub(r"until \S+,", "until T,", printed) == (
        "~ agent changed\n"
        "    access_token_ttl: 300 → 60\n"
        '    attributes: {"region": ["eu"]} → {"region": ["eu", "us"]}\n'
        "    groups: ci → none\n"
        "    secrets: one → one until T, one\n"
        "= nightly unchanged\n"
        "plan: 0 added, 1 changed, 1 unchanged, 0 removed\n"
        "applied\n"
    )
    old, _ = project.documents()["agent"]["secret_hashes"]
    assert old["sha256"] == sha(agent_secret)
    assert project.done("apply", "-f", project.write(changed)).endswith("nothing to do\n")


def test_a_secret_that_was_replaced_does_not_come_back(project: Any, agent_secret: str) -> None:
    """A secret that was rotated away, perhaps since it leaked, is refused at its place."""
    file = project.write(CLIENTS)
    project.done("apply", "-f", file)
    project.done("rotate", "agent")

    assert project.refused("apply", "-f", file) == (
        "error: clients.yaml:17:5: client `agent`: the secret was replaced by a newer one"
        " (give the newer one, or a new one)\n"
    )
    assert agent_secret


def test_a_disabled_client_stays_disabled(project: Any, agent_secret: str) -> None:
    """Only a file that says so enables it."""
    assert agent_secret
    project.done("apply", "-f", project.write(CLIENTS))
    project.done("disable", "agent")

    assert "= agent unchanged\n" in project.done("apply", "-f", project.write(CLIENTS))
    enabled = CLIENTS.replace("groups: ci", "enabled: true")
    printed = project.done("apply", "-f", project.write(enabled))
    assert "    enabled: false → true\n" in printed
    disabled = CLIENTS.replace("groups: ci", "enabled: false")
    assert "    enabled: true → false\n" in project.done("apply", "-f", project.write(disabled))


def test_pruning_removes_for_good_and_asks(project: Any, agent_secret: str) -> None:
    """Without it, what isn't in the file stays; with it, somebody has to say yes."""
    assert agent_secret
    project.done("add", "other", "--category", "service", "-r", "files")
    file = project.write(CLIENTS)

    assert "not in the file, and left alone: other (--prune removes them)\n" in project.done(
        "apply", "-f", file
    )
    assert project.refused("apply", "-f", file, "--prune") == (
        "error: nobody is there to be asked (say it on the command line: --yes)\n"
    )
    printed = project.done("apply", "-f", file, "--prune", "--yes")
    assert "- other removed: its id is never used again\n" in printed
    assert sorted(project.documents()) == ["agent", "nightly"]
    again = CLIENTS.replace("client_id: agent", "client_id: other")
    assert project.refused("apply", "-f", project.write(again)) == (
        "error: clients.yaml:10:5: client `other`: it was another client's id, and ids are never used again"
        " (choose another id)\n"
    )


def test_programs_get_the_plan(project: Any, agent_secret: str) -> None:
    """Without values; generated secrets are there once."""
    assert agent_secret
    file = project.write(CLIENTS)
    dry = project.run("apply", "-f", file, "--dry-run", "--format", "json")
    steps = [
        {"client_id": "agent", "action": "added", "changed": []},
        {"client_id": "nightly", "action": "added", "changed": []},
    ]
    plan = {"steps": steps, "left": [], "applied": False, "client_secrets": {}, "secret_files": {}}

    assert (dry.exit_code, json.loads(dry.stdout)) == (1, plan)
    applied = project.json("apply", "-f", file)
    secret = applied["client_secrets"]["nightly"]
    assert applied == {**plan, "applied": True, "client_secrets": {"nightly": secret}}
    assert project.documents()["nightly"]["secret_hashes"] == [{"sha256": sha(secret)}]
    again = project.json("apply", "-f", file)
    assert again == {**plan, "steps": [{**each, "action": "unchanged"} for each in steps]}


def test_generated_secrets_can_go_into_files(project: Any, agent_secret: str) -> None:
    """For their owner alone, before the client is registered; what is there already is used."""
    assert agent_secret
    folder = project.folder / "secrets"
    folder.mkdir()
    left = generate_secret().reveal()
    (folder / "nightly.secret").write_text(left)
    (folder / "nightly.secret").chmod(0o600)
    both = CLIENTS.replace("secret: {env: AGENT_SECRET}", "secret: generate").replace(
        "client_id: agent", "client_id: .."
    )

    printed = project.done("apply", "-f", project.write(both), "--secret-folder", str(folder))

    made = (folder / "...secret").read_text().strip()
    assert S_IMODE((folder / "...secret").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["...secret", "nightly.secret"]
    assert printed.endswith("applied\nsecrets are in secrets, for their owner alone: .., nightly\n")
    assert left not in printed
    assert made not in printed
    hashes = {name: each["secret_hashes"] for name, each in project.documents().items()}
    assert hashes == {"nightly": [{"sha256": sha(left)}], "..": [{"sha256": sha(made)}]}


@pytest.mark.parametrize("how", ["readable", "link", "pipe", "folder"])
def test_a_secret_that_others_may_have_planted_is_not_taken(
    project: Any, agent_secret: str, how: str
) -> None:
    """Who could put it there, or read it, would get the machine's tokens."""
    assert agent_secret
    folder = project.folder / "secrets"
    folder.mkdir(mode=0o700)
    planted = folder / "nightly.secret"
    match how:
        case "readable":
            planted.write_text(generate_secret().reveal())
            planted.chmod(0o640)
        case "link":
            (project.folder / "mine").write_text(generate_secret().reveal())
            (project.folder / "mine").chmod(0o600)
            planted.symlink_to(project.folder / "mine")
        case "pipe":
            os.mkfifo(planted, 0o600)
        case _:
            folder.chmod(0o775)

    says = project.refused("apply", "-f", project.write(CLIENTS), "--secret-folder", str(folder))

    if how == "folder":
        remedy = f"chmod go-w {folder}, or choose another".replace(f"{project.folder}/", "")
        assert says == f"error: secrets: others can put files into the folder ({remedy})\n"
        assert list(folder.iterdir()) == []
    else:
        assert says == (
            "error: secrets/nightly.secret: the secret isn't yours alone: it is another's file, others may "
            "read it, or it is a link (delete it, and have a new one made)\n"
        )
        assert list(folder.iterdir()) == [planted]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_secret_of_another_user_is_not_taken(project: Any, agent_secret: str, what: str) -> None:
    """Though nobody else can read it now."""
    assert agent_secret
    folder = project.folder / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "nightly.secret").write_text(generate_secret().reveal())
    (folder / "nightly.secret").chmod(0o600)
    os.chown(folder / "nightly.secret" if what == "file" else folder, 12345, 12345)

    says = project.refused("apply", "-f", project.write(CLIENTS), "--secret-folder", str(folder))

    assert ("the secret isn't yours alone" if what == "file" else "others can put files") in says


@pytest.mark.parametrize("what", ["question", "file"])
def test_what_is_refused_leaves_no_secret_behind(project: Any, agent_secret: str, what: str) -> None:
    """Neither where nobody is there to be asked, nor for a mistake in another client."""
    assert agent_secret
    folder = project.folder / "secrets"
    project.done("add", "other", "--category", "service", "-r", "files")
    if what == "file":
        project.done("add", "agent", "--category", "service", "-r", "files")
        project.done("remove", "agent", "--yes")

    words = ("apply", "-f", project.write(CLIENTS), "--prune", "--secret-folder", str(folder))
    says = project.refused(*words)

    assert ("nobody is there" if what == "question" else "ids are never used again") in says
    assert not folder.exists()


def test_keys_and_secrets_are_read_from_files(project: Any) -> None:
    """Their paths start from the folder of the file; hashes can be given, too."""
    secret = generate_secret().reveal()
    project.write(f"{secret}\n", "agent.secret")
    project.write(json.dumps(KEYS[0]), "nightly.jwk")
    text = CLIENTS.replace("{env: AGENT_SECRET}", "{file: agent.secret}").replace(
        "secret: generate", "jwks: {file: nightly.jwk}"
    )
    text = text.replace("client_secret_basic", "private_key_jwt")

    project.done("apply", "-f", project.write(text))

    documents = project.documents()
    assert documents["agent"]["secret_hashes"] == [{"sha256": sha(secret)}]
    assert documents["nightly"]["jwks"] == {"keys": [KEYS[0]]}
    hashes = f"secret_hashes: [{{sha256: {sha(secret)}}}]"
    same = text.replace("secret: {file: agent.secret}", hashes)
    assert project.done("apply", "-f", project.write(same)).endswith("nothing to do\n")


MISTAKES: Mapping[str, tuple[str, str, str]] = {
    "mixed grants": (
        "[client_credentials]\n    resources: files",
        "[client_credentials, authorization_code]\n    resources: files",
        "6:5: client `nightly`: `grant_types` mixes client_credentials with others: a machine that acts for"
        ' people too (write grant_types: ["client_credentials"], and register another client at the server'
        " that signs people in)",
    ),
    "no grant": (
        "    grant_types: [client_credentials]\n    resources: files",
        "    resources: files",
        "3:5: client `nightly`: `grant_types` is missing, which RFC 7591 reads as authorization_code"
        ' (write grant_types: ["client_credentials"])',
    ),
    "redirects": (
        "groups: ci",
        "redirect_uris: [https://app.example.com/cb]",
        "18:5: client `agent`: `redirect_uris` is for clients that send people to sign in (drop it)",
    ),
    "response types": (
        "groups: ci",
        "response_types: [code]",
        "18:5: client `agent`: `response_types` is for the authorization endpoint (drop it)",
    ),
    "keys elsewhere": (
        "groups: ci",
        "jwks_uri: https://app.example.com/jwks",
        "18:5: client `agent`: `jwks_uri` isn't supported: this server fetches nothing"
        " (put the keys in `jwks`)",
    ),
    "a plain secret": (
        "groups: ci",
        "client_secret: hunter2hunter2",
        "18:5: client `agent`: `client_secret` is a secret in plain text"
        " (make a new one, and write its `secret_hashes`)",
    ),
    "a public client": (
        "token_endpoint_auth_method: client_secret_post",
        "token_endpoint_auth_method: none",
        "12:5: client `agent`: `token_endpoint_auth_method` is `none`: a public client can't use"
        " client_credentials (choose one of private_key_jwt, client_secret_basic, client_secret_post)",
    ),
    "no scope": (
        "scope: issues:read files:read\n    default_scope: files:read",
        'scope: ""',
        "15:5: client `agent`: `scope` is empty (name the scopes that the client may have)",
    ),
    "no resource": (
        "resources: files",
        "resources: []",
        "7:5: client `nightly`: `resources` is empty (name the resources that the client may call)",
    ),
    "an unknown server": (
        "resources: files",
        "resources: jira",
        "7:5: client `nightly`: `jira` is neither a server nor a URI (servers: files, github)",
    ),
    "a category of people": (
        "category: ai_agent",
        "category: human",
        "11:5: client `agent`: `category` is none of service, ai_agent (choose one)",
    ),
    "the same id": (
        "client_id: agent",
        "client_id: nightly",
        "10:5: client `nightly`: the id is written twice (rename one)",
    ),
    "no secret": (
        "    secret: generate\n",
        "",
        "3:5: client `nightly`: client_secret_basic needs a secret (write `secret: generate`,"
        " `secret: {env: NAME}` or `secret: {file: PATH}`)",
    ),
    "the secret itself": (
        "secret: generate",
        "secret: hunter2hunter2",
        "9:5: `clients.0.secret`: write `generate`, `{env: NAME}` or `{file: PATH}`, never the secret itself",
    ),
    "an unset variable": (
        "secret: generate",
        "secret: {env: hunter2hunter2}",
        "9:5: client `nightly`: the environment variable that `secret.env` names isn't set (export it)",
    ),
    "no such file": (
        "secret: generate",
        "secret: {file: hunter2hunter2}",
        "9:5: client `nightly`: can't read the file that `secret.file` names: No such file or directory"
        " (its path starts from this file's folder)",
    ),
    "a weak secret": (
        "secret: generate",
        "secret: {file: weak}",
        "9:5: client `nightly`: the secret isn't 256 random bits: 43 or more of A-Z a-z 0-9 _ -, or 64"
        " hexadecimal digits (have one made: openssl rand -hex 32)",
    ),
    "two sources": (
        "secret: generate",
        "secret: {generate: true, env: HOME}",
        "9:5: `clients.0.secret`: give exactly one of `env`, `file` and `generate: true`",
    ),
    "a slip": (
        "groups: ci",
        "gruops: ci",
        "18:5: unknown key `clients.1.gruops` (did you mean `groups`?)",
    ),
    "a number": (
        "region: eu",
        "region: 7",
        "19:18: `clients.1.attributes.region.0` is read as a number (put it in quotes)",
    ),
}


@pytest.mark.rules("AS-3", "AS-4", "AS-5", "AS-6", "AS-11")
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_at_its_place(project: Any, agent_secret: str, name: str) -> None:
    """Line, column, client, reason and way out; no secret, and nothing is changed."""
    assert agent_secret
    old, new, says = MISTAKES[name]
    assert old in CLIENTS
    project.write("hunter2hunter2", "weak")

    told = project.refused("apply", "-f", project.write(CLIENTS.replace(old, new)))

    assert told == f"error: clients.yaml:{says}\n"
    assert "hunter2" not in told


def test_the_mistakes_of_all_clients_are_told_at_once(project: Any) -> None:
    """So that all can be mended together."""
    text = CLIENTS.replace("category: service", "category: x").replace("{env: AGENT_SECRET}", "{env: UNSET_}")
    told = project.refused("apply", "-f", project.write(text))
    assert [line.split(": ")[1] for line in told.splitlines()] == ["clients.yaml:4:5", "clients.yaml:17:5"]


ASKED = "remove 1 for good? [y/N] "


def test_of_two_at_once_one_wins(project: Any, agent_secret: str) -> None:
    """One has planned when the other applies: it says so, and has changed nothing."""
    assert agent_secret
    project.done("add", "first", "--category", "service", "-r", "files")
    config = str(project.folder / "policy-engine.yaml")
    words = ["clients", "apply", "-f", project.write(CLIENTS), "--prune", "-c", config]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "policy_engine", *words],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as slow:
        assert slow.stderr is not None
        asked = slow.stderr.read(len(ASKED))  # after the store was read, and before it is changed
        other = project.write(CLIENTS.replace("nightly", "other"), "other.yaml")
        project.done("apply", "-f", other)
        before = project.dump()
        os.write(ours, b"y\n")
        printed, says = slow.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert asked == ASKED

    assert (slow.returncode, says) == (
        1,
        "error: somebody else changed the clients meanwhile, so nothing was changed (run it again)\n",
    )
    assert printed == (
        "+ agent added\n"
        "- first removed: its id is never used again\n"
        "+ nightly added\n"
        "plan: 2 added, 0 changed, 0 unchanged, 1 removed\n"
    )
    assert project.dump() == before
    assert sorted(project.documents()) == ["agent", "first", "other"]


IDS = st.text("abcXYZ019._~-", min_size=1, max_size=8)
SCOPES = st.sampled_from(
    [
        ("github", "issues:read"),
        ("github", "issues:write issues:read"),
        (FILES, "files:read"),
        (["files", GITHUB], "issues:read files:read"),
    ]
)
SECRETS: list[dict[str, Any]] = [
    {"secret": "generate"},
    {"secret": {"env": "AGENT_SECRET"}},
    {"secret_hashes": [{"sha256": sha("a")}, {"sha256": sha("b"), "expires_at": 4_000_000_000}]},
]
CREDENTIALS = st.one_of(
    st.builds(
        lambda method, secret: {"token_endpoint_auth_method": method, **secret},
        st.sampled_from(["client_secret_basic", "client_secret_post"]),
        st.sampled_from(SECRETS),
    ),
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique_by=lambda key: key["kid"]).map(
        lambda keys: {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": keys}}
    ),
)
WORDS = st.text("aé中😀 :#'\"-7%", min_size=1, max_size=5)


@st.composite
def client(draw: st.DrawFn) -> dict[str, Any]:
    """Any client that can be registered."""
    resources, scope = draw(SCOPES)
    entry: dict[str, Any] = {
        "client_id": draw(IDS),
        "category": draw(st.sampled_from(["service", "ai_agent"])),
        "grant_types": ["client_credentials"],
        "resources": resources,
        "scope": scope,
        **draw(CREDENTIALS),
    }
    optional = {
        "default_scope": st.just(scope),
        "default_resource": st.just(value=isinstance(resources, str)),
        "access_token_ttl": st.integers(1, 3600),
        "enabled": st.booleans(),
        "client_name": WORDS,
        "groups": st.lists(WORDS, max_size=3),
        "attributes": st.dictionaries(WORDS, st.one_of(WORDS, st.lists(WORDS, max_size=2)), max_size=2),
    }
    return entry | {name: draw(value) for name, value in optional.items() if draw(st.booleans())}


@given(
    st.lists(client(), max_size=4, unique_by=lambda each: each["client_id"]),
    st.sampled_from([[], ["--prune", "--yes"]]),
)
@settings(
    max_examples=samples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_applying_twice_is_applying_once(
    make_project: Callable[[], Any], agent_secret: str, clients: list[dict[str, Any]], more: list[str]
) -> None:
    """Whatever the clients: the second time nothing changes, and the schema takes the file."""
    assert agent_secret
    data = {"version": 1, "clients": clients}
    jsonschema.validate(data, json.loads(clients_json_schema()))
    project = make_project()
    file = project.write(json.dumps(data, ensure_ascii=False))
    words = ["apply", "-f", file, *more]

    first = project.json(*words)
    before = project.dump()
    second = project.json(*words)

    assert sorted(project.documents()) == sorted(each["client_id"] for each in clients)
    assert first["applied"] is bool(clients)
    assert project.dump() == before
    assert [step["action"] for step in second["steps"]] == ["unchanged"] * len(clients)
    assert (second["applied"], second["client_secrets"]) == (False, {})


def test_no_file_at_all_is_told(project: Any) -> None:
    """Like every file that can't be read."""
    says = project.refused("apply", "-f", str(project.folder / "absent.yaml"))
    assert says == "error: absent.yaml: can't read the file: No such file or directory\n"
