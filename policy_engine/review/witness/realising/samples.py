"""Values that a tool's own JSON schema takes, for arguments of which policies don't say what they are.

The engine holds arguments against their types alone; patterns, lengths and ranges are the server's business.
A witness that a server refuses shows nothing, so what can be kept of these is kept.
"""

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeGuard

__all__ = ["fits", "member_of", "sample", "schema_of"]

Schema = Mapping[str, Any]
Json = Any

_DEEPEST, _MOST_SAMPLES = 12, 200
_LONGEST_PATTERN, _LONGEST_TEXT, _SHORT_TEXT, _MOST_REPEATS = 200, 80, 8, 3
"""Patterns are a server's. Some take ages on long texts: those that repeat much, or repeat repetitions."""

_REPEATS = re.compile(r"[*+]|\{[0-9]*,[0-9]*\}")
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{[0-9]*,)")

_FORMATS: Mapping[str, str] = {
    "email": "someone@example.com",
    "uri": "https://example.com/x",
    "uri-reference": "/x",
    "url": "https://example.com/x",
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_TEXTS = (
    "x", "1", "X", "xx", "x1", "example", "acme/app", "acme", "main", "example.com", "a-b", "a_b", "en",
    "en-US",
    "USD", "EUR", "v1.0.0", "1.0.0", "1.2", "#123456", "/x", "x.txt", "12345", "0000", "00:00", "2026-01",
    "2026", "ABC-1", "ABC", "user-1", "id_1", "sha256:" + "0" * 64, "0" * 40, "0" * 64, *_FORMATS.values(),
)  # fmt: skip


def schema_of(written: bytes) -> Schema:
    """The `inputSchema` of a pinned tool's item; an empty one where there is none."""
    item = json.loads(written) if written else {}
    found = item.get("inputSchema") if isinstance(item, dict) else None
    return found if isinstance(found, dict) else {}


def member_of(schema: Schema, name: str, root: Schema) -> Schema:
    """The schema of one member of objects of a schema, as far as that is plain."""
    for part in _parts(schema, root):
        properties = part.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get(name), dict):
            found: Schema = properties[name]
            return found
    return {}


def fits(value: Json, schema: Schema, root: Schema, depth: int = 0) -> bool:
    """Whether a value satisfies what narrows values of its type; what isn't understood narrows nothing."""
    if depth > _DEEPEST:
        return True
    return all(_fits_one(value, part, root, depth) for part in _parts(schema, root))


def sample(schema: Schema, root: Schema, depth: int = 0) -> Json:
    """Something that a schema takes, as far as that can be told."""
    first, *others = islice(_samples(schema, root, depth), _MOST_SAMPLES)
    return next((value for value in (first, *others) if fits(value, schema, root, depth)), first)


def _parts(schema: Schema, root: Schema) -> Iterator[Schema]:
    """A schema and all that it refers to, or demands besides."""
    rest, seen = [schema], 0
    while rest and seen < 4 * _DEEPEST:
        part = rest.pop(0)
        seen += 1
        yield part
        reference = part.get("$ref")
        if isinstance(reference, str) and isinstance(target := _resolved(reference, root), dict):
            rest.append(target)
        rest += [each for each in _listed(part, "allOf") if isinstance(each, dict)]


def _listed(schema: Schema, key: str) -> list[Any]:
    found = schema.get(key)
    return found if isinstance(found, list) else []


def _resolved(reference: str, root: Schema) -> Any:  # noqa: ANN401 -- JSON
    """What a local reference leads to (RFC 6901); None for others."""
    if not reference.startswith("#"):
        return None
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _fits_one(value: Json, schema: Schema, root: Schema, depth: int) -> bool:
    if "const" in schema and value != schema["const"]:
        return False
    if (choices := _listed(schema, "enum")) and value not in choices:
        return False
    for key in ("anyOf", "oneOf"):
        ways = [way for way in _listed(schema, key) if isinstance(way, dict)]
        deeper = _below(depth, len(ways))
        if ways and not any(_typed(value, way) and fits(value, way, root, deeper) for way in ways):
            return False
    match value:
        case bool():
            return True
        case str():
            return _fits_text(value, schema)
        case int() | float():
            return _fits_number(value, schema)
        case list():
            return _within(len(value), schema, "minItems", "maxItems") and _each(
                value, schema.get("items"), root, depth
            )
        case dict():
            members = ((part, member_of(schema, name, root)) for name, part in value.items())
            return all(fits(part, member, root, depth + 1) for part, member in members)
        case _:
            return True


def _typed(value: Json, schema: Schema) -> bool:
    kinds: Mapping[str, tuple[type, ...]] = {
        "string": (str,),
        "boolean": (bool,),
        "integer": (int,),
        "number": (int, float),
        "array": (list,),
        "object": (dict,),
        "null": (type(None),),
    }
    stated = schema.get("type")
    names = stated if isinstance(stated, list) else [stated]
    return stated is None or any(type(value) in kinds.get(str(name), ()) for name in names)


