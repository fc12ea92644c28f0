"""`policy-engine issuers add`: an entry is written that loads, and nothing else is changed."""

import json
import os
import stat
import subprocess
import sys
from typing import Any

import pytest

from policy_engine.cli.issuers.naming import issuer_name
from policy_engine.config import load_config
from policy_engine.jose import SigningKey

OPERATOR = (
    "operator  Turn open client registration off, or list only ids that you gave out yourself. Have"
    " the issuer"
    " put `auth_time`, `acr` or `amr` into people's access tokens, and into no others."
)
NO_MACHINES = "machines  none is listed, so none is admitted: list them under `clients`"
KEYS_TOO = "  its keys can be named, too: --keys-file FILE, or --keys-uri URL"
AFTER = "  # partner: {issuer: https://partner.example.com, profile: okta}\n"
"""The last line of the section in the file that is added to."""
LINE = 14
"""Where the entry begins."""


def test_an_issuer_is_asked_and_written_down(project: Any, site: Any, key: SigningKey) -> None:
    """Its keys are where its metadata say, on its own host; every line of the file is still there."""
    before = project.text
    issuer = site.publish(key, path="/realms/b")

    result = project.run(
        "add", issuer, "--profile", "rfc9068", "--name", "b", "--client", "ci=client_credentials",
        "--client", "app=authorization_code,refresh_token",
    )  # fmt: skip

    entry = (
        "  b:\n"
        f"    issuer: {issuer}\n"
        "    profile: rfc9068\n"
        "    clients:\n"
        "      ci: {grants: [client_credentials]}\n"
        "      app: {grants: [authorization_code, refresh_token]}\n"
    )
    assert result.exit_code == 0
    assert result.stderr == ""
    assert project.text == before.replace(AFTER, AFTER + entry)
    assert result.stdout.splitlines() == [
        f"policy-engine.yaml:{LINE}",
        *(f"+ {line}" for line in entry.splitlines()),
        "keys      1 usable (k-1: ES256)",
        OPERATOR,
        "next: policy-engine issuers check b",
    ]
    assert project.names() == ["keys", "policies", "policy-engine.yaml"]
    assert site.hits == ["/.well-known/oauth-authorization-server/realms/b", "/keys/realms/b"]
    assert project.run("check", "b").exit_code == 0


def test_discovery_of_openid_connect_does_too(project: Any, site: Any, key: SigningKey) -> None:
    """RFC 8414 first, then OpenID Connect; the exact issuer keeps the slash at its end."""
    issuer = site.publish(key, path="/")
    site.pages["/.well-known/openid-configuration"] = site.pages.pop(
        "/.well-known/oauth-authorization-server/"
    )

    result = project.run("add", issuer, "--profile", "rfc9068")

    assert (result.exit_code, result.stderr) == (0, "")
    assert project.text.count(f"  issuer:\n    issuer: {issuer}\n    profile: rfc9068\n") == 1
    assert site.hits == [
        "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/keys/"
    ]  # fmt: skip


def test_keys_on_another_host_are_written_out(
    project: Any, site: Any, elsewhere: Any, key: SigningKey
) -> None:
    """Only what stands in the file is trusted away from the issuer's host, so the operator is told."""
    elsewhere.publish(key)
    issuer = site.publish(jwks_uri=f"{elsewhere.url}/keys")

    result = project.run("add", issuer, "--profile", "rfc9068", "--name", "b")

    entry = f"  b:\n    issuer: {issuer}\n    profile: rfc9068\n    keys: {{uri: {elsewhere.url}/keys}}\n"
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[5:] == [
        "keys      1 usable (k-1: ES256)",
        "beware    its metadata name another host for its keys; written out under `keys`, it is trusted",
        NO_MACHINES,
        OPERATOR,
        "next: policy-engine issuers check b",
    ]
    assert project.text.count(AFTER + entry) == 1


