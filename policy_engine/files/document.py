"""A YAML file that a person wrote, with the place of each of its parts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.scalarfloat import ScalarFloat
from ruamel.yaml.scalarint import ScalarInt

from policy_engine.errors import ConfigError
from policy_engine.files.secrets import ONLY_VARIABLES, is_secret_place, without_quotes, without_users

__all__ = ["Document", "Place", "kind_of", "read_document"]

Path_ = tuple[str | int, ...]
"""Keys and positions from the root of a document to one of its parts."""

_UNSUPPORTED = "YAML that isn't plain: merge keys (`<<`) and tags (`!…`) aren't read"
_WRITE_OUT = "write the values out"

_MAX_NODES = 200_000
"""Parts that a file may have; with aliases (`*name`) a short file has billions."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: both numbers are 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain data, and where each part of it came from.

    Attributes:
        data: dicts, lists and scalars only.
        file: the file, or None for values that a program handed over.
        places: by path; a mapping's entry is placed at its key.
        variables: values that came from the environment, and how each was written. Errors show the latter:
            a secret that was put in the wrong place isn't printed.
    """

    data: Any = field(repr=False)
    file: Path | None = None
    places: Mapping[Path_, Place] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def place(self, path: Path_) -> Place | None:
        """The place of a part, or of the nearest part around it."""
        while path not in self.places:
            if not path:
                return None
            path = path[:-1]
        return self.places[path]

    def error(self, path: Path_, problem: str, remedy: str = "") -> ConfigError:
        """A ConfigError that points at a part; no password of a URI is in it."""
        place = self.place(path)
        for value, written in self.variables.items():
            problem, remedy = problem.replace(value, written), remedy.replace(value, written)
        return ConfigError(
            without_users(problem),
            remedy=without_users(remedy),
            file=self.file,
            line=place.line if place else None,
            column=place.column if place else None,
        )


def read_document(file: Path) -> Document:
    """Read one YAML 1.2 file; `${NAME}` in a string is replaced by the environment variable NAME.

    Raises:
        ConfigError: it can't be read, isn't YAML, has a duplicate key, a key that isn't a string, or names an
            environment variable that isn't set.
    """
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"can't read the file: {reason}", file=file) from error
    try:
        node = _parsed(text)
    # What the parser raises quotes the line, and a traceback would print that.
    except DuplicateKeyError as error:
        raise _marked(error, file, "a key is written twice", "keep one of the two") from None
    except MarkedYAMLError as error:
        raise _marked(error, file, f"not YAML: {without_quotes(error.problem or '')}", "") from None
    except (YAMLError, ValueError, RecursionError):
        raise ConfigError("not YAML", file=file) from None
    except (TypeError, AttributeError):  # what the parser makes of some tags and merge keys
        raise ConfigError(_UNSUPPORTED, remedy=_WRITE_OUT, file=file) from None
    reading = _Reading(file)
    try:
        data = reading.plain(node, ())
    except (KeyError, TypeError, AttributeError, RecursionError) as error:  # an alias may name what it is in
        raise ConfigError(_UNSUPPORTED, remedy=_WRITE_OUT, file=file) from error
    return Document(data=data, file=file, places=reading.places, variables=reading.variables)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Any:  # noqa: ANN401 -- YAML data
    """What the parser makes of a text; it is only looked at.

    A reload reads mostly the configuration of before, and parsing keeps decisions of other threads waiting.
    """
    return YAML(typ="rt", pure=True).load(text)


def _marked(error: MarkedYAMLError, file: Path, problem: str, remedy: str) -> ConfigError:
    mark = error.problem_mark
    line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
    return ConfigError(problem, remedy=remedy, file=file, line=line, column=column)


class _Reading:
    """One pass over what the parser made: its types are stripped off, and the place of each part is noted."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.places: dict[Path_, Place] = {(): Place(1, 1)}
        self.variables: dict[str, str] = {}
        self._nodes = 0

    def plain(self, node: Any, path: Path_) -> Any:  # noqa: ANN401 -- YAML data
        """The data of a node; what would surprise its writer is refused."""
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise self._error(
                path, f"the file has more than {_MAX_NODES:,} parts", "write fewer; aliases count each time"
            )
        if isinstance(node, CommentedMap):
            for key in node:
                place = self._place((*path, key), node.lc.key(key))
                if not isinstance(key, str):
                    self._refuse_key(key, place, path)
            return {str(key): self._entry(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, CommentedSeq):
            for index in range(len(node)):
                self._place((*path, index), node.lc.item(index))
            return [self.plain(item, (*path, index)) for index, item in enumerate(node)]
        return self._scalar(node, path)

    def _entry(self, value: Any, path: Path_) -> Any:  # noqa: ANN401 -- YAML data
        if path[-2:] in ONLY_VARIABLES and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
            name = ".".join(str(part) for part in path)
            remedy = "write `${NAME}` and nothing else, and export NAME; or name a file"
            raise self._error(path, f"`{name}` isn't the name of an environment variable", remedy)
        return self.plain(value, path)

    def _error(self, path: Path_, problem: str, remedy: str) -> ConfigError:
        return Document(data=None, file=self.file, places=self.places).error(path, problem, remedy)

    def _place(self, path: Path_, found: tuple[int, int]) -> Place:
        self.places[path] = place = Place(found[0] + 1, found[1] + 1)
        return place

    def _refuse_key(self, key: object, place: Place, path: Path_) -> NoReturn:
        name = "a key" if is_secret_place(path) else f"the key `{key}`"
        problem = f"{name} is read as a {kind_of(key)}"
        raise ConfigError(
            problem, remedy="put it in quotes", file=self.file, line=place.line, column=place.column
        )

    def _scalar(self, node: Any, path: Path_) -> Any:  # noqa: ANN401 -- YAML data
        if isinstance(node, str):
            return _VARIABLE.sub(lambda match: self._variable(match[0], match[1], path), str(node))
        if isinstance(node, ScalarBoolean):
            return bool(node)
        if isinstance(node, ScalarInt):
            return int(node)
        return float(node) if isinstance(node, ScalarFloat) else node

    def _variable(self, written: str, name: str, path: Path_) -> str:
        if name not in os.environ:
            remedy = f"export {name}" + ("" if path[-2:] in ONLY_VARIABLES else ", or write the value itself")
            raise self._error(path, f"the environment variable `{name}` isn't set", remedy)
        value = os.environ[name]
        if value:
            self.variables[value] = written
        return value


def kind_of(value: object) -> str:
    """What YAML took a scalar for, in a word that its writer knows."""
    names = {bool: "boolean", int: "number", float: "number", type(None): "null"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)
