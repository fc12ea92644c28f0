"""Groups of expectations → cases: matrices crossed, tables read, tests listed one by one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from policy_engine.harness.cases import Case, Origin
from policy_engine.harness.scenarios.expectations import Expected, expected_of_file, expected_of_outcome
from policy_engine.harness.scenarios.files import MAX_DEPTH, GroupFile, TestFile
from policy_engine.harness.scenarios.nearest import nearest
from policy_engine.harness.scenarios.outcome import DENIED
from policy_engine.harness.scenarios.reading import Scenario
from policy_engine.harness.scenarios.spot import Problems, Spot
from policy_engine.harness.scenarios.table import read_table
from policy_engine.harness.world import World

__all__ = ["Cases"]

_ALL: Final = "all"

Pair = tuple[str, str]
"""Names of a principal and of a call."""

T = TypeVar("T")


@dataclass(slots=True)
class Cases:
    """The cases of one scenario file.

    Attributes:
        scenario: the file.
        label: what the ids of its cases begin with.
        world: what it is held against.
        problems: takes what is wrong.
        found: the cases, by id.
        expected: what was expected of each pair, and where.
    """

    scenario: Scenario
    label: str
    world: World
    problems: Problems
    found: dict[str, Case] = field(default_factory=dict)
    expected: dict[Pair, tuple[bool, Origin]] = field(default_factory=dict)

    def take(
        self, group: GroupFile, spot: Spot, names: tuple[str, ...] = (), skip: str | None = None
    ) -> None:
        """Take everything of a group, and of the groups in it."""
        skip = group.skip or skip
        with self.problems.noted():
            for (who, asked), expected in self._matrix(group, spot, top=not names).items():
                self._add(names, who, asked, expected=expected, skip=skip)
        titles: set[str] = set()
        for index, test in enumerate(group.tests):
            with self.problems.noted():
                self._test(test, spot / "tests" / index, names, test.skip or skip, titles)
        if len(names) >= MAX_DEPTH and group.groups:
            self.problems.found.append(
                (spot / "groups").error("groups lie too deep in groups", "take them out")
            )
            return
        for name, inner in group.groups.items():
            self.take(inner, spot / "groups" / name, (*names, name), skip)

    def _matrix(self, group: GroupFile, spot: Spot, *, top: bool) -> dict[Pair, Expected]:
        """Every cell: those that are written, and denials."""
        written: dict[Pair, Expected] = {}
        rows = dict.fromkeys(self._known(group.who, spot / "who", self.scenario.principals))
        columns = dict.fromkeys(self._known(group.asks, spot / "asks", self.scenario.calls))
        if not group.matrix and group.table is None and not (rows and columns):
            if rows or columns:
                key = "who" if rows else "asks"
                raise (spot / key).error(
                    "there is no matrix here", "write `matrix`, or `table`, or both of `who` and `asks`"
                )
            return {}
        if top:
            rows.update(dict.fromkeys(self.scenario.file.principals))
            columns.update(dict.fromkeys(self.scenario.file.calls))
        if group.table is not None:
            self._table(group.table, spot / "table", rows, columns, written)
        for who, row in group.matrix.items():
            rows.update(dict.fromkeys(self._known((who,), spot / "matrix" / who, self.scenario.principals)))
            for outcome, named in row.items():
                place = spot / "matrix" / who / outcome
                calls = self._known(named, place, {**self.scenario.calls, _ALL: None})
                columns.update(dict.fromkeys(name for name in calls if name != _ALL))
        for who, row in group.matrix.items():
            self._row(who, row, spot / "matrix" / who, columns, written)
        rest = spot / ("table" if group.table is not None else "matrix")
        denied = {
            who: Expected(outcome=DENIED, spot=rest / who if who in group.matrix else rest) for who in rows
        }
        return {(who, asked): written.get((who, asked), denied[who]) for who in rows for asked in columns}

    def _row(
        self,
        who: str,
        row: Mapping[str, tuple[str, ...]],
        spot: Spot,
        columns: Mapping[str, None],
        written: dict[Pair, Expected],
    ) -> None:
        others: Expected | None = None
        for outcome, named in row.items():
            expected = expected_of_outcome(outcome, spot / outcome, self.world)
            for index, name in enumerate(named):
                place = spot / outcome / index
                if name == _ALL and others is not None:
                    raise place.error("`all` is there twice", "keep one")
                if name == _ALL:
                    others = expected
                elif (who, name) in written:
                    raise place.error(f"`{name}` of `{who}` is there already", "keep one")
                else:
                    written[who, name] = expected
        if others is not None:
            for name in columns:
                written.setdefault((who, name), others)

    def _table(
        self,
        text: str,
        spot: Spot,
        rows: dict[str, None],
        columns: dict[str, None],
        written: dict[Pair, Expected],
    ) -> None:
        table = read_table(text, spot)
        for heading in table.rows:
            self._named(heading.text, self.scenario.principals, spot, heading.origin)
            rows[heading.text] = None
        for heading in table.columns:
            self._named(heading.text, self.scenario.calls, spot, heading.origin)
            columns[heading.text] = None
        for cell in table.cells:
            place = spot.moved(cell.origin)
            written[cell.who, cell.asked] = expected_of_outcome(cell.text, place, self.world)

    def _test(
        self, test: TestFile, spot: Spot, names: tuple[str, ...], skip: str | None, titles: set[str]
    ) -> None:
        if test.name is not None:
            if test.name in titles:
                raise (spot / "name").error(f"a test is called `{test.name}` already", "give it another name")
            titles.add(test.name)
            names = (*names, test.name)
        people = tuple(self._known(test.who, spot / "who", self.scenario.principals))
        calls = tuple(self._known(test.asks, spot / "asks", self.scenario.calls))
        expected = expected_of_file(test.expect, spot / "expect", self.world)
        for who in people:
            for asked in calls:
                self._add(names, who, asked, expected=expected, skip=skip)

    def _add(
        self, names: tuple[str, ...], who: str, asked: str, *, expected: Expected, skip: str | None
    ) -> None:
        spot = expected.spot
        speaker, question = self.scenario.principals[who], self.scenario.calls[asked]
        expectation = expected.of(speaker, question)
        if expectation.allowed is not None:
            allowed, first = self.expected.setdefault((who, asked), (expectation.allowed, spot.origin))
            if allowed is not expectation.allowed:
                said = "allowed" if allowed else "denied"
                where = f"{first.file}:{first.line}:{first.column}"
                problem = f"`{asked}` of `{who}` is expected to be {said} at {where}"
                raise spot.error(problem, "only one of the two can be")
        key = "::".join((self.label, *names, who, asked))
        if key in self.found:
            raise spot.error(f"`{asked}` of `{who}` is expected here already", "give the test a `name`")
        self.found[key] = Case(
            id=key,
            group=names,
            who=speaker.who(question.asked.server),
            asked=question.asking(visible=expectation.visible is not None),
            expect=expectation,
            now=self.scenario.file.now,
            skip=skip,
        )

    def _known(self, names: Iterable[str], spot: Spot, known: Mapping[str, T]) -> Iterator[str]:
        for index, name in enumerate(names):
            place = spot / index
            self._named(name, known, place, place.origin)
            yield name

    def _named(self, name: str, known: Mapping[str, T], spot: Spot, origin: Origin) -> None:
        if name not in known:
            what = "principal" if known is self.scenario.principals else "call"
            raise spot.moved(origin).error(f"no {what} is called `{name}`", nearest(name, known))
