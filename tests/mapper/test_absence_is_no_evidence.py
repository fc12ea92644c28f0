"""No profile that takes the absence of a machine's mark for a person is ever loaded."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper import IssuerMapping, KnownClient, Mapper, load_profile
from policy_engine.model import VerifiedToken
from tests.plugins.samples import samples


def refusal(path: Path) -> ConfigError:
    """The error that a profile is refused with."""
    with pytest.raises(ConfigError) as refused:
        load_profile(path)
    return refused.value


ABSENCE: list[dict[str, str]] = [
    {"user": "absent gty"},
    {"user": "sub != client_id"},
    {"user": "not sub == client_id"},
    {"user": "present sub"},
    {"user": "sub == client_id"},
    {"user": "user_id != client_id"},
    {"user": "not registered(client_id)"},
    {"user": 'absent gty or gty == "password"'},
    {"user": 'gty != "client_credentials"', "required": "[iss, sub, gty]"},
    {"user": 'not aud contains "x"'},
    {"user": "exact == true", "required": "[sub, exact]", "types": "{exact: bool}"},
    {
        "user": "present box and nonempty many",
        "required": "[box, many]",
        "types": "{box: object, many: list}",
    },
    {"user": "flag(a) and not flag(b)", "flags": "{a: {description: x}, b: {description: y}}"},
    {"user": "sub != flag(t)", "flags": "{t: {type: text, description: x}}"},
    {"user": "not sub in flag(t)", "flags": "{t: {type: texts, description: x}}"},
    {"user": '"@other"', "define": "{other: absent act}"},
    {"user": "absent header.gty"},
    {
        "user": 'ver == "2"',
        "client_id": '{by: ver, cases: {"1": appid, "2": azp}}',
    },
    {
        "user": 'header.typ == "jwt" and azp == client_id',
        "typ": "[JWT, at+jwt]",
        "client_id": "{by: header.typ, cases: {JWT: azp, at+jwt: client_id}}",
    },
    {"user": "absent azp", "client_id": "{claim: header.cid, optional: true}"},
    {"user": "act.sub == client_id", "client_id": "act.sub"},
    {"user": "present act", "client_id": "act.sub"},
    # What every token of the issuer has: who signed it, for whom, when, and how.
    {"user": 'iss == "https://corp.example"', "required": "[sub]"},
    {"user": 'iss matches "https://<host>" and absent gty'},
    {"user": 'iss under "corp.example"'},
    {"user": 'iss in ["https://corp.example", "https://corp.test"]'},
    {"user": 'sub == iss or iss == "https://" + flag(t)', "flags": "{t: {type: text, description: x}}"},
    {"user": "present exp and present iat and present nbf", "required": "[sub]"},
    {"user": "present jti"},
    {"user": "present aud", "required": "[sub]"},
    {"user": "present resource", "audience": "[resource, aud]"},
    {"user": "present sub", "required": "[iss]"},
    {"user": 'user_id != "x"', "required": "[iss]"},
    {"user": 'aud contains "https://mcp.example.com"'},
    {"user": 'aud within ["https://mcp.example.com"]'},
    {"user": "present azp", "client_id": "{claim: azp, optional: true}"},
    {"user": "present azp", "client_id": "{first: [azp, cid]}"},
    {"user": "present header.kid"},
    {"user": 'header.kid == "people"'},
    {"user": 'header.alg in ["RS256", "ES256"]'},
    {"user": 'header.alg != "none"'},
    {"user": 'header.typ == "JWT"'},
    {"user": 'header.typ matches "application/<type>"'},
    {"user": "present header.x5t"},
    # What the operator chose for all tokens.
    {"user": 'flag(t) == "people"', "flags": "{t: {type: text, required: true, description: x}}"},
    {"user": """'"people" in flag(t)'""", "flags": "{t: {type: texts, description: x}}"},
    {"user": 'flag(t) matches "p<rest>"', "flags": "{t: {type: text, description: x}}"},
    {"user": "iss == flag(t)", "flags": "{t: {type: text, description: x}}"},
    {"user": "aud within flag(t)", "flags": "{t: {type: texts, description: x}}"},
    {
        "user": "org in flag(t)",
        "required": "[sub, org]",
        "flags": "{t: {type: texts, description: x}}",
        "tenant": "{claim: org, flag: t}",
    },
    {
        "user": "user_id in flag(m)",
        "flags": "{m: {type: texts, description: x}, p: {type: texts, description: x}}",
        "listed": "{client: m, user: p}",
    },
    # Whoever is listed as a machine, or as nothing that obtains people's tokens.
    {"user": "registered(client_id) and sub != client_id"},
    {"user": 'registered(client_id, "machine") and sub != client_id'},
    {"user": 'registered(client_id, "client_credentials")'},
    {"user": 'registered(client_id, "token-exchange")'},
    {"user": 'not registered(client_id, "people")'},
    # Empty, and of every value that its type has.
    {"user": "exact == false", "required": "[sub, exact]", "types": "{exact: bool}"},
    {"user": "not nonempty many", "required": "[many]", "types": "{many: list}"},
    {"user": "not nonempty many", "required": "[many]", "types": "{many: spaces}"},
    {"user": "not nonempty many", "required": "[many]", "types": "{many: words}"},
    {"user": 'kind == ""', "required": "[kind]"},
    {"user": 'kind + "!" == "!"', "required": "[kind]"},
    # What can be decoded of every token.
    {"user": "present decoded.s.domain", "decode": "{s: {claim: sub, decoder: email_address}}"},
    {"user": 'decoded.s.domain != "x"', "decode": "{s: {claim: sub, decoder: email_address}}"},
    {
        "user": "present decoded.s.domain",
        "decode": "{s: {claim: sub, decoder: email_address, optional: true}}",
    },
    {"user": "nonempty decoded.s.conn_id", "decode": "{s: {claim: sub, decoder: dex_subject}}"},
    {"user": 'decoded.s.conn_id == ""', "decode": "{s: {claim: sub, decoder: dex_subject}}"},
]


@pytest.mark.parametrize("changes", ABSENCE, ids=[", ".join(row.values()) for row in ABSENCE])
def test_a_profile_that_takes_absence_for_a_person_is_refused(
    changes: dict[str, str], write_profile: Callable[..., Path]
) -> None:
    """Whatever a bare token's ids, header type, client claim and flags: it never speaks for a human."""
    error = refusal(write_profile(**changes))

    assert error.problem == (
        "the rule `user` may hold for a token that has only what every token has: absence is no evidence"
    )
    assert error.remedy == "name something that only a person's token has"
    lines = Path(str(error.file)).read_text("utf-8").split("\n")
    assert lines[int(error.line or 0) - 1].startswith("user: ")


