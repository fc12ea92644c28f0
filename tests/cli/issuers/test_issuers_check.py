"""`policy-engine issuers check`: everything that the engine needs of each issuer is there, or what isn't."""

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from policy_engine.cli.issuers import checking
from policy_engine.jose import SigningKey

CORP = """\
corp: ok
  ok      profile        rfc9068 (Any issuer that keeps to RFC 9068), machines and people
  ok      issuer         `https://login.example.com`; issuers of this profile have no common form
  ok      flags          it has none
  ok      clients        none is listed; no machine is admitted unlisted
  ok      audience       in `aud`: github: https://mcp.example.com/github
  ok      keys           1 usable (k-1: ES256)
"""
HEAD = """\
version: 1
development: true
servers:
  github: {resource: https://mcp.example.com/github}
  jira: {resource: https://mcp.example.com/jira, audiences: {a: {user: [api://p, api://q], client: api://m}}}
policies: policies/
issuers:
"""


def lines_of(text: str, *checks: str) -> list[str]:
    """The lines of some checks, with single spaces."""
    found = [re.sub(r" +", " ", line).strip() for line in text.splitlines()]
    return [line for line in found if line.split(" ")[1].rstrip(":") in checks]


def configure(project: Any, *issuers: str) -> None:
    """Write a configuration with these issuers: `name: {…}`."""
    project.write(HEAD + "".join(f"  {issuer}\n" for issuer in issuers))


def test_an_issuer_whose_keys_are_at_hand_is_looked_at(project: Any) -> None:
    """A line each, in one order."""
    result = project.run("check")

    assert (result.exit_code, result.stderr, result.stdout) == (0, "", CORP)


def test_an_issuer_is_asked_as_the_engine_asks(project: Any, site: Any, key: SigningKey) -> None:
    """Its metadata and its keys; what is listed there is counted, what tokens must carry is told."""
    issuer = site.publish(key, SigningKey.generate("RS256", kid="k-2"), path="/realms/a")
    configure(
        project,
        f"a: {{issuer: {issuer}, profile: keycloak, flags: {{legacy: true}}, clients: {{m: {{grants:"
        " [client_credentials]}, n: {grants: [client_credentials]}, p: {grants: [password],"
        " acts_for_users: true}}}",
    )

    result = project.run("check", "a")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "a: ok",
        "  ok      profile        keycloak (Keycloak), machines and people",
        f"  ok      issuer         `{issuer}` is of the profile's form",
        "  ok      flags          set: legacy; not set: cc_refresh_disabled",
        "  ok      clients        2 machines, 1 application of people, 1 that acts for people",
        "  ok      audience       in `aud`: github: https://mcp.example.com/github; jira: people"
        " api://p or api://q,"
        " machines api://m",
        "  ok      metadata       they name exactly this issuer",
        "  ok      keys           2 usable (k-1: ES256; k-2: RS256)",
    ]
    assert site.hits == ["/.well-known/oauth-authorization-server/realms/a", "/keys/realms/a"]


def test_programs_read_the_same(project: Any, site: Any) -> None:
    """`--format json`: every check with its outcome, the worst of them, and whether all is well."""
    configure(project, f"a: {{issuer: {site.url}, profile: auth0, keys: {{file: keys/gone.json}}}}")

    result = project.run("check", "--format", "json")

    record = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (1, "")
    assert record["ok"] is False
    (only,) = record["issuers"]
    checks = only.pop("checks")
    assert only == {"name": "a", "issuer": site.url, "profile": "auth0", "outcome": "FAILED"}
    assert [(check["check"], check["outcome"]) for check in checks] == [
        ("profile", "ok"),
        ("issuer", "warning"),
        ("flags", "ok"),
        ("clients", "ok"),
        ("audience", "ok"),
        ("keys", "FAILED"),
    ]
    assert checks[1] == {
        "check": "issuer",
        "outcome": "warning",
        "text": f"`{site.url}` isn't of the profile's form, which is `https://<tenant>.auth0.com/`",
        "remedy": "see whether the profile is the right one, and the issuer what tokens have for `iss`",
    }
    assert checks[5] == {
        "check": "keys",
        "outcome": "FAILED",
        "text": f"{project.folder}/keys/gone.json: can't read the file: No such file or directory",
        "remedy": "",
    }


