"""The check that no profile takes absence for evidence.

"No machine's mark, so a person" is the mistake that lets a machine in as a human. So a profile's rule for
humans is tried on tokens that have nothing but what the issuer always writes, with values that mean nothing;
where it holds for one of them, the profile isn't loaded.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from policy_engine.mapper.language import ClaimPath, ClaimType, FlagType, FlagValue, Layout, Vocabulary, bind
from policy_engine.mapper.profiles.profile import Flag, Profile
from policy_engine.mapper.token_class import TYP

__all__ = ["takes_absence_for_evidence"]

# A private-use character, which no text and no pattern in a rule can hold: no comparison with what the
# profile wrote succeeds by chance.
_MEANINGLESS = "\ue000"

_VALUES: Mapping[ClaimType, Any] = {
    ClaimType.LIST: [_MEANINGLESS],
    ClaimType.BOOL: True,
    ClaimType.NUMBER: 1,
    ClaimType.OBJECT: {},
}

_CHOICES: Mapping[FlagType, tuple[FlagValue, ...]] = {
    FlagType.BOOLEAN: (False, True),
    FlagType.TEXT: (None, _MEANINGLESS),
    FlagType.TEXTS: ((),),
}

Bare = tuple[str | None, dict[str, Any], str]
"""Header `typ`, claims and client id of a bare token."""


def takes_absence_for_evidence(profile: Profile, vocabulary: Vocabulary) -> bool:
    """Whether the rule for humans holds for a token that has only the required claims.

    Tried with every header type and client id the profile knows, with all ids distinct and all ids equal,
    whatever the Boolean flags, and with nobody registered.
    """
    if profile.user is None:
        return False
    return any(
        _holds(profile, flags, bare)
        for flags in _settings(profile.flags)
        for bare in _bare_tokens(profile, vocabulary)
    )


def _holds(profile: Profile, flags: Mapping[str, FlagValue], bare: Bare) -> bool:
    assert profile.user is not None  # noqa: S101 -- tells mypy what the caller checked
    typ, claims, client_id = bare
    layout = Layout()
    rule = bind(profile.user, flags, layout, lambda _client_id: None)
    user_id = profile.user_id.find({}, claims) if profile.user_id is not None else None
    frame = layout.fill(
        {} if typ is None else {"typ": typ},
        claims,
        client_id=client_id,
        user_id=user_id if isinstance(user_id, str) else None,
    )
    return rule.holding(frame) is not None


def _settings(flags: Mapping[str, Flag]) -> Iterator[dict[str, FlagValue]]:
    for values in product(*(_CHOICES[flag.type] for flag in flags.values())):
        yield dict(zip(flags, values, strict=True))


def _bare_tokens(profile: Profile, vocabulary: Vocabulary) -> Iterator[Bare]:
    source = profile.client_id
    by_typ = source.by == TYP
    for typ, (case, path), equal in product(profile.typ, source.cases.items(), (False, True)):
        if by_typ and case != typ:
            continue
        claims = {
            name: _value(vocabulary.read(ClaimPath((name,))).type, "" if equal else name)
            for name in profile.required
        }
        client_id = str(_value(ClaimType.STRING, "" if equal else "client"))
        _put(claims, path, client_id)
        if source.by is not None and not by_typ and case is not None:
            _put(claims, source.by, case)
        yield typ, claims, client_id


def _value(claim_type: ClaimType, name: str) -> Any:  # noqa: ANN401 -- any JSON
    return _VALUES.get(claim_type, _MEANINGLESS + name)


def _put(claims: dict[str, Any], path: ClaimPath, value: str) -> None:
    if path.in_header:
        return
    for name in path.names[:-1]:
        claims = claims.setdefault(name, {})
    claims[path.names[-1]] = value
