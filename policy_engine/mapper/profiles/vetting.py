"""The check that no profile takes absence for evidence.

"No machine's mark, so a person" is the mistake that lets a machine in as a human. So a profile's rule for
humans is asked of a token that has only what every token of the issuer has; where it may hold, whatever the
operator set and listed, the profile isn't loaded.

Each question is answered by itself, with all answers that it may have, and these are put together by Kleene's
logic. That takes more rules for careless than trying every token would, and never fewer.
"""

from collections.abc import Iterable
from itertools import product
from typing import assert_never

from policy_engine.mapper.language import (
    OPERATORS,
    AllOf,
    AnyOf,
    Comparison,
    Constant,
    Id,
    Join,
    Named,
    Not,
    Pattern,
    Presence,
    Read,
    Registered,
    Setting,
    Switch,
    Term,
    Test,
    Text,
    Texts,
    Truth,
)
from policy_engine.mapper.profiles.bare_token import ANYTHING, MEANINGLESS, BareToken, Sample, Special
from policy_engine.mapper.profiles.profile import Profile
from policy_engine.model.claims import USER_GRANTS

__all__ = ["takes_absence_for_evidence"]

Answers = frozenset[bool | None]
"""All that a question may be answered with: yes, no, and None for what can't be told."""

_EITHER: Answers = frozenset({True, False})

_OF_PEOPLE = USER_GRANTS | {"people"}


def takes_absence_for_evidence(profile: Profile) -> bool:
    """Whether the rule for humans may hold for a token that has only what every token has."""
    return profile.user is not None and True in _Vetting(profile).answers(profile.user)


class _Vetting:
    def __init__(self, profile: Profile) -> None:
        self.token = BareToken(profile)
        self.named: dict[str, Answers] = {}
        # Flags whose members needn't be people: the tenants of all tokens, and machines.
        own = [None if profile.tenant is None else profile.tenant.flag, profile.trust_domain]
        self.indifferent = {*own, None if profile.listed is None else profile.listed.client}

    def answers(self, test: Test) -> Answers:
        """All answers that a question may have."""
        match test:
            case Named(name, inner):
                if name not in self.named:
                    self.named[name] = self.answers(inner)
                return self.named[name]
            case Not(inner):
                return frozenset(None if one is None else not one for one in self.answers(inner))
            case AllOf(parts):
                return _junction(map(self.answers, parts), decisive=False)
            case AnyOf(parts):
                return _junction(map(self.answers, parts), decisive=True)
            case _:
                return self.question(test)

    def question(self, test: Constant | Switch | Comparison | Presence | Registered) -> Answers:
        """The same of one that has no parts."""
        match test:
            case Constant(value):
                return frozenset({value})
            case Switch():
                return _EITHER
            case Comparison():
                return self.comparison(test)
            case Presence(word, read):
                return frozenset(_presence(word, sample) for sample in self.token.samples(read))
            case Registered(name, grant):
                return self.registered(name, grant)
            case _:
                assert_never(test)

    def registered(self, name: str, grant: str | None) -> Answers:
        """A machine may be listed, and may be not; that it is listed as people's application is evidence."""
        answers: Answers = frozenset({False}) if grant in _OF_PEOPLE else _EITHER
        return answers | _missing(self.token.id_samples(name))

    def comparison(self, test: Comparison) -> Answers:
        left, right = self.samples(test.left), self.samples(test.right)
        missing = _missing(left | right)
        if self.is_chosen(test.left) and self.is_chosen(test.right):
            return missing | _EITHER
        answer = OPERATORS[test.operator].answer
        found: set[bool | None] = set(missing)
        for one, other in product(left - {None}, right - {None}):
            found |= _EITHER if ANYTHING in (one, other) else {answer(one, other)}
        return frozenset(found)

    def samples(self, term: Term) -> frozenset[Sample | Pattern]:
        """What a term may be."""
        match term:
            case Text(value) | Truth(value):
                return frozenset({value})
            case Texts(values):
                return frozenset({values})
            case Pattern():
                return frozenset({term})
            case Read():
                return frozenset(self.token.samples(term))
            case Id(name):
                return frozenset(self.token.id_samples(name))
            case Setting(name, many, _):
                return self.setting(name, many=many)
            case Join(pieces):
                return self.join(pieces)
            case _:
                assert_never(term)

    def setting(self, name: str, *, many: bool) -> frozenset[Sample | Pattern]:
        """What is listed in a flag counts as people's, unless the flag is about all tokens, or machines."""
        unset: Sample = () if many else None
        if name in self.indifferent:
            return frozenset({unset, ANYTHING})
        return frozenset({unset} if many else {unset, MEANINGLESS})

    def join(self, pieces: tuple[Term, ...]) -> frozenset[Sample | Pattern]:
        """Texts one after the other: all empty as far as they can be, all equal, and all different."""
        choices = [self.samples(piece) for piece in pieces]
        found: set[Sample | Pattern] = {None} if any(None in samples for samples in choices) else set()
        for wish in ("", MEANINGLESS, None):
            found.add("".join(_text(samples, wish) for samples in choices))
        return frozenset(found)

    def is_chosen(self, term: Term) -> bool:
        """Whether the profile, the operator or the issuer's configuration says what it is, not the token."""
        match term:
            case Read():
                return ANYTHING in self.token.samples(term)
            case Join(pieces):
                return all(map(self.is_chosen, pieces))
            case Id():
                return False
            case _:
                return True


def _missing(samples: frozenset[Sample | Pattern]) -> Answers:
    return frozenset({None}) if None in samples else frozenset()


def _presence(word: str, sample: Sample) -> bool | None:
    match word:
        case "present":
            return sample is not None
        case "absent":
            return sample is None
        case _:
            return None if sample is None else isinstance(sample, Special) or bool(sample)


def _text(samples: frozenset[Sample | Pattern], wish: str | None) -> str:
    texts = sorted(sample for sample in samples if isinstance(sample, str))
    if not texts:
        return MEANINGLESS
    return wish if wish is not None and wish in texts else texts[-1]


def _junction(parts: Iterable[Answers], *, decisive: bool) -> Answers:
    """`or` is decided by a yes and `and` by a no, whatever else can't be told."""
    found: Answers = frozenset({not decisive})
    for part in parts:
        found = frozenset(_both(one, other, decisive) for one, other in product(found, part))
    return found


def _both(one: bool | None, other: bool | None, decisive: bool) -> bool | None:  # noqa: FBT001 -- three truths
    if decisive in (one, other):
        return decisive
    return None if None in (one, other) else not decisive