def test_keys_can_be_named(project: Any, site: Any, key: SigningKey) -> None:
    """By a file, written as seen from the configuration, or by an address; then no metadata are asked for."""
    site.publish(key)
    config = ("--config", "../policy-engine.yaml")
    (project.folder / "keys" / "b.json").write_text(json.dumps({"keys": [key.public_jwk()]}))
    os.chdir(project.folder / "policies")

    by_file = project.run(
        "add", "spiffe://prod.example.org", "-p", "spiffe", "--flag", "trust_domain=prod.example.org",
        "--keys-file", "../keys/b.json", *config,
    )  # fmt: skip
    by_uri = project.run(
        "add", "kubernetes/serviceaccount", "-p", "rfc9068", "--keys-uri", f"{site.url}/keys", *config
    )

    entries = (
        "  prod:\n"
        "    issuer: spiffe://prod.example.org\n"
        "    profile: spiffe\n"
        "    keys: {file: keys/b.json}\n"
        "    flags: {trust_domain: prod.example.org}\n"
        "  kubernetes:\n"
        "    issuer: kubernetes/serviceaccount\n"
        "    profile: rfc9068\n"
        f"    keys: {{uri: {site.url}/keys}}\n"
    )
    assert by_file.stdout.splitlines()[7] == (
        "machines  none is listed, so none is admitted: list them under `clients` or `client_prefixes`"
    )
    assert (by_file.exit_code, by_file.stderr, by_uri.exit_code, by_uri.stderr) == (0, "", 0, "")
    assert by_uri.stdout.splitlines()[-1] == (
        "next: policy-engine issuers check kubernetes --config ../policy-engine.yaml"
    )
    assert project.text.count(AFTER + entries) == 1
    assert site.hits == ["/keys"]


def test_flags_have_the_types_of_the_profile(project: Any) -> None:
    """A switch, a list of texts one by one; what YAML would read as a number is written as a text."""
    listed = project.run(
        "add", "https://a.example.com", "-p", "authentik", "--flag", "machine_subjects=17", "--flag",
        "machine_subjects=a=b", "--no-fetch",
    )  # fmt: skip
    project.run("add", "https://k.example.com", "-p", "keycloak", "--flag", "legacy", "--no-fetch")
    project.run("add", "https://l.example.com", "-p", "keycloak", "--flag", "legacy=false", "--no-fetch")

    assert "machines " not in listed.stdout  # two are listed
    issuers = load_config(project.file).config.issuers
    assert {name: dict(entry.flags) for name, entry in issuers.items()} == {
        "corp": {},
        "a": {"machine_subjects": ["17", "a=b"]},
        "k": {"legacy": True},
        "l": {"legacy": False},
    }


def test_a_profile_of_ones_own_is_written_as_seen_from_the_configuration(project: Any) -> None:
    """It is rehearsed, as whenever the configuration is loaded."""
    shown = project.run("list-profiles", "rfc9068", "--format", "json")
    assert shown.exit_code == 0
    source = (
        "title: Ours\n"
        "documentation: {relies_on: a, written_by: b, operator: Nothing., sources: [c]}\n"
        "typ: [JWT]\n"
        "required: [iss, aud, exp, sub]\n"
        "client_id: sub\n"
        'client: kind == "machine"\n'
        "examples: {client: {header: {typ: JWT}, claims: {iss: $issuer, sub: $id, aud: $audience, exp: $exp,"
        " KIND: machine}}}\n"
    )
    (project.folder / "ours.yaml").write_text(source.replace("KIND", "kind"))
    (project.folder / "bad.yaml").write_text(source.replace("KIND", "sort"))
    arguments = ("--keys-file", "keys/corp.json", "--no-fetch")

    good = project.run("add", "ours", "-p", "./ours.yaml", *arguments)
    bad = project.run("add", "bad", "-p", "bad.yaml", *arguments)

    assert (good.exit_code, good.stderr) == (0, "")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert bad.stderr.startswith("error: ")
    issuers = load_config(project.file).config.issuers
    assert {name: entry.profile for name, entry in issuers.items()} == {
        "corp": "rfc9068",
        "ours": "ours.yaml",
    }


def test_nothing_is_written_to_look_at_it_first(project: Any, site: Any, key: SigningKey) -> None:
    """`--dry-run` asks and checks, and leaves the file alone."""
    issuer = site.publish(key)
    before, written = project.text, project.file.stat()

    result = project.run("add", issuer, "-p", "rfc9068", "-n", "b", "--dry-run")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"policy-engine.yaml:{LINE}",
        "+   b:",
        f"+     issuer: {issuer}",
        "+     profile: rfc9068",
        "keys      1 usable (k-1: ES256)",
        NO_MACHINES,
        OPERATOR,
        "nothing was written (--dry-run)",
    ]
    assert (project.text, project.file.stat().st_mtime_ns) == (before, written.st_mtime_ns)
    assert project.names() == ["keys", "policies", "policy-engine.yaml"]


