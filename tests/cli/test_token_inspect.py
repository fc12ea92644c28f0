"""`token inspect`: every check told, nothing of the token printed, and nothing unproven taken for proven."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policy_engine.cli import app
from policy_engine.cli.inspection import Outcome, Verdict, lines, to_record
from policy_engine.cli.inspection.checklist import LAST_CHECKS
from policy_engine.errors import ConfigError
from policy_engine.jose import SigningKey
from policy_engine.mapper import MAPPING_CHECKS
from policy_engine.tokens import TOKEN_CHECKS

NOW = 1_790_000_000
GITHUB = "https://mcp.example.com/github"
NAMES = (*TOKEN_CHECKS, *MAPPING_CHECKS, *LAST_CHECKS)


def test_a_good_token_is_told_check_by_check(bench: Any) -> None:
    """Who issued it, what was asked, how long it lasts, what speaks for whom, and the entities."""
    found = bench.inspect("person", {"client_id": "desktop-agent", "groups": ["eng"], "scope": "a b"})

    assert (found.verdict, found.proven, found.errors, found.changes) == (Verdict.accepted, True, (), ())
    assert bench.outcomes(found) == dict.fromkeys(NAMES, Outcome.passed)
    assert list(lines(found))[:5] == [
        ("issuer", "corp (profile rfc9068), proven"),
        ("audience", GITHUB),
        ("client", "desktop-agent"),
        ("pass", "form: three parts of base64url, with strict JSON in header and payload"),
        ("pass", "issuer: `iss` is exactly that of a configured issuer"),
    ]
    notes = {check.name: check.note for check in found.checks if check.note}
    assert notes == {"audience": "it opens `github`", "times": "expires in 9 min, issued 1 min ago"}
    user = {
        "uid": {"type": "User", "id": "corp/alice"},
        "attrs": {"issuer": "corp", "subject": "alice"},
        "parents": [{"type": "Group", "id": "corp/eng"}],
        "tags": {},
    }
    agent = {
        "uid": {"type": "Client", "id": "corp/desktop-agent"},
        "attrs": {"issuer": "corp", "client_id": "desktop-agent", "category": "service"},
        "parents": [],
        "tags": {},
    }
    assert list(lines(found))[-9:] == [
        ("machine", "no  sub == client_id"),
        ("human", "yes present auth_time"),
        ("human", "-   nonempty acr"),
        ("human", "-   nonempty amr"),
        ("accepted", 'User::"corp/alice"'),
        ("actor", 'Client::"corp/desktop-agent"'),
        ("scopes", "a b"),
        ("entity", json.dumps(user)),
        ("entity", json.dumps(agent)),
    ]
    assert (to_record(found)["entity"], to_record(found)["actor"]) == (user, agent)


RECORD: dict[str, Any] = {
    "verdict": "refused",
    "accepted": False,
    "verified": True,
    "unverified_because": None,
    "code": "expired_token",
    "detail": None,
    "problem": "`exp` is over",
    "server": "github",
    "opens": ["github"],
    "issuer": "corp",
    "profile": "rfc9068",
    "claimed": {"issuer": "https://login.example.com", "audiences": [GITHUB], "client_id": "web"},
    "kind": None,
    "entity": None,
    "actor": None,
    "sender_constrained": None,
    "scopes": None,
    "if_the_signature_holds": None,
    "changes": [
        {
            "path": None,
            "file": None,
            "line": None,
            "column": None,
            "text": "get a new token",
            "warning": None,
        }
    ],
}


def test_a_record_has_one_form(bench: Any) -> None:
    """Programs find the same members, whatever became of the token."""
    record = to_record(bench.inspect("person", {"exp": NOW - 7300}, "github"))
    checks, evidence = record.pop("checks"), record.pop("evidence")

    assert record == RECORD
    assert [check["name"] for check in checks] == list(NAMES)
    assert checks[9] == {
        "stage": 1,
        "name": "times",
        "asks": "`exp` isn't over, `nbf` and `iat` have come",
        "outcome": "failed",
        "code": "expired_token",
        "detail": None,
        "problem": "`exp` is over",
        "note": "expired 2 h 1 min ago, issued 1 min ago",
    }
    assert evidence == {
        "client": [{"clause": "sub == client_id", "holds": False}],
        "user": [
            {"clause": "present auth_time", "holds": True},
            {"clause": "nonempty acr", "holds": None},
            {"clause": "nonempty amr", "holds": None},
        ],
    }
    members = {*record, "checks", "evidence"}
    for token in ("", "a.b.c", *map(bench.token, ("person", "robot", "ci-bot", "entra"))):
        assert set(to_record(bench.look(token))) == members


def test_who_is_behind_a_refused_token_is_not_told(bench: Any) -> None:
    """An old token still says of which kind it is; the claims that name a person stay inside."""
    old = {"sub": "alice-of-accounting", "exp": NOW - 60, "nbf": NOW - 120}
    found = bench.inspect("person", old)

    assert [text for label, text in lines(found) if label in {"REFUSED", "otherwise"}] == [
        "expired_token: `exp` is over",
        "the evidence speaks for a person",
    ]
    assert "alice" not in json.dumps([*lines(found), to_record(found)])
    robot = bench.inspect("robot", {"exp": NOW - 60})
    assert ("otherwise", "the evidence speaks for a machine") in list(lines(robot))


def test_times_are_told_as_lengths(bench: Any) -> None:
    """How long ago, or how long to go; never the claims themselves."""
    told = {
        changed: bench.inspect("person", dict(changed)).checks[9].note
        for changed in (
            (("exp", NOW + 90_061), ("iat", NOW)),
            (("exp", NOW + 29.5), ("iat", NOW + 3600)),
            (("exp", NOW + 3_600), ("nbf", NOW + 59)),
            (("exp", NOW + 86_460), ("nbf", NOW - 1)),
        )
    }

    assert list(told.values()) == [
        "expires in 1 d 1 h, issued 0 s ago",
        "expires in 29 s, issued in 1 h",
        "expires in 1 h, issued 1 min ago, valid in 59 s",
        "expires in 1 d, issued 1 min ago, valid since 1 s ago",
    ]


def test_a_bound_token_is_accepted_with_its_proof_left_open(bench: Any) -> None:
    """As `identify` does; the check says that `evaluate` won't."""
    found = bench.inspect("person", {"cnf": {"jkt": "x"}})

    proof = found.checks[-1]
    assert (found.verdict, proof.outcome) == (Verdict.accepted, Outcome.unchecked)
    assert proof.note == "`evaluate` refuses it (proof_required): its proof can't be checked yet"
    assert ("accepted", 'User::"corp/alice", bound to a key') in list(lines(found))


