"""What is tested, as values: who asks for what, what should come of it, and what did.

`scenarios/` makes them of files, the runner decides them, coverage, twins and mutation look at what came of
them, and reports show it. Nothing here reads a file or decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from policy_engine.model import Decision, HttpFacts, Identity

__all__ = ["Asked", "Case", "Expectation", "Failure", "Origin", "Result", "Who"]

Kind = Literal["user", "client"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was written: both numbers are 1-based."""

    file: Path
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who asks: with a token, or as an identity that needs none; with neither, nobody.

    Attributes:
        name: as the scenario calls them.
        token: the bearer token; never shown.
        identity: the principal and what is known of its token, where there is none.
        kind: what it was meant to be; None where the token is meant to be refused.
        issuer: the name of the issuer whose token it is.
        profile: the profile of that issuer.
        delegated: whether an agent acts for them.
        origin: where they were written.
    """

    name: str
    token: str | None = field(default=None, repr=False)
    identity: Identity | None = None
    kind: Kind | None = None
    issuer: str | None = None
    profile: str | None = None
    delegated: bool = False
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for.

    Attributes:
        name: as the scenario calls it.
        message: the JSON-RPC message; None for GET and DELETE.
        server: name of the server.
        http: what is known of the HTTP request.
        listed: what the server answers to a list request, where the visible part is tested.
        origin: where it was written.
    """

    name: str
    message: Mapping[str, Any] | bytes | None
    server: str
    http: HttpFacts | None = None
    listed: Mapping[str, Any] | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What should come of it; None where anything will do.

    Attributes:
        allowed: whether it is allowed.
        code: the decision's code.
        codes: codes, one of which a denial has.
        detail: its detail.
        status: its HTTP status.
        principal: the principal, as `Client::"machines/ci-bot"`.
        policies: ids of the policies that decide, all of them.
        includes: ids of some of them.
        errors: ids of the policies that fail; none by default.
        visible: names of the items of a list that are left.
        scopes: scopes that the challenge asks for.
        origin: where it was written.
    """

    allowed: bool | None = None
    code: str | None = None
    codes: frozenset[str] | None = None
    detail: str | None = None
    status: int | None = None
    principal: str | None = None
    policies: frozenset[str] | None = None
    includes: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    visible: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question with its expected answer.

    Attributes:
        id: unique in a run: `file::group::who::asked`.
        group: the names of the groups that it stands in.
        who: who asks.
        asked: for what.
        expect: what should come of it.
        now: when, in seconds since the epoch.
        skip: why it isn't decided; None if it is.
    """

    id: str
    group: tuple[str, ...]
    who: Who
    asked: Asked
    expect: Expectation
    now: float
    skip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that is otherwise than expected."""

    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a case.

    Attributes:
        case: the case.
        decision: what was decided; None where it was skipped.
        visible: names of the items that were left of a list.
        failures: what is otherwise than expected; none if all is well.
        seconds: what it took.
    """

    case: Case
    decision: Decision | None
    visible: tuple[str, ...] | None = None
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.failures
