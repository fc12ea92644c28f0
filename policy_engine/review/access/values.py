"""The matrix of a review: who, what, and what is known of each pair."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

__all__ = ["Access", "Applied", "Cell", "Column", "ColumnKind", "PolicyText", "Reach", "Row", "RowKind"]


class Reach(StrEnum):
    """What comes of all requests of somebody for something."""

    always = "always"
    """Each is allowed, whatever else is in it."""
    may = "may"
    """Some may be allowed; it depends, or can't be told without a solver."""
    never = "never"
    """None is allowed."""


class RowKind(StrEnum):
    """Of which kind somebody is."""

    User = "User"
    """A person who asks themselves."""
    Client = "Client"
    """A machine on its own behalf."""
    delegated = "delegated"
    """A person for whom an agent asks."""


class ColumnKind(StrEnum):
    """Of which kind something is."""

    tool = "tool"
    prompt = "prompt"
    resource = "resource"
    template = "template"
    method = "method"
    """Anything else that a message can ask of a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody who may ask.

    Attributes:
        id: unique among rows: a kind, a Cedar uid, or `delegated by <uid>`.
        kind: of which kind they are.
        label: in a few words.
        note: what else is taken for granted of them; empty if nothing.
        whole: whether it is everybody of the kind.
    """

    id: str
    kind: RowKind
    label: str
    note: str = ""
    whole: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {"id": self.id, "kind": str(self.kind), "label": self.label, "note": self.note}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Something that can be asked for.

    Attributes:
        id: unique among columns: `<action> on <resource>`.
        server: the configured name of the server.
        kind: what it is.
        name: its name at the server, or that of the action.
        action: the id of the Cedar action.
        type: the Cedar type of what it is done to.
        groups: the groups of actions that it is in, without that of its server.
        known: whether it is one thing; else any of its type that isn't pinned, or that nobody knows yet.
    """

    id: str
    server: str
    kind: ColumnKind
    name: str
    action: str
    type: str
    groups: tuple[str, ...] = ()
    known: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "id": self.id,
            "server": self.server,
            "kind": str(self.kind),
            "name": self.name,
            "action": self.action,
            "type": self.type,
            "groups": list(self.groups),
            "known": self.known,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A policy that has to do with a cell.

    Attributes:
        policy: its id.
        certain: whether it applies to every such request.
        conditions: what isn't certain, each as Cedar text; all of it must hold.
    """

    policy: str
    certain: bool
    conditions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {"policy": self.policy, "certain": self.certain, "conditions": list(self.conditions)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is known of all requests of somebody for something.

    Attributes:
        reach: what comes of them.
        permits: those that allow, or may allow it; where a forbid stops it, those that it stops.
        forbids: those that stop, or may stop it: by applying, or by failing.
    """

    reach: Reach
    permits: tuple[Applied, ...] = ()
    forbids: tuple[Applied, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "reach": str(self.reach),
            "permits": [each.to_dict() for each in self.permits],
            "forbids": [each.to_dict() for each in self.forbids],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A policy as its author wrote it.

    Attributes:
        id: the value of its `@id`.
        effect: `permit` or `forbid`.
        text: from the first annotation to `;`.
        file: where it is written, if in a file.
        line: 1-based.
        column: 1-based.
        shadow: whether it never decides.
        guarded: whether what runs lets no agent in, as it isn't `@delegable`.
        head: what it says of principal, action and resource; each part one or more constraints as Cedar text.
    """

    id: str
    effect: str
    text: str
    file: str | None = None
    line: int = 1
    column: int = 1
    shadow: bool = False
    guarded: bool = False
    head: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]] = ((), (), ())

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "id": self.id,
            "effect": self.effect,
            "text": self.text,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "shadow": self.shadow,
            "guarded": self.guarded,
            "head": dict(zip(("principal", "action", "resource"), map(list, self.head), strict=True)),
        }


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who can do what.

    Attributes:
        rows: who.
        columns: what.
        cells: what cells say, each once.
        grid: a row of numbers of `cells` for each of `rows`, in the order of `columns`.
        policies: by id, shadow policies included.
        notes: what couldn't be looked at, and why.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]
    grid: tuple[tuple[int, ...], ...]
    policies: Mapping[str, PolicyText]
    notes: tuple[str, ...] = ()

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return MappingProxyType({row.id: number for number, row in enumerate(self.rows)})

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return MappingProxyType({column.id: number for number, column in enumerate(self.columns)})

    def cell(self, row: str, column: str) -> Cell:
        """What is known of somebody and something, by their ids.

        Raises:
            KeyError: there is no such row or column.
        """
        return self.cells[self.grid[self._rows[row]][self._columns[column]]]

    def __iter__(self) -> Iterator[tuple[Row, Column, Cell]]:
        """Every cell, row by row."""
        for row, numbers in zip(self.rows, self.grid, strict=True):
            for column, number in zip(self.columns, numbers, strict=True):
                yield row, column, self.cells[number]

    def to_dict(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "rows": [row.to_dict() for row in self.rows],
            "columns": [column.to_dict() for column in self.columns],
            "cells": [cell.to_dict() for cell in self.cells],
            "grid": [list(numbers) for numbers in self.grid],
            "policies": [policy.to_dict() for policy in self.policies.values()],
            "notes": list(self.notes),
        }