def test_what_is_shown_is_what_is_written(project: Any) -> None:
    """Neither brackets nor words between colons are read as anything but text."""
    result = project.run("add", "urn:key:[red]x", "-p", "rfc9068", "--keys-file", "keys/corp.json")

    assert result.stdout.splitlines()[:5] == [
        f"policy-engine.yaml:{LINE}",
        "+   urn-key-red-x:",
        '+     issuer: "urn:key:[red]x"',
        "+     profile: rfc9068",
        "+     keys: {file: keys/corp.json}",
    ]
    assert load_config(project.file).config.issuers["urn-key-red-x"].issuer == "urn:key:[red]x"


def test_the_first_issuer_of_a_file_can_be_added(project: Any) -> None:
    """A configuration without any doesn't load, and does with it."""
    project.write(
        "version: 1\nservers: {github: {resource: https://m.example.com}}\npolicies: policies/ # all\n"
    )
    project.file.chmod(0o640)

    result = project.run("add", "https://acme.eu.auth0.com/", "-p", "auth0", "--no-fetch")

    assert (result.exit_code, result.stderr) == (0, "")
    assert project.text == (
        "version: 1\nservers: {github: {resource: https://m.example.com}}\npolicies: policies/ # all\n"
        "issuers:\n  acme:\n    issuer: https://acme.eu.auth0.com/\n    profile: auth0\n"
    )
    assert stat.S_IMODE(project.file.stat().st_mode) == 0o640


DOUBTS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "no slash at the end": (
        ("https://acme.eu.auth0.com", "-p", "auth0"),
        ["beware    issuers of this profile have a slash at the end, and `iss` is compared exactly"],
    ),
    "a slash at the end": (
        ("https://sso.example.com/realms/corp/", "-p", "keycloak"),
        ["beware    issuers of this profile have no slash at the end, and `iss` is compared exactly"],
    ),
    "another form": (
        ("https://sso.example.com/corp", "-p", "keycloak"),
        ["beware    the issuer isn't of the profile's form, which is `https://<host>/realms/<realm>`"],
    ),
    "the form": (("https://sso.example.com/realms/corp", "-p", "keycloak"), []),
    "the form, on this machine": (("http://127.0.0.1:8080/realms/corp", "-p", "keycloak"), []),
    "no form": (("https://b.example.com", "-p", "rfc9068"), []),
    "every tenant": (
        ("https://login.microsoftonline.com/common/v2.0", "-p", "entra"),
        ["beware    `/common/` stands for every tenant, and tokens name their own: write the tenant's id"],
    ),
    "every organisation": (
        ("https://login.microsoftonline.com/Organizations/v2.0", "-p", "entra"),
        [
            "beware    `/organizations/` stands for every tenant, and tokens name their own: write the"
            " tenant's id"
        ],
    ),
    "one tenant": (("https://login.microsoftonline.com/8d1b-4e2f/v2.0", "-p", "entra"), []),
    "a machine of another spelling": (
        (
            *("https://token.actions.githubusercontent.com", "-p", "github-actions"),
            *("--client", "acme/app=workload", "--client", "17=workload"),
            *("--client", "repository_id:17=workload"),
        ),
        [
            "beware    ids of this profile's machines begin with `repository_id:`, so none is `acme/app` or"
            " `17`"
        ],
    ),
}


@pytest.mark.parametrize(("arguments", "said"), DOUBTS.values(), ids=DOUBTS)
def test_what_loads_and_matches_no_token_is_told(
    project: Any, arguments: tuple[str, ...], said: list[str]
) -> None:
    """The entry is written all the same: forms are a hint."""
    result = project.run("add", *arguments, "--no-fetch")

    assert (result.exit_code, result.stderr) == (0, "")
    assert [line for line in result.stdout.splitlines() if line.startswith("beware")] == said