def test_an_issuer_of_the_profiles_form_is_told_so(project: Any) -> None:
    """The form is a hint: it never decides."""
    configure(project, "a: {issuer: https://acme.auth0.com/, profile: auth0, keys: {file: keys/corp.json}}")

    result = project.run("check")

    assert lines_of(result.stdout, "issuer") == [
        "ok issuer `https://acme.auth0.com/` is of the profile's form"
    ]
    assert result.exit_code == 0


def test_a_warning_fails_nothing(project: Any) -> None:
    """An issuer of an unusual form may be meant: exit status 0."""
    configure(
        project, "a: {issuer: https://login.example.com/, profile: auth0, keys: {file: keys/corp.json}}"
    )

    result = project.run("check")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "a: warning"


FAULTS = {
    "a profile that can't be read": (
        "a: {issuer: https://a, profile: gone.yaml, keys: {file: keys/corp.json}}",
        ["FAILED profile FOLDER/gone.yaml: can't read the file: No such file or directory"],
    ),
    "a flag that isn't set": (
        "a: {issuer: 'spiffe://a', profile: spiffe, keys: {file: keys/corp.json}}",
        [
            "FAILED flags policy-engine.yaml:8:3: issuer `a` doesn't set `trust_domain`, which"
            " profile `spiffe`"
            " needs (set it: The trust domain, in small letters, without `spiffe://`.)"
        ],
    ),
    "a flag that there isn't": (
        "a: {issuer: https://a, profile: keycloak, flags: {x: true}, keys: {file: keys/corp.json}}",
        [
            "FAILED flags policy-engine.yaml:8:45: issuer `a` sets `x`, which profile `keycloak`"
            " doesn't have (its"
            " flags: cc_refresh_disabled, legacy)"
        ],
    ),
    "a client that is both": (
        "a: {issuer: https://a, profile: rfc9068, keys: {file: keys/corp.json}, clients: {m: {grants:"
        " [client_credentials, password]}}}",
        [
            "FAILED clients policy-engine.yaml:8:84: client `m` of issuer `a` has `client_credentials` and"
            " `password`: its tokens for itself can't be told from those for people (register two"
            " clients, one for"
            " each)"
        ],
    ),
    "a file without keys": (
        "a: {issuer: https://a, profile: rfc9068, keys: {jwks: {keys: []}}}",
        [
            "FAILED keys policy-engine.yaml:8:44: no usable key: no key of the set can verify a"
            " token (give a JWK"
            " Set of public keys)"
        ],
    ),
    "keys of another kind": (
        "a: {issuer: https://a, profile: rfc9068, algorithms: RS256, keys: {file: keys/corp.json}}",
        [
            "FAILED keys no key of the 1 in its set goes with the algorithms RS256: they are for"
            " ES256 (see whether"
            " the profile is the right one)"
        ],
    ),
}


@pytest.mark.parametrize(("issuer", "said"), FAULTS.values(), ids=FAULTS)
def test_what_cant_be_used_is_told_with_its_place(project: Any, issuer: str, said: list[str]) -> None:
    """Exit status 1; other issuers are looked at all the same."""
    configure(project, issuer, "b: {issuer: https://b, profile: rfc9068, keys: {file: keys/corp.json}}")
    project.write(project.text.replace("audiences: {a:", "audiences: {b:"))

    result = project.run("check")

    text = result.stdout.replace(str(project.folder), "FOLDER")
    failed = [re.sub(r" +", " ", line).strip() for line in text.splitlines() if "  FAILED" in line]
    assert failed == said
    assert [line for line in text.splitlines() if not line.startswith(" ")] == ["a: FAILED", "b: ok"]
    assert (result.exit_code, result.stderr) == (1, "")