EVIDENCE: list[dict[str, str]] = [
    {"user": "present auth_time"},
    {"user": 'sub matches "<connection>|<id>"'},
    {"user": 'sub != client_id and registered(client_id, "authorization_code")'},
    {"user": "sub in flag(people)", "flags": "{people: {type: texts, description: x}}"},
    {"user": 'header.kind == "user"'},
    {"user": 'ver == "3"', "client_id": '{by: ver, cases: {absent: azp, "2": azp}}'},
    {"user": 'registered(client_id, "people") and not registered(client_id, "token-exchange")'},
    {"user": "present uid and sub != client_id", "user_id": "uid"},
    {"user": "user_id != client_id", "user_id": "{claim: sub, matches: 'usr:<id>'}"},
    {"user": 'decoded.s.conn_id == "local"', "decode": "{s: {claim: sub, decoder: dex_subject}}"},
    {
        "user": "decoded.s.conn_id in flag(c)",
        "decode": "{s: {claim: sub, decoder: dex_subject}}",
        "flags": "{c: {type: texts, description: x}}",
    },
    {"user": 'decoded.s.domain under "staff.example"', "decode": "{s: {claim: sub, decoder: email_address}}"},
    {"user": "present decoded.s.domain", "decode": "{s: {claim: email, decoder: email_address}}"},
    {"user": 'sub == "user:" + email'},
    {"user": 'present header.kid and iss == "https://corp.example" and nonempty sid'},
    {"user": "present realm.user", "client_id": "realm.client"},
]


@pytest.mark.parametrize("changes", EVIDENCE, ids=[", ".join(row.values()) for row in EVIDENCE])
def test_a_profile_with_positive_evidence_loads(
    changes: dict[str, str], write_profile: Callable[..., Path]
) -> None:
    """What a bare token can't have is evidence."""
    assert load_profile(write_profile(**changes)).user is not None


