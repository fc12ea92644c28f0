"""Outcomes that are known from an earlier run, by content: nothing is decided twice."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from policy_engine.cedar import canonical
from policy_engine.evaluator import principal_entity
from policy_engine.harness.mutation.mutant import Mutant
from policy_engine.harness.mutation.report import Fate, Outcome, Suggestion
from policy_engine.harness.mutation.watching import Watched
from policy_engine.harness.world import World
from policy_engine.model import User

__all__ = ["KeptOutcomes"]

_VERSION = 1


class KeptOutcomes:
    """What became of mutants in earlier runs.

    What killed a mutant kills it again as long as that case is the same. What survived has to be tried anew
    when any case is another. Both only with the same policies and the same configuration.

    Args:
        file: where it is kept; nowhere, if it is None.
        world: digest of policies and configuration.
        cases: digests of the cases, by id.
        rows: what is known, by the mutant's digest.
    """

    def __init__(self, file: Path | None, world: str, cases: dict[str, str], rows: dict[str, Any]) -> None:
        self._file = file
        self._world = world
        self._cases = cases
        self._all = _digest(sorted(cases.items()))
        self._rows = rows

    @classmethod
    def read(cls, file: Path | None, world: World, watched: Sequence[Watched]) -> "KeptOutcomes":
        """What is kept for a world; a file that can't be read holds nothing."""
        cases = {each.case.id: _of_case(each) for each in watched}
        digest = _of_world(world)
        rows: dict[str, Any] = {}
        if file is not None:
            try:
                held = json.loads(file.read_text("utf-8"))
                if held["version"] == _VERSION and held["world"] == digest:
                    rows = dict(held["outcomes"])
            except (OSError, ValueError, KeyError, TypeError):
                rows = {}
        return cls(file, digest, cases, rows)

    def of(self, mutant: Mutant, *, suggest: bool) -> Outcome | None:
        """What is known of a mutant.

        Args:
            mutant: the mutant.
            suggest: whether a call was looked for that would tell it, if it survived.
        """
        row = self._rows.get(mutant.digest)
        try:
            if row is None or not self._holds(row, suggest=suggest):
                return None
            told = row.get("suggestion")
            return Outcome(
                mutant=mutant,
                fate=Fate(row["fate"]),
                by=row.get("by"),
                why=row.get("why", ""),
                suggestion=None
                if told is None
                else Suggestion(
                    **{**told, "principal": tuple(told["principal"]), "asked": tuple(told["asked"])}
                ),
                cached=True,
            )
        except (KeyError, TypeError, ValueError):  # somebody wrote in the file
            return None

    def _holds(self, row: dict[str, Any], *, suggest: bool) -> bool:
        if row["fate"] == Fate.equivalent:
            return True
        if row["fate"] == Fate.killed:
            return bool(self._cases.get(row["by"]) == row["case"])
        return bool(row["cases"] == self._all and (row["looked"] or not suggest))

    def write(self, outcomes: Iterable[Outcome], *, looked: bool) -> None:
        """Keep what became of mutants, beside what is known of others.

        Args:
            outcomes: one a mutant.
            looked: whether calls were looked for that would tell those that survived.
        """
        if self._file is None:
            return
        rows = dict(self._rows)
        for outcome in outcomes:
            row = self._row(outcome, looked=looked)
            if row is not None and not outcome.cached:
                rows[outcome.mutant.digest] = row
        held = {"version": _VERSION, "world": self._world, "outcomes": rows}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            ignore = self._file.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", "utf-8")
            # In one step, so that nobody reads half of it.
            draft = self._file.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps(held), "utf-8")
            draft.replace(self._file)
        except OSError:  # it is only about time
            return

    def _row(self, outcome: Outcome, *, looked: bool) -> dict[str, Any] | None:
        if outcome.fate is Fate.killed:
            return {"fate": "killed", "by": outcome.by, "case": self._cases[outcome.by or ""]}
        if outcome.fate is Fate.equivalent:
            return {"fate": "equivalent", "why": outcome.why}
        if outcome.fate is Fate.survived:
            told = None if outcome.suggestion is None else asdict(outcome.suggestion)
            return {"fate": "survived", "cases": self._all, "looked": looked, "suggestion": told}
        return None


def _of_world(world: World) -> str:
    """Of everything that decides beside tokens and messages."""
    stages = world.engine.stages
    written = [(policy.id, policy.written.text) for policy in stages.policies.policies.values()]
    actions = world.checker.groups.actions
    return _digest(
        [
            written,
            repr(world.loaded.config),
            repr(stages.static.uids and sorted(map(str, stages.static.uids))),
            sorted(actions),
            canonical(dict(actions)).decode(),
        ]
    )


def _of_case(watched: Watched) -> str:
    """Of what it asks the policies, and what it expects; not of its token, which is another each time."""
    case = watched.case
    asked = [
        (
            _principal(request.principal),
            str(request.action),
            str(request.resource),
            canonical(request.context).decode(),
            canonical(list(request.surroundings.whole)).decode(),
        )
        for request, _, _ in watched.asked
    ]
    expect = case.expect
    wanted = (
        expect.allowed,
        expect.code,
        expect.detail,
        expect.status,
        expect.principal,
        None if expect.policies is None else sorted(expect.policies),
        sorted(expect.errors),
        expect.visible,
        expect.scopes,
    )
    return _digest([asked, wanted, repr(case.asked.message), repr(case.asked.listed)])


def _principal(principal: Any) -> list[str]:  # noqa: ANN401 -- a User or a Client
    entities = [principal_entity(principal)]
    if isinstance(principal, User) and principal.actor is not None:
        entities.append(principal_entity(principal.actor))
    return [canonical(entity).decode() for entity in entities]


def _digest(value: object) -> str:
    return hashlib.sha256(
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
    ).hexdigest()