def test_a_profile_of_ones_own_is_rehearsed(project: Any) -> None:
    """One whose examples don't map is none."""
    (project.folder / "ours.yaml").write_text(
        "title: Ours\n"
        "documentation: {relies_on: a, written_by: b, operator: Nothing., sources: [c]}\n"
        'typ: [JWT]\nrequired: [iss, aud, exp, sub]\nclient_id: sub\nclient: kind == "machine"\n'
        "examples: {client: {header: {typ: JWT}, claims: {iss: $issuer, sub: $id, aud: $audience,"
        " exp: $exp}}}\n"
    )
    configure(project, "a: {issuer: https://a, profile: ours.yaml, keys: {file: keys/corp.json}}")

    result = project.run("check")

    (line,) = lines_of(result.stdout, "profile")
    assert line.startswith(f"FAILED profile {project.folder}/ours.yaml:")
    assert result.exit_code == 1


def test_metadata_of_another_issuer_are_told(project: Any, site: Any, key: SigningKey) -> None:
    """Without metadata nobody knows where its keys are, so they aren't asked for."""
    issuer = site.publish(key, issuer="https://x/\x1b[2J")
    configure(project, f"a: {{issuer: {issuer}, profile: rfc9068}}")

    result = project.run("check")

    assert lines_of(result.stdout, "metadata", "keys") == [
        "FAILED metadata its metadata are of another issuer: `(not printable ASCII)` (write what its"
        " tokens have"
        " for `iss`, to the last character)",
        "skipped keys without its metadata, nobody knows where they are",
    ]
    assert result.exit_code == 1


def test_keys_that_moved_are_told(project: Any, site: Any, key: SigningKey) -> None:
    """`keys.uri` is what counts; what the metadata say is a hint, and they may be missing."""
    issuer = site.publish(key)
    host = site.url.removeprefix("http://")
    site.put("/old", {"keys": [key.public_jwk()]})
    configure(
        project,
        f"a: {{issuer: {issuer}, profile: rfc9068, keys: {{uri: {site.url}/old}}}}",
        f"b: {{issuer: {site.url}/none, profile: rfc9068, keys: {{uri: {site.url}/old}}}}",
        f"c: {{issuer: 'urn:c', profile: rfc9068, keys: {{uri: {site.url}/gone}}}}",
    )

    result = project.run("check")

    assert lines_of(result.stdout, "warning", "FAILED", "ok", "metadata", "keys") == [
        "a: warning",
        "ok metadata they name exactly this issuer",
        "ok keys 1 usable (k-1: ES256)",
        f"warning keys its metadata say that they are at `{issuer}/keys`, and `keys.uri` is another"
        " address (see"
        " whether they have moved)",
        "b: ok",
        f"skipped metadata `{host}` answered with status 404; they aren't needed, since `keys.uri`"
        " says where its"
        " keys are",
        "ok keys 1 usable (k-1: ES256)",
        "c: FAILED",
        f"FAILED keys `{host}` answered with status 404 (no redirect is followed; see what is at"
        " its address)",
    ]
    assert result.exit_code == 1


def test_keys_on_another_host_are_only_taken_from_the_file(
    project: Any, site: Any, elsewhere: Any, key: SigningKey
) -> None:
    """As the engine does: whoever could change the metadata could otherwise choose the keys."""
    elsewhere.publish(key)
    issuer = site.publish(jwks_uri=f"{elsewhere.url}/keys")
    configure(project, f"a: {{issuer: {issuer}, profile: rfc9068}}")

    result = project.run("check")

    assert lines_of(result.stdout, "metadata", "keys") == [
        "ok metadata they name exactly this issuer",
        "FAILED keys the metadata's `jwks_uri` isn't on the issuer's host (where its keys are meant to be"
        " elsewhere, write `keys: {uri: …}`)",
    ]
    assert elsewhere.hits == []
    assert result.exit_code == 1


ASKED = "introspection: {client_id: us, client_secret: '${OUR_SECRET}'}"