def test_a_hostile_value_is_not_printed(bench: Any) -> None:
    """Neither commands to a terminal, nor endless texts."""
    found = bench.inspect("person", {"iss": "https://x\x1b[2J", "aud": ["a\u202eb", 7, "y" * 300]})

    assert found.iss == "(not printable ASCII)"
    assert found.audiences == (
        "(not printable ASCII)",
        "(not text)",
        f"{'y' * 200}… (300 characters)",
    )
    assert next(lines(found)) == ("issuer", "(not printable ASCII), none that is configured")


# --- unproven is never proven -----------------------------------------------------------------------


@pytest.mark.parametrize("signer", ["the issuer", "anybody"])
def test_without_keys_nothing_is_accepted(bench: Any, signer: str) -> None:
    """Said first, said last, and nowhere a program looks for a proven principal."""
    key = bench.key if signer == "the issuer" else SigningKey.generate("ES256")
    found = bench.look(bench.token("person", {"client_id": "desktop-agent"}, key=key), with_keys=False)
    record, told = to_record(found), list(lines(found))

    assert found.verdict is Verdict.unknown
    open_checks = {name for name, outcome in bench.outcomes(found).items() if outcome is not Outcome.passed}
    assert open_checks == {"keys", "signature"}
    assert told[:3] == [
        ("UNPROVEN", "the signature wasn't checked (as asked for)"),
        ("", "anybody could have written this token; all that follows is by its own word"),
        ("issuer", "corp (profile rfc9068), by its own word"),
    ]
    assert [(label, text.partition(":")[0]) for label, text in told[-5:]] == [
        ("UNKNOWN", "if its signature holds"),
        ("actor", "if its signature holds"),
        ("scopes", "if its signature holds"),
        ("entity", "if its signature holds"),
        ("entity", "if its signature holds"),
    ]
    assert (record["verdict"], record["accepted"], record["verified"]) == ("unknown", False, False)
    assert [record[name] for name in ("kind", "entity", "actor", "scopes")] == [None] * 4
    assert record["if_the_signature_holds"]["entity"]["uid"] == {"type": "User", "id": "corp/alice"}


