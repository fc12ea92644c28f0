"""Names, texts and paths as people write them in a configuration."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

__all__ = ["FilePath", "Name", "Networks", "Paths", "Text", "Texts"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
"""A name of a server or an issuer: the left part of entity ids."""

Text = Annotated[str, StringConstraints(min_length=1)]

FilePath = Annotated[Path, Field(strict=False)]
"""A path, taken from the folder of the file that it is written in."""


def _as_list(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return [value] if isinstance(value, str) else value


Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=Text | list[Text]), Field(strict=False)
]
"""One string, or a list of them."""

Paths = Annotated[
    tuple[FilePath, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(strict=False),
]


def _networks(written: tuple[str, ...]) -> tuple[str, ...]:
    if not all(map(_is_network, written)):
        raise ValueError("each should be an address or a network, such as 10.0.0.0/8")
    return written


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


Networks = Annotated[Texts, AfterValidator(_networks)]
"""Addresses and networks."""
