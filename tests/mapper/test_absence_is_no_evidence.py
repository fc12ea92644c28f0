"""No profile that takes the absence of a machine's mark for a person is ever loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy_engine.errors import ConfigError
from policy_engine.mapper import load_profile


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
]


@pytest.mark.parametrize("changes", ABSENCE, ids=[row["user"] for row in ABSENCE])
def test_a_profile_that_takes_absence_for_a_person_is_refused(
    changes: dict[str, str], write_profile: Callable[..., Path]
) -> None:
    """Whatever a bare token's ids, header type, client claim and flags: it never speaks for a human."""
    error = refusal(write_profile(**changes))

    assert error.problem == (
        "the rule `user` holds for a token that has only the required claims: absence is no evidence"
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
]


@pytest.mark.parametrize("changes", EVIDENCE, ids=[row["user"] for row in EVIDENCE])
def test_a_profile_with_positive_evidence_loads(
    changes: dict[str, str], write_profile: Callable[..., Path]
) -> None:
    """What a bare token can't have is evidence."""
    assert load_profile(write_profile(**changes)).user is not None