HTTPS = "https://b.example.com"
RFC = ("-p", "rfc9068")
REPLACED = "(write the value; `${NAME}` is replaced when the configuration is read)"
PRINTED = "(leave it out: what follows it would be printed and written down)"
TWICE = "register two clients, one for each"
USAGE: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "no profile, and its form is known": (
        ("https://acme.eu.auth0.com/", "-n", "b", "--client", "a b=password"),
        [
            "error: say which product signs its tokens: --profile; its URL looks like auth0 (Auth0)",
            "  policy-engine issuers add https://acme.eu.auth0.com/ --profile auth0 --name b"
            " --client 'a b=password'",
        ],
    ),
    "no profile, and realms": (
        ("https://sso.example.com/realms/corp",),
        [
            "error: say which product signs its tokens: --profile; its URL looks like keycloak (Keycloak)",
            "  policy-engine issuers add https://sso.example.com/realms/corp --profile keycloak",
        ],
    ),
    "no profile, and its form isn't known": (
        (HTTPS,),
        [
            "error: say which product signs its tokens: --profile; its URL looks like none of those that are"
            " known",
            "  policy-engine issuers list-profiles",
            f"  policy-engine issuers add {HTTPS} --profile NAME",
        ],
    ),
    "a flag that the profile can't do without": (
        ("spiffe://b.org", "-p", "spiffe", "--keys-file", "keys/corp.json"),
        [
            "error: profile `spiffe` can't do without the flag trust_domain: The trust domain, in"
            " small letters,"
            " without `spiffe://`.",
            "  policy-engine issuers add spiffe://b.org --profile spiffe --flag trust_domain=TRUST_DOMAIN"
            " --keys-file keys/corp.json",
        ],
    ),
    "an unknown flag": (
        (HTTPS, *RFC, "--flag", "x=1"),
        ["error: profile `rfc9068` has no flag `x` (its flags: it has none)"],
    ),
    "a switch that is a text": (
        (HTTPS, "-p", "keycloak", "--flag", "legacy=yes"),
        ["error: flag `legacy` is of type boolean (write --flag legacy=true)"],
    ),
    "a text that is empty": (
        (HTTPS, "-p", "spiffe", "--flag", "trust_domain"),
        ["error: flag `trust_domain` is of type text (write --flag trust_domain=TEXT)"],
    ),
    "a flag twice": (
        (HTTPS, "-p", "keycloak", "--flag", "legacy", "--flag", "legacy"),
        ["error: --flag legacy is given twice (give it once)"],
    ),
    "a value that the profile doesn't take": (
        ("spiffe://b.org", "-p", "spiffe", "--flag", "trust_domain=B.org", "--keys-file", "keys/corp.json"),
        [
            "error: policy-engine.yaml: a trust domain has small letters, digits, dots, dashes and"
            " underscores"
            " alone (write what stands between `spiffe://` and the next slash)"
        ],
    ),
    "a client without a grant": (
        (HTTPS, *RFC, "--client", "ci"),
        ["error: --client isn't ID=GRANT (for example: --client ci-bot=client_credentials)"],
    ),
    "a client that is a machine and of people": (
        (HTTPS, *RFC, "--client", "ci=client_credentials,password"),
        [
            "error: client `ci` of issuer `b` has `client_credentials` and `password`: its tokens"
            " for itself can't"
            f" be told from those for people ({TWICE})"
        ],
    ),
    "a name that is taken": (
        (HTTPS, *RFC, "-n", "corp"),
        ["error: policy-engine.yaml:9:3: an issuer is called `corp` already (choose another --name)"],
    ),
    "an issuer that is there": (
        ("https://login.example.com", *RFC),
        [
            "error: policy-engine.yaml:10:5: this issuer is there already, as `corp` (change that"
            " entry; to see"
            " how it does: policy-engine issuers check corp)"
        ],
    ),
    "a name that is none": (
        (HTTPS, *RFC, "-n", "B"),
        [
            "error: --name isn't a name (use lower-case letters, digits, `_` and `-`, a letter"
            " first, 63 at most)"
        ],
    ),
    "an issuer that is none": (
        ("https://b.example.com/\x1b[2J", *RFC),
        ["error: the issuer isn't one word (give it as its tokens have it for `iss`)"],
    ),
    "an issuer with a variable": (
        ("https://${HOST}/", *RFC),
        [f"error: the issuer holds `${{` {REPLACED}"],
    ),
    "a client with a variable": (
        (HTTPS, *RFC, "--client", "${HOME}=client_credentials"),
        [f"error: --client holds `${{` {REPLACED}"],
    ),
    "a flag with a variable": (
        (HTTPS, "-p", "keycloak", "--flag", "legacy=${HOME}"),
        [f"error: --flag holds `${{` {REPLACED}"],
    ),
    "a profile with a variable": (
        (HTTPS, "-p", "${HOME}.yaml"),
        [f"error: --profile holds `${{` {REPLACED}"],
    ),
    "a file with a variable": (
        (HTTPS, *RFC, "--keys-file", "${HOME}/k.json"),
        [f"error: --keys-file holds `${{` {REPLACED}"],
    ),
    "an address with a variable": (
        (HTTPS, *RFC, "--keys-uri", "https://b.example.com/${HOME}"),
        [f"error: --keys-uri holds `${{` {REPLACED}"],
    ),
    "an issuer with a password": (
        ("https://u:hunter2@b.example.com", *RFC),
        [f"error: the issuer has a user in it {PRINTED}"],
    ),
    "an address with a password": (
        (HTTPS, *RFC, "--keys-uri", "https://u:hunter2@b.example.com"),
        [f"error: --keys-uri has a user in it {PRINTED}"],
    ),
    "a client that a terminal would obey": (
        (HTTPS, *RFC, "--client", "\x1b[2J=client_credentials"),
        ["error: --client holds characters that can't be printed (leave them out)"],
    ),
    "a profile that a terminal would obey": (
        (HTTPS, "-p", "\x1b[2J.yaml"),
        ["error: --profile holds characters that can't be printed (leave them out)"],
    ),
    "http on another machine": (
        ("http://b.example.com", *RFC),
        [
            "error: the issuer isn't https, so nobody can tell who answers there (give --keys-file;"
            " `development: true` allows http on this machine)"
        ],
    ),
    "no URL, and no keys": (
        ("kubernetes/serviceaccount", *RFC),
        ["error: the issuer isn't a URL that could be asked for its keys (give --keys-file or --keys-uri)"],
    ),
    "two places of keys": (
        (HTTPS, *RFC, "--keys-file", "keys/corp.json", "--keys-uri", HTTPS),
        ["error: --keys-file and --keys-uri are two places (give one of them)"],
    ),
    "keys at an address that isn't https": (
        (HTTPS, *RFC, "--keys-uri", "http://b.example.com/keys"),
        [
            "error: policy-engine.yaml: `keys.uri` is neither https nor http on loopback (give the"
            " https URI of a"
            " JWK Set)"
        ],
    ),
    "keys that aren't there": (
        (HTTPS, *RFC, "--keys-file", "keys/gone.json"),
        ["error: FOLDER/keys/gone.json: can't read the file: No such file or directory"],
    ),
    "keys that are secret": (
        (HTTPS, *RFC, "--keys-file", "private.json"),
        [
            "error: policy-engine.yaml: no usable key: key 0 of the set shows its private half: it"
            " is disclosed,"
            " and not needed here (give a JWK Set of public keys)"
        ],
    ),
    "an unknown configuration": (
        (HTTPS, *RFC, "-c", "gone.yaml"),
        [
            "error: gone.yaml: there is no such configuration file (name it with --config, or write one:"
            " policy-engine init)"
        ],
    ),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE)
