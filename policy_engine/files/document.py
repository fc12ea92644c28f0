"""A YAML file that a person wrote, with the place of each of its parts."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.scalarfloat import ScalarFloat
from ruamel.yaml.scalarint import ScalarInt

from policy_engine.errors import ConfigError

__all__ = ["Document", "Place", "kind_of", "read_document"]

Path_ = tuple[str | int, ...]
"""Keys and positions from the root of a document to one of its parts."""

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
    """

    data: Any
    file: Path | None = None
    places: Mapping[Path_, Place] = field(default_factory=dict)

    def place(self, path: Path_) -> Place | None:
        """The place of a part, or of the nearest part around it."""
        while path not in self.places:
            if not path:
                return None
            path = path[:-1]
        return self.places[path]

    def error(self, path: Path_, problem: str, remedy: str = "") -> ConfigError:
        """A ConfigError that points at a part."""
        place = self.place(path)
        return ConfigError(
            problem,
            remedy=remedy,
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
    yaml = YAML(typ="rt", pure=True)
    try:
        node = yaml.load(text)
    except DuplicateKeyError as error:
        raise _marked(error, file, "a key is written twice", "keep one of the two") from error
    except MarkedYAMLError as error:
        raise _marked(error, file, f"not YAML: {error.problem}", "") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError("not YAML", file=file) from error
    places: dict[Path_, Place] = {(): Place(1, 1)}
    data = _plain(node, (), places, file)
    return Document(data=data, file=file, places=places)


def _marked(error: MarkedYAMLError, file: Path, problem: str, remedy: str) -> ConfigError:
    mark = error.problem_mark
    line, column = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
    return ConfigError(problem, remedy=remedy, file=file, line=line, column=column)


def _plain(node: Any, path: Path_, places: dict[Path_, Place], file: Path) -> Any:  # noqa: ANN401 -- YAML data
    """Strip the parser's types off, note each part's place, and refuse what would surprise its writer."""
    if isinstance(node, CommentedMap):
        for key in node:
            line, column = node.lc.key(key)
            place = Place(line + 1, column + 1)
            if not isinstance(key, str):
                problem = f"the key `{key}` is read as a {kind_of(key)}"
                raise ConfigError(
                    problem, remedy="put it in quotes", file=file, line=place.line, column=place.column
                )
            places[(*path, key)] = place
        return {str(key): _plain(value, (*path, key), places, file) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            line, column = node.lc.item(index)
            places[(*path, index)] = Place(line + 1, column + 1)
        return [_plain(item, (*path, index), places, file) for index, item in enumerate(node)]
    return _scalar(node, path, places, file)


def _scalar(node: Any, path: Path_, places: dict[Path_, Place], file: Path) -> Any:  # noqa: ANN401 -- YAML data
    if isinstance(node, str):
        return _VARIABLE.sub(lambda match: _variable(match[1], path, places, file), str(node))
    if isinstance(node, ScalarBoolean):
        return bool(node)
    if isinstance(node, ScalarInt):
        return int(node)
    return float(node) if isinstance(node, ScalarFloat) else node


def _variable(name: str, path: Path_, places: dict[Path_, Place], file: Path) -> str:
    if name not in os.environ:
        remedy = f"export {name}, or write the value itself"
        problem = f"the environment variable `{name}` isn't set"
        raise Document(data=None, file=file, places=places).error(path, problem, remedy)
    return os.environ[name]


def kind_of(value: object) -> str:
    """What YAML took a scalar for, in a word that its writer knows."""
    names = {bool: "boolean", int: "number", float: "number", type(None): "null"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)