def test_keys_that_cannot_be_had_are_no_reason_to_stop(bench: Any) -> None:
    """The engine's own refusal is the code; what the token would be is told beside it."""
    found = bench.inspect("ci-bot")
    record = to_record(found)

    assert (record["verdict"], record["code"], record["verified"]) == ("unknown", "keys_unavailable", False)
    assert record["if_the_signature_holds"]["entity"]["uid"]["id"] == "machines/ci-bot"
    assert record["unverified_because"].startswith("`127.0.0.1:9` didn't answer")
    outcomes = bench.outcomes(found)
    assert (outcomes["keys"], outcomes["signature"]) == (Outcome.failed, Outcome.unchecked)


def test_what_is_refused_whatever_its_signature_is_refused(bench: Any) -> None:
    """Even unproven: no signature makes an old token young."""
    late = bench.inspect("ci-bot", {"exp": NOW - 60})
    blind = bench.look(bench.token("person", {"exp": NOW - 60}), with_keys=False)

    assert (late.verdict, [error.code for error in late.errors]) == (
        Verdict.refused,
        ["keys_unavailable", "expired_token"],
    )
    assert (blind.verdict, to_record(blind)["verified"]) == (Verdict.refused, False)


def test_a_key_file_that_is_not_there_is_no_reason_to_stop(bench: Any, tmp_path: Path) -> None:
    """Whoever has only the configuration may look, and is told what couldn't be checked."""
    elsewhere = bench.in_folder(tmp_path)

    found = elsewhere.inspect("person")

    assert found.verdict is Verdict.unknown
    assert found.unproven_because == (
        f"{tmp_path}/corp.jwks.json: can't read the file: No such file or directory"
    )


def test_a_bad_signature_ends_it_all(bench: Any) -> None:
    """What a forged token says is looked at only for who asks for that."""
    found = bench.look(bench.token("person", key=SigningKey.generate("ES256", kid="corp-1")))

    assert (found.verdict, found.proven, found.identity, found.client) == (
        Verdict.refused,
        False,
        None,
        (),
    )
    assert set(list(bench.outcomes(found).values())[5:]) == {Outcome.not_reached}
    assert next(lines(found)) == ("issuer", "corp (profile rfc9068), by its own word")


def test_an_unknown_server_is_wrong_usage(bench: Any) -> None:
    """Not a refusal of the token."""
    with pytest.raises(ConfigError, match="no server is named `gitlab`"):
        bench.inspect("person", {}, "gitlab")


def test_a_configuration_that_cannot_be_used_stays_an_error(bench: Any) -> None:
    """Only keys may be missing."""
    with pytest.raises(ConfigError, match="no profile is named `x`"):
        bench.with_issuer("corp", profile="x").inspect("person")


# --- as its user runs it ----------------------------------------------------------------------------

Run = Callable[..., Result]

