"""Documents checked against pydantic models; errors say where, what and how to mend it."""

import difflib
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails

from policy_engine.errors import ConfigError
from policy_engine.files.described import docstrings
from policy_engine.files.document import Document, kind_of
from policy_engine.files.secrets import is_secret_place

__all__ = ["FileModel", "check"]


class FileModel(BaseModel):
    """The base of every model of a file that people write: each key checked, nothing converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        """Say of each key what is written below it."""
        schema = handler(core_schema)
        keys = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in docstrings(cls).items():
            if name in cls.model_fields:
                keys[cls.model_fields[name].alias or name].setdefault("description", text)
        return schema


Model = TypeVar("Model", bound=FileModel)

_SLIP: Final = 2
"""Letters more or less in a key that is written wrongly."""


def check(model: type[Model], document: Document) -> Model:
    """Turn a document into a checked value.

    Raises:
        ConfigError: the first problem, carrying all others.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as invalid:
        errors = [_error(model, document, detail) for detail in invalid.errors(include_url=False)]
        raise ConfigError.first_of(errors) from None


def _error(model: type[FileModel], document: Document, detail: ErrorDetails) -> ConfigError:
    # A key that breaks its pattern is reported below itself, as `[key]`. Models here have no unions, since
    # pydantic puts their branches into the path: what may be written in two ways is brought into one first.
    path = tuple(part for part in detail["loc"] if part != "[key]")
    name = ".".join(str(part) for part in path) or "the file"
    kind = detail["type"]
    if kind == "extra_forbidden":
        near, remedy = _nearest(model, path)
        if is_secret_place(path[:-1]) and not _is_slip(str(path[-1]), near):
            # It may be the secret itself: `{client_id: us, client_secret:hunter2}` lacks a blank.
            above = ".".join(str(part) for part in path[:-1])
            return document.error(path, f"unknown key below `{above}`", remedy)
        return document.error(path, f"unknown key `{name}`", remedy)
    if kind == "missing":
        return document.error(path, f"`{name}` is missing", "add it")
    if kind == "string_type" and not isinstance(detail["input"], list | dict | None):
        return document.error(path, f"`{name}` is read as a {kind_of(detail['input'])}", "put it in quotes")
    return document.error(path, f"`{name}`: {_sentence(detail)}")


def _sentence(detail: ErrorDetails) -> str:
    text = detail["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _nearest(model: type[FileModel], path: tuple[str | int, ...]) -> tuple[str, str]:
    """The known key that is nearly meant, or nothing; and how to mend it."""
    names = sorted(_names(model, path[:-1]))
    near = difflib.get_close_matches(str(path[-1]), names, n=1)
    if near:
        return near[0], f"did you mean `{near[0]}`?"
    return "", f"known here: {', '.join(names)}" if names else "remove it"


def _is_slip(key: str, meant: str) -> bool:
    """Whether a key is another one, written wrongly, and holds nothing else."""
    return key.replace("_", "").isalpha() and abs(len(key) - len(meant)) <= _SLIP


def _names(model: Any, path: tuple[str | int, ...]) -> set[str]:  # noqa: ANN401 -- walks JSON Schema
    """Keys that are known at a path, by the model's own JSON Schema."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes = [schema]
    for part in path:
        nodes = [inner for node in nodes for inner in _step(node, part, definitions)]
    return {name for node in nodes for name in node.get("properties", {})}


def _step(node: dict[str, Any], part: str | int, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if isinstance(part, int):
        found = [node.get("items")]
    elif part in node.get("properties", {}):
        found = [node["properties"][part]]
    else:
        found = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
    return [inner for item in found if isinstance(item, dict) for inner in _branches(item, definitions)]


def _branches(node: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]]
    branches = node.get("anyOf", [node])
    if branches == [node]:
        return [node]
    return [inner for branch in branches for inner in _branches(branch, definitions)]
