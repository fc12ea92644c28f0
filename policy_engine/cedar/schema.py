"""Cedar schemas, and what the validator finds in policies."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import cedarpy

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import to_text
from policy_engine.cedar.policies import Policy
from policy_engine.model import CedarJson

__all__ = ["Finding", "Schema", "SchemaSource", "handle_of", "render", "validate"]

_BUILT_IN = frozenset(
    {"Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String"}
    | {"datetime", "decimal", "duration", "ipaddr"}
)
_PREFIX = "__cedar::"
_STRING_OR_PREFIX = re.compile(rf'"(?:[^"\\]|\\.)*"|{_PREFIX}')
_ABOUT_POLICY = re.compile(r"for policy `policy0`, ")
_NO_ACTION = "unable to find an applicable action given the policy scope constraints"


class Schema:
    """A parsed Cedar schema; made once and used for every request.

    Attributes:
        handle: for the modules of this package alone.
    """

    __slots__ = ("handle",)

    def __init__(self, handle: cedarpy.Schema) -> None:
        self.handle = handle

    @classmethod
    def from_json(cls, schema: CedarJson) -> "Schema":
        """Read Cedar's JSON schema format.

        Raises:
            CedarError: `cedar_schema`: it isn't a schema.
        """
        text = to_text(schema, "cedar_schema")
        try:
            return cls(cedarpy.Schema.from_json_str(text))
        except ValueError as error:  # a schema is configuration, so Cedar's words may be shown
            raise CedarError("cedar_schema", str(error)) from None

    @classmethod
    def from_text(cls, text: str) -> "Schema":
        """Read Cedar's schema syntax.

        Raises:
            CedarError: `cedar_schema`: it isn't a schema.
        """
        try:
            return cls(cedarpy.Schema.from_str(text))
        except ValueError as error:
            raise CedarError("cedar_schema", str(error)) from None

    @classmethod
    def of(cls, source: "SchemaSource") -> "Schema":
        """A schema from whatever form it is in: parsed, JSON, JSON text or schema syntax."""
        if isinstance(source, Schema):
            return source
        if isinstance(source, dict):
            return cls.from_json(source)
        if not source.lstrip().startswith("{"):
            return cls.from_text(source)
        try:
            return cls.from_json(json.loads(source))
        except (ValueError, RecursionError):
            raise CedarError("cedar_schema", "not JSON") from None

    def __str__(self) -> str:
        """Cedar's schema syntax, built-in types spelt out (`__cedar::String`)."""
        return str(self.handle)


SchemaSource = Schema | CedarJson | str


def handle_of(schema: Schema | None) -> cedarpy.Schema | None:
    """The handle of a schema that may be missing."""
    return None if schema is None else schema.handle


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the validator holds against a policy.

    Attributes:
        index: place of the policy among those that were validated.
        message: what is wrong, in Cedar's words; policies are configuration, so they quote no request.
    """

    index: int
    message: str

    @property
    def no_action(self) -> bool:
        """Whether no action of the schema fits the scope: a wrong type, or a group without a member."""
        return self.message == _NO_ACTION


def render(schema: CedarJson) -> str:
    """A schema as a person would write it, from its JSON.

    Built-in types lose Cedar's prefix, unless the schema has a type of its own with a built-in name.

    Raises:
        CedarError: `cedar_schema`: it isn't a schema.
    """
    text = str(Schema.from_json(schema))
    if _shadows(schema):
        return text
    plain = _STRING_OR_PREFIX.sub(_without_prefix, text)
    Schema.from_text(plain)  # what is written has to be read again
    return plain


def _without_prefix(match: re.Match[str]) -> str:
    return "" if match[0] == _PREFIX else match[0]


def _shadows(schema: CedarJson) -> bool:
    return any(
        _BUILT_IN & {*part.get("entityTypes", {}), *part.get("commonTypes", {})} for part in schema.values()
    )


def validate(policies: Sequence[Policy], schema: Schema) -> tuple[Finding, ...]:
    """Validate policies strictly, each by itself, so that it is certain which one a finding is about.

    Returns:
        What was found, in the order of the policies; nothing if all are valid.
    """
    return tuple(
        Finding(index, message)
        for index, policy in enumerate(policies)
        for message in _messages(policy.text, schema)
    )


def _messages(text: str, schema: Schema) -> list[str]:
    result = cedarpy.validate_policies(text, schema.handle)
    # Cedar repeats a finding for each environment, in no certain order.
    return sorted({_ABOUT_POLICY.sub("", finding.error) for finding in result.errors})
