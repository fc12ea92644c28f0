"""The entity schema, read so that it checks what is there and doesn't ask for what isn't."""

from policy_engine.cedar import Schema
from policy_engine.model import CedarJson

__all__ = ["partial_schema"]


def partial_schema(schema: CedarJson) -> Schema:
    """The same types, every attribute of an entity optional.

    What is known of an entity that isn't part of the request may be a tag or a parent alone; types of
    attributes, tags and parents are checked all the same.

    Args:
        schema: Cedar's JSON schema format, without actions.
    """
    return Schema.from_json(
        {name: {**namespace, "entityTypes": _partial_types(namespace)} for name, namespace in schema.items()}
    )


def _partial_types(namespace: CedarJson) -> CedarJson:
    common = namespace.get("commonTypes", {})
    types = {}
    for name, entity in namespace["entityTypes"].items():
        shape = entity.get("shape")
        if shape is not None:
            shape = common.get(shape.get("name", shape["type"]), shape)
            attributes = shape.get("attributes", {}).items()
            partial = {attribute: {**type_, "required": False} for attribute, type_ in attributes}
            entity = {**entity, "shape": {**shape, "attributes": partial}}  # noqa: PLW2901 -- a copy with less
        types[name] = entity
    return types
