"""Attributes that an operator declares: their names and types, and that everything that fills them fits.

They are declared once for all issuers, so that a policy means the same of everybody whom it may meet.
"""

import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from policy_engine.cedar import is_identifier
from policy_engine.config.models import Config, IssuerConfig
from policy_engine.config.rules import Problem
from policy_engine.files import kind_of
from policy_engine.mcp import ENTITY_TYPES, PRINCIPALS
from policy_engine.model import AttributeType, AttributeValue, DeclaredAttributes, Tags, TypedAttributes

__all__ = ["check_attributes", "check_listed", "declared_attributes", "listed_attributes"]

# Those of both types, for either: `principal has client_id` must go on telling a machine from a person.
_BUILT_IN = frozenset(name for kind in PRINCIPALS for name in ENTITY_TYPES[kind].attributes)


def declared_attributes(config: Config) -> DeclaredAttributes:
    """What the Cedar schema and the mapper take the declared attributes for, by entity type and name."""
    written = {"User": config.attributes.User, "Client": config.attributes.Client}
    return MappingProxyType(
        {
            kind: MappingProxyType({name: AttributeType(type_) for name, type_ in types.items()})
            for kind, types in written.items()
        }
    )


def listed_attributes(
    written: Mapping[str, Any], declared: Mapping[str, AttributeType]
) -> tuple[Tags, TypedAttributes]:
    """What the registry says of a client: tags, and the values of declared attributes."""
    tags = {name: _as_tuple(value) for name, value in written.items() if name not in declared}
    typed = {name: _typed(value, declared[name]) for name, value in written.items() if name in declared}
    return MappingProxyType(tags), MappingProxyType(typed)


def check_listed(
    path: tuple[str | int, ...], attributes: Mapping[str, object], declared: Mapping[str, AttributeType]
) -> Iterator[Problem]:
    """Yield every value of listed attributes that doesn't fit; lists are given as tuples."""
    for name, value in attributes.items():
        place, type_ = (*path, name), declared.get(name)
        yield from _tag(place, value) if type_ is None else _value(place, value, type_)


def check_attributes(config: Config) -> Iterator[Problem]:
    """Yield every problem, in the order of the file."""
    declared = declared_attributes(config)
    for kind, attributes in declared.items():
        for name in attributes:
            yield from _name(("attributes", kind, name), name)
    for issuer, entry in config.issuers.items():
        yield from _claims(issuer, entry, declared)
        for key, listed in (("clients", entry.clients), ("client_prefixes", entry.client_prefixes)):
            for id_, client in listed.items():
                path = ("issuers", issuer, key, id_, "attributes")
                yield from check_listed(path, client.attributes, declared["Client"])


def _name(path: tuple[str, ...], name: str) -> Iterator[Problem]:
    if name in _BUILT_IN:
        yield path, f"`{name}` is an attribute of people or machines already", "give it another name"
    elif not is_identifier(name):
        yield path, f"`{name}` is a word of the Cedar language", "give it another name"


def _claims(issuer: str, entry: IssuerConfig, declared: DeclaredAttributes) -> Iterator[Problem]:
    for key, kind, claims in (("user", "User", entry.claims.user), ("client", "Client", entry.claims.client)):
        for name in claims.attributes:
            if name in declared[kind]:
                continue
            path = ("issuers", issuer, "claims", key, "attributes", name)
            near = difflib.get_close_matches(name, declared[kind], n=1)
            declare = f"declare its type, `attributes: {{{kind}: {{{name}: string}}}}`, or read it as a tag"
            remedy = f"did you mean `{near[0]}`?" if near else declare
            yield path, f"`{name}` isn't declared as an attribute of `{kind}`", remedy


def _value(path: tuple[str | int, ...], value: object, type_: AttributeType) -> Iterator[Problem]:
    if type_.admits(_typed(value, type_)):
        return
    name = path[-1]
    problem = f"`{name}` is declared as `{type_}`, and this isn't one"
    quotes = type_ is AttributeType.STRING and type(value) in (bool, int, float)
    yield path, problem, "put it in quotes" if quotes else f"write {type_.meaning}"


def _tag(path: tuple[str | int, ...], value: object) -> Iterator[Problem]:
    for index, item in enumerate(_as_tuple(value)):
        place = (*path, index) if isinstance(value, tuple) else path
        written = ".".join(map(str, place))
        if not isinstance(item, str):
            remedy = f"put it in quotes, or declare the type of `{path[-1]}` under `attributes.Client`"
            yield place, f"`{written}` is read as a {kind_of(item)}", remedy
        elif not item:
            yield place, f"`{written}` is empty", "write a value, or leave it out"


def _typed(value: Any, type_: AttributeType) -> AttributeValue:  # noqa: ANN401 -- from the file
    return _as_tuple(value) if type_ is AttributeType.STRINGS else value


def _as_tuple(value: Any) -> tuple[Any, ...]:  # noqa: ANN401 -- from the file
    return value if isinstance(value, tuple) else (value,)