FLAGS = "{on: {description: x}, one: {type: text, description: x}, many: {type: texts, description: x}}"
EVERYBODY_HAS: tuple[str, ...] = (
    *(f"{word} {name}" for word in ("present", "nonempty") for name in ("iss", "aud", "sub", "header.alg")),
    *("present exp", "present iat", "present jti", "present header.kid", "present header.typ", "present azp"),
    *('iss == "https://corp.example"', 'iss matches "https://<host>"', 'iss under "corp.example"'),
    *("iss in flag(many)", "iss == flag(one)", 'iss != "x"', "sub != azp", "sub == azp", 'sub != "x"'),
    *('aud contains "x"', 'aud == ["x"]', "aud within flag(many)", 'header.kid == "k"', 'header.typ != "x"'),
    *("absent gty", "absent act", "not registered(client_id)", "registered(client_id)", "flag(on)"),
    *('registered(client_id, "machine")', "user_id != client_id", "user_id == client_id", 'user_id != "x"'),
    *('flag(one) == "x"', '"x" in flag(many)', "not user_id in flag(many)", 'not sub matches "x|<id>"'),
)
"""Questions that may be answered yes for a machine's token."""


def _grown(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    junctions = st.tuples(st.sampled_from([" and ", " or "]), st.lists(parts, min_size=2, max_size=3))
    return junctions.map(lambda found: f"({found[0].join(found[1])})")


@settings(max_examples=samples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=st.recursive(st.sampled_from(EVERYBODY_HAS), _grown, max_leaves=8))
def test_no_rule_of_what_every_token_has_is_loaded(write_profile: Callable[..., Path], rule: str) -> None:
    """However the questions are put together: a machine's token may answer all of them."""
    path = write_profile(
        user=f"'{rule}'",
        client_id="{claim: azp, optional: true}",
        required="[iss, sub]",
        flags=FLAGS,
    )

    assert "absence is no evidence" in refusal(path).problem


@settings(max_examples=samples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=st.recursive(st.sampled_from(EVERYBODY_HAS), _grown, max_leaves=4))
def test_one_question_of_people_alone_makes_evidence_of_it(
    write_profile: Callable[..., Path], rule: str
) -> None:
    """Whatever else is asked besides."""
    path = write_profile(
        user=f"'{rule} and nonempty sid'",
        client_id="{claim: azp, optional: true}",
        required="[iss, sub]",
        flags=FLAGS,
    )

    assert load_profile(path).user is not None


OF_PEOPLE: tuple[str, ...] = (
    *("present sid", "nonempty session", 'sub matches "x|<id>"', 'registered(client_id, "people")'),
    *("user_id in flag(many)", 'azp == "portal"', "absent iss", "not present exp", 'jti matches "a<rest>"'),
)
ISS = "https://corp.example"
BARE: list[dict[str, object]] = [
    {"iss": iss, "aud": aud, "exp": 2, "iat": 1, "jti": "j", **ids}
    for iss in (ISS, "x", "corp.example")
    for aud in (["x"], ["y", "x"])
    for ids in ({"sub": "s"}, {"sub": "s", "azp": "s"}, {"sub": "s", "azp": "other"})
]


def _negated(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _grown(parts) | parts.map(lambda part: f"not ({part})")


@settings(max_examples=samples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=st.recursive(st.sampled_from(EVERYBODY_HAS + OF_PEOPLE), _negated, max_leaves=6))
def test_a_rule_that_loads_makes_no_person_of_a_bare_token(
    write_profile: Callable[..., Path], rule: str
) -> None:
    """Whatever the operator set, and whether or not the client is listed as a machine."""
    path = write_profile(
        user=f"'{rule}'",
        client_id="{claim: azp, optional: true}",
        required="[iss, sub]",
        flags=FLAGS,
        hidden_exchange="true",
    )
    try:
        profile = load_profile(path)
    except ConfigError:
        return
    machines = {name: KnownClient(grants=frozenset({"client_credentials"})) for name in ("other", "s2")}
    for flags in ({}, {"on": True, "one": "x", "many": ["x", ISS]}, {"one": ISS, "many": ["people"]}):
        for clients in ({}, machines):
            mapper = Mapper([IssuerMapping(name="idp", profile=profile, flags=flags, clients=clients)])
            for claims in BARE:
                header = {"typ": "at+jwt", "alg": "RS256", "kid": "k"}
                with pytest.raises(MappingError):
                    mapper.map(VerifiedToken(issuer="idp", header=header, claims=claims))


def test_vetting_takes_no_time(write_profile: Callable[..., Path]) -> None:
    """With as many flags as there may be, and a rule as long as it may be."""
    flags = ", ".join(f"f{number}: {{description: x}}" for number in range(8))
    rule = " and ".join(f"(flag(f{number % 8}) or iss != sub + azp)" for number in range(80))
    path = write_profile(user=f"{rule} and nonempty sid", flags=f"{{{flags}}}")
    load_profile(path)
    start = perf_counter()

    load_profile(path)

    assert perf_counter() - start < 5  # about 20 milliseconds, on a machine that does nothing else