def test_somebody_must_be_there_to_ask_about_opaque_tokens(
    project: Any, site: Any, elsewhere: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint is asked without a token and without our secret, so it may well refuse."""
    monkeypatch.setenv("OUR_SECRET", "s-e-c-r-e-t")
    site.publish(key, path="/a", introspection_endpoint=f"{site.url}/ask?k=s-e-c-r-e-t")
    site.publish(key, path="/b", introspection_endpoint=f"{elsewhere.url}/ask")
    site.publish(key, path="/c", introspection_endpoint=f"{site.url}/gone")
    site.publish(key, path="/d", introspection_endpoint=f"{site.url}/ill")
    site.put("/ask?k=s-e-c-r-e-t", {}, status=401)
    site.put("/ill", {}, status=500)
    written = [f"{name}: {{issuer: {site.url}/{name}, profile: rfc9068, {ASKED}}}" for name in "abcd"]
    uri = ASKED.replace("{client_id", "{uri: 'http://127.0.0.1:9/ask', client_id")
    no_secret = "introspection: {client_id: us, client_secret_file: keys/gone}"
    configure(
        project,
        *written,
        f"e: {{issuer: {site.url}/a/, profile: rfc9068, keys: {{file: keys/corp.json}}, {uri}}}",
        f"f: {{issuer: {site.url}/f, profile: rfc9068, keys: {{file: keys/corp.json}}, {no_secret}}}",
        f"g: {{issuer: {site.url}/g, profile: rfc9068, keys: {{file: keys/corp.json}}, {ASKED}}}",
    )

    result = project.run("check")
    offline = project.run("check", "a", "--offline")

    column = project.text.splitlines()[12].index("introspection") + 1
    refused = "(status 401; neither token nor credentials were sent)"
    elsewhere_said = "(where it is meant to be asked elsewhere, write `introspection.uri`)"
    assert lines_of(result.stdout, "introspection") == [
        f"ok introspection `{site.url}/ask` answers {refused}",
        f"FAILED introspection its metadata name no introspection endpoint on its own host {elsewhere_said}",
        f"FAILED introspection nothing is at `{site.url}/gone`: it answers with status 404",
        f"warning introspection `{site.url}/ill` answers {refused.replace('401', '500')}",
        "FAILED introspection `http://127.0.0.1:9/ask` doesn't answer: connection: nobody listens there",
        f"FAILED introspection policy-engine.yaml:13:{column}: can't read the file that `client_secret_file`"
        " names: No such file or directory (write a path there)",
        "skipped introspection without its metadata, nobody knows where it would be asked",
    ]
    assert lines_of(offline.stdout, "introspection") == [
        "skipped introspection our credentials are there; nobody is asked (--offline)"
    ]
    assert "s-e-c-r-e-t" not in result.output + offline.output
    assert elsewhere.hits == []


def test_nobody_is_asked_offline(project: Any, site: Any, key: SigningKey) -> None:
    """Files are read all the same."""
    issuer = site.publish(key)
    configure(
        project,
        f"a: {{issuer: {issuer}, profile: rfc9068}}",
        "b: {issuer: https://b, profile: rfc9068, keys: {file: keys/corp.json}}",
    )

    result = project.run("check", "--offline")

    assert lines_of(result.stdout, "metadata", "keys") == [
        "skipped keys not asked for (--offline)",
        "ok keys 1 usable (k-1: ES256)",
    ]
    assert (result.exit_code, site.hits) == (0, [])


def test_issuers_are_asked_at_once(project: Any, site: Any, key: SigningKey) -> None:
    """Each answers only when all have been asked."""
    all_asked = threading.Barrier(3, timeout=4)
    written = []
    for name in ("a", "b", "c"):
        issuer = site.publish(key, path=f"/{name}")
        path = f"/.well-known/oauth-authorization-server/{name}"
        body = site.pages[path].body

        def late(handler: BaseHTTPRequestHandler, body: bytes = body) -> None:
            all_asked.wait()
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(body)

        site.put(path, body, write=late)
        written.append(f"{name}: {{issuer: {issuer}, profile: rfc9068}}")
    configure(project, *written)

    result = project.run("check")

    assert lines_of(result.stdout, "metadata") == ["ok metadata they name exactly this issuer"] * 3
    assert result.exit_code == 0


def test_one_that_never_answers_holds_up_nobody(
    project: Any, site: Any, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even what has no deadline of its own, such as looking up a name, is waited for only so long."""
    over = threading.Event()

    def wait(_handler: BaseHTTPRequestHandler) -> None:
        over.wait(5)

    slow, quick = site.publish(key, path="/slow"), site.publish(key, path="/quick")
    site.put("/.well-known/oauth-authorization-server/slow", b"", write=wait)
    configure(
        project, f"a: {{issuer: {slow}, profile: rfc9068}}", f"b: {{issuer: {quick}, profile: rfc9068}}"
    )
    monkeypatch.setattr(checking, "TOTAL_SECONDS", 1.0)
    monkeypatch.setattr(checking, "_GRACE", 0.0)

    result = project.run("check")
    over.set()

    assert lines_of(result.stdout, "FAILED", "ok", "metadata", "keys") == [
        "a: FAILED",
        "FAILED keys no answer in 1 seconds (see that it can be reached from here)",
        "b: ok",
        "ok metadata they name exactly this issuer",
        "ok keys 1 usable (k-1: ES256)",
    ]
    assert result.exit_code == 1


USAGE = {
    "an unknown issuer": (("gone",), "error: no issuer is named `gone` (configured: corp)"),
    "an issuer that a terminal would obey": (
        ("\x1b[2J\x9b\n",),
        "error: no issuer is named `\\u001b[2J\\u009b\\u000a` (configured: corp)",
    ),
    "an unknown configuration": (
        ("-c", "gone.yaml"),
        "error: gone.yaml: there is no such configuration file (name it, or write one:"
        " docs/reference/configuration.md)",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE)
def test_what_isnt_there_cant_be_checked(project: Any, arguments: tuple[str, ...], said: str) -> None:
    """Exit status 2, as for every configuration that can't be used."""
    assert project.refused("check", *arguments) == (2, [said])


@pytest.mark.parametrize("written", ["issuers:\n", "issuers: {}\n", "issuers: ~\n"])
def test_a_file_without_issuers_is_told_how_to_get_one(project: Any, written: str) -> None:
    """They are what is missing, not a valid dictionary."""
    project.write(HEAD.replace("issuers:\n", written))

    assert project.refused("check") == (
        2,
        [
            "error: policy-engine.yaml:7:1: `issuers`: no issuers yet; add one:"
            " policy-engine issuers add URL --profile NAME"
        ],
    )


def test_a_slip_at_the_end_of_an_issuer_is_told(project: Any) -> None:
    """A slash too many is seen, since forms are known."""
    configure(
        project,
        "a: {issuer: 'https://login.example.com/realms/a/', profile: keycloak, keys: {file: keys/corp.json}}",
    )

    assert lines_of(project.run("check").stdout, "issuer") == [
        "warning issuer `https://login.example.com/realms/a/`: issuers of this profile have no slash at the"
        " end, and `iss` is compared exactly (write it as its tokens have it for `iss`)"
    ]


def test_a_development_key_is_as_good_as_a_file(project: Any, key: SigningKey) -> None:
    """Such an issuer is asked for nothing."""
    (project.folder / "keys" / "private.json").write_text(json.dumps(key.to_jwk()))
    configure(project, "a: {issuer: https://a, profile: rfc9068, development_key: keys/private.json}")

    result = project.run("check")

    assert lines_of(result.stdout, "metadata", "keys") == ["ok keys 1 usable (k-1: ES256)"]
    assert result.exit_code == 0


def test_a_process_says_no_more_than_that(project: Any) -> None:
    """Whose output is no terminal: no colours, no progress, and the exit status."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)

    result = subprocess.run(
        [sys.executable, "-m", "policy_engine", "issuers", "check"],
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (result.returncode, result.stderr, result.stdout) == (0, "", CORP)
