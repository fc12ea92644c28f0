"""The examples of a profile file: checked to be filled in, whether or not they fit its rules."""

from collections.abc import Iterator, Mapping
from string import Template
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.mapper.decoders import DECODERS
from policy_engine.mapper.language import FlagType
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles.examples import ENCODE, example_flags, fill, sample_values
from policy_engine.mapper.profiles.flags import check_flags
from policy_engine.mapper.profiles.profile import Example, Profile, Refused
from policy_engine.mapper.profiles.profile_file import ExampleFile
from policy_engine.mapper.profiles.source_text import SourceText, Steps

__all__ = ["check_example_flags", "read_examples", "read_refused"]

_PLACEHOLDERS = frozenset({"id", "client", "issuer", "audience", "now", "exp", "jti"})


def read_examples(text: SourceText) -> Mapping[Kind, Example]:
    """One example for each rule.

    Raises:
        ConfigError: there is a rule without one, or one without a rule, or one that can't be filled in.
    """
    written = text.written
    examples: dict[Kind, Example] = {}
    kinds: tuple[tuple[Kind, str | None, ExampleFile | None], ...] = (
        ("client", written.client, written.examples.client),
        ("user", written.user, written.examples.user),
    )
    for kind, rule, example in kinds:
        if (rule is None) != (example is None):
            raise text.error(("examples",), f"`{kind}` needs a rule and an example, or neither")
        if example is not None:
            examples[kind] = _example(text, ("examples", kind), example, f"example-{kind}")
    return MappingProxyType(examples)


def read_refused(text: SourceText) -> tuple[Refused, ...]:
    """The traps.

    Raises:
        ConfigError: one can't be filled in.
    """
    return tuple(
        Refused(
            example=_example(text, ("examples", "refused", index), one, "example-trap"), because=one.because
        )
        for index, one in enumerate(text.written.examples.refused)
    )


def check_example_flags(text: SourceText, steps: Steps, profile: Profile, example: Example) -> None:
    """Check what an example says that an operator with such tokens sets.

    Raises:
        ConfigError: an operator couldn't.
    """
    try:
        check_flags(profile, example_flags(example, example.id), of="the example")
    except ConfigError as error:
        raise text.error((*steps, "flags"), error.problem, error.remedy) from None


def _example(text: SourceText, steps: Steps, written: ExampleFile, default_id: str) -> Example:
    flags = {name for name, flag in text.vocabulary.flags.items() if flag is not FlagType.BOOLEAN}
    for part in (written.header, written.claims):
        _check(text, steps, part, _PLACEHOLDERS | flags)
    example = Example(
        id=written.id or default_id,
        issuer=written.issuer,
        flags=MappingProxyType(written.flags),
        header=MappingProxyType(written.header),
        claims=MappingProxyType(written.claims),
        place=text.document.place(steps),
    )
    try:
        fill(example, flags, sample_values(example), example.flags)
    except ConfigError as error:
        raise text.error(steps, error.problem, error.remedy) from None
    return example


def _check(text: SourceText, steps: Steps, value: Any, known: frozenset[str]) -> None:  # noqa: ANN401 -- any YAML
    for found in _texts(text, steps, value):
        template = Template(found)
        if not template.is_valid() or not known.issuperset(template.get_identifiers()):
            listed = ", ".join(f"${name}" for name in sorted(known))
            raise text.error(steps, "an example has an unknown placeholder", f"known are {listed}")


def _texts(text: SourceText, steps: Steps, value: Any) -> Iterator[str]:  # noqa: ANN401 -- any YAML
    match value:
        case str():
            yield value
        case list():
            for inner in value:
                yield from _texts(text, steps, inner)
        case dict():
            if ENCODE in value:
                _check_fields(text, steps, value)
            for name, inner in value.items():
                if name != ENCODE:
                    yield from _texts(text, steps, inner)
        case _:
            pass


def _check_fields(text: SourceText, steps: Steps, value: dict[str, Any]) -> None:
    name = value[ENCODE]
    decoder = DECODERS.get(name) if isinstance(name, str) else None
    if decoder is None:
        known = ", ".join(sorted(DECODERS))
        raise text.error(steps, f"an example names no decoder after `{ENCODE}`", f"use one of {known}")
    if value.keys() != {ENCODE, *decoder.fields} or not all(isinstance(one, str) for one in value.values()):
        fields = ", ".join(f"`{field}`" for field in decoder.fields)
        raise text.error(
            steps,
            f"an example gives `{name}` other fields than it has",
            f"write {fields} as texts, and no others",
        )
