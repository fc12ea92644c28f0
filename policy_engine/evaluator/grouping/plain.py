"""A schema without what is only for its readers, which is half of it."""

from policy_engine.model import CedarJson

__all__ = ["plain_row", "plain_type"]

_TYPES = ("shape", "tags", "context")


def plain_type(written: CedarJson) -> CedarJson:
    """A type without its annotations."""
    # By its place and not by its name alone: there may be an argument called `annotations`.
    plain = {key: value for key, value in written.items() if key != "annotations"}
    if isinstance(plain.get("attributes"), dict):
        plain["attributes"] = {name: plain_type(part) for name, part in plain["attributes"].items()}
    if isinstance(plain.get("element"), dict):
        plain["element"] = plain_type(plain["element"])
    return plain


def plain_row(written: CedarJson) -> CedarJson:
    """An action, or a type of entities, without its annotations."""
    plain = {key: value for key, value in written.items() if key != "annotations"}
    plain |= {key: plain_type(plain[key]) for key in _TYPES if plain.get(key)}
    if plain.get("appliesTo"):
        plain["appliesTo"] = plain_row(plain["appliesTo"])
    return plain