PROJECT = """\
version: 1
development: true
servers:
  github: {resource: https://mcp.example.com/github}
issuers:
  corp: {issuer: https://login.example.com, profile: auth0, development_key: key.json}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    development_key: key.json
    clients:
      ci-bot: {grants: [client_credentials]}
policies: policies/
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `policy-engine token` in a project without policies."""
    (tmp_path / "key.json").write_text(json.dumps(SigningKey.generate("ES256").to_jwk()))
    (tmp_path / "policy-engine.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, ["token", *arguments], input=stdin)

    return command


def test_the_exit_status_tells_the_verdict(run: Run, tmp_path: Path) -> None:
    """0 accepted, 1 refused, 3 unknown; from an argument, from standard input, from a file."""
    minted = run("mint", "--client", "ci-bot")
    token = minted.stdout.strip()
    (tmp_path / "t.jwt").write_text(f"{token}\n")
    accepted, refused = run("inspect", token), run("inspect", "-", stdin=f"Bearer {token}")
    unknown = run("inspect", "@t.jwt", "--unverified", "--format", "json")

    assert (minted.exit_code, minted.stderr) == (0, "")
    assert (accepted.exit_code, refused.exit_code, unknown.exit_code) == (0, 1, 3)
    assert 'accepted  Client::"machines/ci-bot"\n' in accepted.stdout
    assert refused.stdout.splitlines()[-1] == (
        "change    nothing in the configuration: give the token alone: what follows `Bearer `, without blanks"
    )
    assert json.loads(unknown.stdout)["verified"] is False
    assert token not in accepted.output + refused.output + unknown.output


def test_a_terminal_is_told_how_to_paste(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, so that nothing stands before the result."""
    monkeypatch.setattr("policy_engine.cli.token.inspecting.at_a_terminal", lambda: True)

    result = run("inspect", stdin="x")

    assert result.stderr == "Paste the token, then press Enter and Ctrl-D.\n"
    assert result.stdout.startswith("issuer    none that is configured\n")


def test_minting_warns_of_a_token_that_will_not_be_accepted(run: Run) -> None:
    """On standard error: an id of another form, an unlisted client; the token is printed all the same."""
    alice = run("mint", "--user", "alice")
    good = run("mint", "--user", "auth0|65f0")
    stranger = run("mint", "--client", "ci-bott", "--issuer", "machines")

    assert (good.exit_code, good.stderr) == (0, "")
    assert (alice.exit_code, alice.stdout.count(".")) == (0, 2)
    assert alice.stderr.splitlines() == [
        "warning: this token won't be accepted: ambiguous_principal (undetermined): no rule holds",
        "warning: what would make it a person's token, and doesn't hold: sub matches \"<connection>|<id>\"",
    ]
    assert stranger.stderr.splitlines() == [
        "warning: this token won't be accepted: unregistered_client: the machine isn't listed with a "
        "machine's grant",
        "warning: to change that: policy-engine.yaml:11:5: issuers.machines.clients: list `ci-bott` there: "
        "write `ci-bott: {grants: [client_credentials]}`; or is `ci-bot` meant, which is listed?",
    ]


def test_minting_warns_of_a_token_of_the_other_kind(run: Run) -> None:
    """Claims that were added may turn one into the other."""
    made = ("mint", "--client", "web", "--issuer", "corp", "--claim", 'sub="auth0|65f0"')
    contradicted, turned = run(*made), run(*made, "--claim", 'gty="password"')

    assert contradicted.stderr == (
        "warning: this token won't be accepted: ambiguous_principal (conflict): "
        "`gty` doesn't go with a user\n"
    )
    assert turned.stderr == (
        "warning: with these claims, the token isn't a machine's token: it is one of "
        'User::"corp/auth0|65f0"\n'
    )


def test_an_issuer_without_people_is_said_to_be_one(run: Run) -> None:
    """Nobody is told to take another profile."""
    result = run("mint", "--user", "alice", "--issuer", "machines")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: issuer `machines` has no tokens for people, says its profile `policy-engine` "
        "(take another issuer: --issuer)\n"
    )


def test_a_claim_is_strict_json(run: Run) -> None:
    """What no issuer could write isn't signed."""
    for value in ("NaN", '{"a":1,"a":2}', "word"):
        result = run("mint", "--client", "ci-bot", "--claim", f"x={value}")

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: --claim isn't NAME=JSON")


def test_several_servers_need_a_choice(run: Run, tmp_path: Path) -> None:
    """A token is minted for one of them; one is inspected for any."""
    file = tmp_path / "policy-engine.yaml"
    file.write_text(
        PROJECT.replace("issuers:", "  jira: {resource: https://mcp.example.com/jira}\nissuers:", 1)
    )
    minted = run("mint", "--client", "ci-bot", "--server", "jira")
    inspected = run("inspect", "--format", "json", stdin=minted.stdout)

    assert json.loads(inspected.stdout)["opens"] == ["jira"]
    assert "several servers are configured" in run("mint", "--client", "ci-bot").stderr
    assert "no server is named `x`" in run("mint", "--client", "ci-bot", "--server", "x").stderr
