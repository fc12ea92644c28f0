"""What an edited text says to whoever reads it next; that is looked at before it is written."""

from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = ["WAYS_TO_FAIL", "data_of", "reads_as"]

WAYS_TO_FAIL: Final = (YAMLError, ValueError, TypeError, AttributeError, RecursionError)
"""What the parser raises for texts that it can't read."""


def data_of(text: str) -> Any:  # noqa: ANN401 -- YAML data
    """The plain data of a text; raises one of `WAYS_TO_FAIL` if it has none."""
    return YAML(typ="safe", pure=True).load(text)


def reads_as(text: str, wanted: Any) -> bool:  # noqa: ANN401 -- YAML data
    """Whether a text can be read, and says just this."""
    try:
        return bool(data_of(text) == wanted)
    except (*WAYS_TO_FAIL, LookupError):
        return False
