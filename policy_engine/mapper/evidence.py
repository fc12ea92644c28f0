"""The rules of one issuer, bound and asked: what speaks for a machine, what for a human, and which it is.

Exactly one of the two rules must hold, by positive evidence; nothing that the issuer itself writes may speak
against it, and neither may anything else. All other tokens are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policy_engine.errors import MappingError
from policy_engine.mapper.language import Clause, FlagValue, Frame, Grants, Layout, Root, Rule, Test, bind
from policy_engine.mapper.markers import FOREIGN_MARKS, Kind, contradicting_mark
from policy_engine.mapper.profiles import Native, Profile

__all__ = ["Evidence", "Judge"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was decided of a token, and the rules that spoke."""

    kind: Kind
    lines: tuple[str, ...]


class _Marker:
    """A native mark in its slot."""

    def __init__(self, native: Native, layout: Layout) -> None:
        self.name = str(native.read.path)
        self.known = native.client | native.user
        self.goes_with: Mapping[Kind, frozenset[str | None]] = {"client": native.client, "user": native.user}
        self.slot = layout.slot(native.read)

    def values(self, frame: Frame) -> tuple[Any, ...]:
        """What the mark says; a list speaks with all its members, and an empty one says something unknown."""
        value = frame[self.slot]
        return (value or ("",)) if isinstance(value, tuple) else (value,)


class Judge:
    """Decides between machine and human by one issuer's rules."""

    def __init__(
        self,
        profile: Profile,
        flags: Mapping[str, FlagValue],
        layout: Layout,
        grants: Grants,
        *,
        foreign_marks: bool,
    ) -> None:
        def rule(test: Test) -> Rule:
            return bind(test, flags, layout, grants)

        self._rules: Mapping[Kind, Rule | None] = {
            "client": None if profile.client is None else rule(profile.client),
            "user": None if profile.user is None else rule(profile.user),
        }
        self._refusals = {detail: rule(test) for detail, test in profile.refuse.items()}
        native = [one for one in profile.native if one.when is None or flags[one.when] is True]
        self._markers = [_Marker(one, layout) for one in native]
        own, switched_off = _names(native), _names(profile.native) - _names(native)
        # The issuer's own mark, of which the operator didn't say that it is one, is never ignored.
        self._foreign = tuple(
            name for name in FOREIGN_MARKS if name not in own and (foreign_marks or name in switched_off)
        )
        self._categories = {category: rule(test) for category, test in profile.category.items()}

    def refuse(self, frame: Frame) -> None:
        """Let the profile's rules refuse a token.

        Raises:
            MappingError: one of them holds: `ambiguous_principal`, or `invalid_token_type` (`token_class`).
        """
        for detail, rule in self._refusals.items():
            text = rule.holding(frame)
            if text is not None:
                code = "invalid_token_type" if detail == "token_class" else "ambiguous_principal"
                raise MappingError(
                    code,
                    "the profile refuses such a token",
                    detail=detail,
                    evidence=(f"refuse {detail}: {text} holds",),
                )

    def check_marks(self, frame: Frame) -> None:
        """Check that the issuer's own marks say something that it writes.

        Raises:
            MappingError: `ambiguous_principal` (`undetermined`).
        """
        for marker in self._markers:
            if not marker.known.issuperset(marker.values(frame)):
                raise _ambiguous(
                    "undetermined", f"`{marker.name}` has a value that no token of this issuer has"
                )

    def decide(self, frame: Frame) -> Evidence:
        """Tell which kind of principal a token speaks for; what contradicts it is asked afterwards.

        Raises:
            MappingError: no rule holds, or both do: `ambiguous_principal` (`undetermined`, `conflict`).
        """
        kinds: list[Kind] = []
        said: list[str] = []
        for kind, rule in self._rules.items():
            text = None if rule is None else rule.holding(frame)
            said.append(_line(kind, rule, text))
            if text is not None:
                kinds.append(kind)
        lines = tuple(said)
        if len(kinds) != 1:
            detail = "conflict" if kinds else "undetermined"
            raise _ambiguous(detail, "both rules hold" if kinds else "no rule holds", lines)
        return Evidence(kinds[0], lines)

    def cross_examine(self, evidence: Evidence, frame: Frame, claims: Mapping[str, Any]) -> None:
        """Let everything that might contradict a decision do so.

        Raises:
            MappingError: something does: `ambiguous_principal` (`conflict`, `foreign_marker`).
        """
        kind = evidence.kind
        for marker in self._markers:
            if not marker.goes_with[kind].issuperset(marker.values(frame)):
                raise _ambiguous("conflict", f"`{marker.name}` doesn't go with a {kind}", evidence.lines)
        foreign = contradicting_mark(claims, self._foreign, kind)
        if foreign is not None:
            note = f"`{foreign}`, which this issuer doesn't write, reads as the other kind"
            raise _ambiguous("foreign_marker", note, evidence.lines)

    def category(self, frame: Frame) -> str | None:
        """What kind of machine it is, if a rule tells."""
        return next((name for name, rule in self._categories.items() if rule.holding(frame)), None)

    def explain(self, kind: Kind, frame: Frame) -> tuple[Clause, ...]:
        """What each part of the rule for one kind says."""
        rule = self._rules[kind]
        return () if rule is None else rule.explain(frame)


def _names(native: Iterable[Native]) -> frozenset[str]:
    """The claims, at the top of a token, that some marks are."""
    paths = (one.read.path for one in native)
    return frozenset(path.names[0] for path in paths if path.root is Root.CLAIMS and len(path.names) == 1)


def _line(kind: Kind, rule: Rule | None, text: str | None) -> str:
    if rule is None:
        return f"{kind}: this issuer has none"
    return f"{kind}: does not hold" if text is None else f"{kind}: {text} holds"


def _ambiguous(detail: str, note: str, lines: tuple[str, ...] = ()) -> MappingError:
    return MappingError("ambiguous_principal", note, detail=detail, evidence=(*lines, note))