def _each(values: Iterable[Json], items: Any, root: Schema, depth: int) -> bool:  # noqa: ANN401 -- JSON
    return not isinstance(items, dict) or all(fits(value, items, root, depth + 1) for value in values)


def _within(size: float, schema: Schema, least: str, most: str) -> bool:
    low, high = schema.get(least), schema.get(most)
    return not (_is_number(low) and size < low) and not (_is_number(high) and size > high)


def _fits_number(value: float, schema: Schema) -> bool:
    low, high, step = (schema.get(key) for key in ("exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
    return (
        _within(value, schema, "minimum", "maximum")
        and not (_is_number(low) and value <= low)
        and not (_is_number(high) and value >= high)
        and not (_is_number(step) and step > 0 and value % step != 0)
    )


def _fits_text(value: str, schema: Schema) -> bool:
    if not _within(len(value), schema, "minLength", "maxLength"):
        return False
    pattern = schema.get("pattern")
    if not isinstance(pattern, str) or len(value) > _longest(pattern):
        return True
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


def _longest(pattern: str) -> int:
    """How long a text may be that is held against a pattern."""
    if len(pattern) > _LONGEST_PATTERN:
        return -1
    plain = len(_REPEATS.findall(pattern)) <= _MOST_REPEATS and not _REPEATED_GROUP.search(pattern)
    return _LONGEST_TEXT if plain else _SHORT_TEXT


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of ECMA 262, as far as Python reads it alike."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def _is_number(value: Any) -> TypeGuard[int | float]:  # noqa: ANN401 -- JSON
    return isinstance(value, int | float) and not isinstance(value, bool)


def _samples(schema: Schema, root: Schema, depth: int) -> Iterator[Json]:
    """Things to try, the likeliest first; there is at least one."""
    parts = [*_parts(schema, root)]
    for part in parts:
        yield from (part[key] for key in ("const", "default") if key in part)
        yield from (*_listed(part, "examples"), *_listed(part, "enum"))
    if depth < _DEEPEST:
        ways = [way for part in parts for key in ("anyOf", "oneOf") for way in _listed(part, key)]
        deeper = _below(depth, len(ways))
        yield from (sample(way, root, deeper) for way in ways if isinstance(way, dict))
    yield from _of_type(parts, root, depth)


def _of_type(parts: Sequence[Schema], root: Schema, depth: int) -> Iterator[Json]:
    """The same, by nothing but the type and what narrows it."""
    whole: dict[str, Any] = {}
    for part in reversed(parts):
        whole |= part
    stated = whole.get("type", "object" if "properties" in whole else "string")
    match stated[0] if isinstance(stated, list) and stated else stated:
        case "integer" | "number":
            yield from _numbers(whole)
        case "boolean":
            yield from (False, True)
        case "array":
            yield _array(whole, root, depth)
        case "object":
            yield _object(parts, root, depth)
        case "null":
            yield None
        case _:
            yield from _texts(whole)


def _array(schema: Schema, root: Schema, depth: int) -> list[Json]:
    least, items = schema.get("minItems"), schema.get("items")
    count = min(int(least), 100) if _is_number(least) else 0
    deeper = _below(depth, count)
    one = sample(items, root, deeper) if isinstance(items, dict) and depth < _DEEPEST else "x"
    return [one] * count


def _object(parts: Iterable[Schema], root: Schema, depth: int) -> dict[str, Json]:
    needed = [name for part in parts for name in _listed(part, "required") if isinstance(name, str)]
    if depth >= _DEEPEST:
        return {}
    whole: Schema = {"allOf": [*parts]}
    deeper = _below(depth, len(needed))
    return {name: sample(member_of(whole, name, root), root, deeper) for name in needed}


def _below(depth: int, ways: int) -> int:
    """How deep what lies below is: the more there is of it, the sooner it ends, so that it does end."""
    return depth + 1 + ways // 2


def _numbers(schema: Schema) -> Iterator[Json]:
    yield 1
    for key, by in (
        ("minimum", 0), ("maximum", 0), ("exclusiveMinimum", 1), ("exclusiveMaximum", -1), ("multipleOf", 0),
    ):  # fmt: skip
        if _is_number(bound := schema.get(key)):
            yield bound + by
    yield 0


def _texts(schema: Schema) -> Iterator[str]:
    least = schema.get("minLength")
    size = min(int(least), 4096) if _is_number(least) else 0
    form = _FORMATS.get(str(schema.get("format")))
    for text in (*(() if form is None else (form,)), *_TEXTS):
        yield text if len(text) >= size else text.ljust(size, text[-1])
