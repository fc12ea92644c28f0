"""A profile file while it is read: its rules and claims' names parsed, every error at its place."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.files import Document, check
from policy_engine.mapper.decoders import DECODERS
from policy_engine.mapper.language import (
    ClaimPath,
    ClaimType,
    FlagType,
    Pattern,
    Read,
    Root,
    Test,
    Vocabulary,
    parse_rule,
)
from policy_engine.mapper.profiles.profile import Decoding
from policy_engine.mapper.profiles.profile_file import ProfileFile

__all__ = ["SourceText", "Steps"]

Steps = tuple[str | int, ...]
"""Keys from the root of the file to a part of it."""


class SourceText:
    """One document, its shape checked.

    Raises:
        ConfigError: it isn't a profile's.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.written = check(ProfileFile, document)
        self.names: dict[str, Test] = {}
        self.decodings: dict[str, Decoding] = {}
        self._decoded: set[tuple[str, ...]] = set()
        self.vocabulary = Vocabulary(
            types={self.path(("types", key), key): value for key, value in self.written.types.items()},
            flags={key: flag.type for key, flag in self.written.flags.items()},
            names=self.names,  # grows while `define:` is read, so that each name can use those above it
            decoded=self._decoded,
        )
        for name, decode in self.written.decode.items():
            if decode.decoder not in DECODERS:
                known = ", ".join(sorted(DECODERS))
                raise self.error(
                    ("decode", name, "decoder"),
                    f"no decoder is named `{decode.decoder}`",
                    f"use one of {known}",
                )
            self.decodings[name] = Decoding(
                read=Read(self.path(("decode", name, "claim"), decode.claim), ClaimType.STRING),
                decoder=DECODERS[decode.decoder],
                optional=decode.optional,
            )
        # Only now: what is decoded is no claim to decode again.
        self._decoded.update(
            (name, field) for name, decoding in self.decodings.items() for field in decoding.decoder.fields
        )

    def error(self, steps: Steps, problem: str, remedy: str = "") -> ConfigError:
        """An error at a part of the file."""
        return self.document.error(steps, problem, remedy)

    def path(self, steps: Steps, text: str) -> ClaimPath:
        """The claim that a key names."""
        try:
            path = ClaimPath.parse(text)
        except ValueError:
            raise self.error(steps, f"`{text}` names no claim") from None
        if path.root is Root.DECODED and path.names not in self._decoded:
            raise self.error(steps, f"`{text}` names nothing that is decoded", "name a field under `decode:`")
        return path

    def read(self, steps: Steps, text: str) -> Read:
        """The claim that a key names, with its type."""
        return self.vocabulary.read(self.path(steps, text))

    def rule(self, steps: Steps, text: str) -> Test:
        """The rule that stands at a key."""
        try:
            return parse_rule(text, self.vocabulary)
        except ConfigError as error:
            raise self.located(steps, text, error) from None

    def rules(self, key: str, texts: Mapping[Any, str]) -> Mapping[Any, Test]:
        """The rules of a mapping, by its keys."""
        return MappingProxyType({name: self.rule((key, name), text) for name, text in texts.items()})

    def pattern(self, steps: Steps, text: str) -> Pattern:
        """The pattern that stands at a key."""
        try:
            return Pattern.parse(text)
        except ValueError as error:
            raise self.error(steps, str(error)) from None

    def flag(self, steps: Steps, name: str, *types: FlagType) -> str:
        """The name of a flag that has one of these types."""
        if self.vocabulary.flags.get(name) not in types:
            words = " or ".join(types)
            raise self.error(steps, f"no flag of type {words} is named `{name}`", "declare it under `flags:`")
        return name

    def located(self, steps: Steps, text: str, error: ConfigError) -> ConfigError:
        """The error of a rule with its place in the file, where the rule stands there as it was read."""
        key = self.error(steps, error.problem, error.remedy)
        if key.file is None or key.line is None or error.line is None or error.column is None:
            return key
        wanted = text.split("\n")
        lines = Path(key.file).read_text("utf-8").split("\n")
        for start in range(key.line - 1, len(lines) - len(wanted) + 1):
            if all(part in line for part, line in zip(wanted, lines[start:], strict=False)):
                line = start + error.line
                column = lines[line - 1].find(wanted[error.line - 1]) + error.column
                return ConfigError(
                    error.problem, remedy=error.remedy, file=key.file, line=line, column=column
                )
        return key  # folded, or escaped: the place of the key has to do
