"""The section `attributes`."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policy_engine.files import FileModel

__all__ = ["AttributesConfig"]

AttributeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name that policies can write after a dot."""

AttributeTypeName = Literal["string", "strings", "bool", "long"]


class AttributesConfig(FileModel):
    """Attributes of people and machines, typed once for all issuers; policies ask with `has` first."""

    User: dict[AttributeName, AttributeTypeName] = Field(default_factory=dict)
    """People's, by name: `string`, `strings` (a string or a list of them), `bool` or `long` (an integer)."""
    Client: dict[AttributeName, AttributeTypeName] = Field(default_factory=dict)
    """Machines', likewise."""