def test_what_is_missing_or_wrong_is_said(project: Any, arguments: tuple[str, ...], said: list[str]) -> None:
    """Exit status 2, nobody is asked, and nothing is written."""
    secret = {"keys": [SigningKey.generate("ES256").to_jwk()]}
    (project.folder / "private.json").write_text(json.dumps(secret))

    status, lines = project.refused("add", *arguments)

    assert [line.replace(str(project.folder), "FOLDER") for line in lines] == said
    assert status == 2


BROKEN = {
    "not YAML": (
        "version: 1\nissuers: [\n",
        ["error: policy-engine.yaml:3:1: not YAML: expected the node content, but found '<stream end>'"],
    ),
    "an unknown key": (
        "versoin: 1\nissuers: {}\n",
        [
            "error: policy-engine.yaml: the configuration doesn't load as it is, so nothing is added"
            " to it (mend"
            " this first)",
            "error: policy-engine.yaml:1:1: `version` is missing (add it)",
            "error: policy-engine.yaml:1:1: `servers` is missing (add it)",
            "error: policy-engine.yaml:1:1: `policies` is missing (add it)",
            "error: policy-engine.yaml:1:1: unknown key `versoin` (did you mean `version`?)",
        ],
    ),
    "policies that aren't there": (
        "version: 1\nservers: {g: {resource: https://m.example.com}}\npolicies: bad.cedar\n",
        [
            "error: FOLDER/bad.cedar: no such file or folder (name a folder with *.cedar files; to"
            " deny everything,"
            " an empty one such as `none.cedar`)"
        ],
    ),
    "a policy that doesn't parse": (
        "version: 1\nservers: {g: {resource: https://m.example.com}}\nissuers: {c: {issuer: c,"
        " profile: rfc9068,"
        " keys: {file: keys/corp.json}}}\npolicies: bad.cedar\n",
        [
            "error: policy-engine.yaml: the configuration doesn't load as it is, so nothing is added"
            " to it (mend"
            " this first)",
            "error: FOLDER/bad.cedar:1:1: expected `permit` or `forbid`, found `oops` (a policy begins with"
            " `permit` or `forbid`)",
        ],
    ),
    "an alias": (
        "version: 1\nservers: &s {g: {resource: https://m.example.com}}\nissuers: *s\npolicies: policies/\n",
        [
            "error: `issuers` is written in a way that can't be added to (write it yourself: b: {issuer:"
            " https://b.example.com, profile: rfc9068})"
        ],
    ),
    "not for development": (
        "version: 1\nservers: {g: {resource: https://m.example.com}}\nissuers: {}\npolicies: policies/\n",
        [
            "error: the issuer isn't https, so nobody can tell who answers there (give --keys-file;"
            " `development: true` allows http on this machine)"
        ],
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_configuration_that_cant_be_added_to_stays_as_it_is(
    project: Any, request: pytest.FixtureRequest, text: str, said: list[str]
) -> None:
    """Whatever is wrong with it already is said, and nothing is written."""
    project.write(text)
    if "parse" in request.node.name:
        (project.folder / "bad.cedar").write_text("oops")
    loopback = "not for development" in request.node.name
    issuer = ("http://127.0.0.1:9",) if loopback else (HTTPS, "--no-fetch")

    status, lines = project.refused("add", *issuer, *RFC)

    assert [line.replace(str(project.folder), "FOLDER") for line in lines] == said
    assert status == 2


NAMES = {
    "https://acme.eu.auth0.com/": "acme",
    "https://login.example.com/realms/corp": "example",
    "https://login.microsoftonline.com/0000/v2.0": "microsoftonline",
    "https://token.actions.githubusercontent.com": "actions",
    "https://cognito-idp.eu-central-1.amazonaws.com/eu_X": "cognito-idp",
    "http://localhost:8080/realms/x": "localhost",
    "http://127.0.0.1:8080": "issuer",
    "http://[::1]:8080": "issuer",
    "spiffe://prod.example.org": "prod",
    "kubernetes/serviceaccount": "kubernetes",
    "https://9lives.example.com": "lives",
    "https://ÄÖ.example.com": "example",
    "https://com": "issuer",
    f"https://{'x' * 80}.example.com": "x" * 63,
    "": "issuer",
}


@pytest.mark.parametrize(("issuer", "name"), NAMES.items())
def test_a_name_is_guessed_from_the_host(issuer: str, name: str) -> None:
    """The first label that says whose it is; with a number behind it where the name is taken."""
    assert issuer_name(issuer, ()) == name
    assert issuer_name(issuer, {name}) == f"{name[:61]}-2"
    assert issuer_name(issuer, {name, f"{name[:61]}-2"}) == f"{name[:61]}-3"


def test_the_command_speaks_plainly_to_programs(project: Any) -> None:
    """As a process, whose output is no terminal: text without colours, and the exit status."""
    arguments = [sys.executable, "-m", "policy_engine", "issuers", "add", HTTPS, *RFC, "--no-fetch"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)

    first, second = (
        subprocess.run(
            arguments,
            cwd=project.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for _ in range(2)
    )

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        f"policy-engine.yaml:{LINE}",
        "+   b:",
        f"+     issuer: {HTTPS}",
        "+     profile: rfc9068",
        "keys      not asked for yet",
        NO_MACHINES,
        OPERATOR,
        "next: policy-engine issuers check b",
    ]
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == (
        "error: policy-engine.yaml:15:5: this issuer is there already, as `b` (change that entry; to"
        " see how it"
        " does: policy-engine issuers check b)\n"
    )
