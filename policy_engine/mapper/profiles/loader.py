"""Profile files to profiles: read, checked, parsed and vetted, so that one which loads can be relied on."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from policy_engine.errors import ConfigError
from policy_engine.files import Document, check, read_document
from policy_engine.mapper.language import ClaimPath, ClaimType, FlagType, Test, Vocabulary, parse_rule
from policy_engine.mapper.profiles.profile import ClientIdSource, Example, Flag, Native, Profile
from policy_engine.mapper.profiles.profile_file import ProfileFile
from policy_engine.mapper.profiles.vetting import takes_absence_for_evidence
from policy_engine.mapper.token_class import OTHER_CLASSES, TYP, media_type

__all__ = ["load_profile", "profile_names"]

Steps = tuple[str | int, ...]
Cases = dict[str | None, ClaimPath]

_ABSENT = "absent"
_MARKER_TYPES = frozenset({ClaimType.STRING, ClaimType.SPACES, ClaimType.LIST, ClaimType.STRINGS})
_PLACEHOLDERS = frozenset({"id", "client", "issuer", "audience", "now", "exp", "jti"})


@cache
def profile_names() -> tuple[str, ...]:
    """The names of the profiles that are shipped, sorted."""
    folder = files("policy_engine.mapper").joinpath("profiles")
    names = (item.name for item in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load_profile(name: str | Path) -> Profile:
    """Load a shipped profile by name, or an operator's own by the path of its YAML file.

    Raises:
        ConfigError: there is none, or it can't be used.
    """
    if isinstance(name, str) and name in profile_names():
        return _shipped(name)
    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        raise ConfigError(
            f"no profile is named `{name}`",
            remedy=f"use one of {', '.join(profile_names())}, or the path of a .yaml file",
        )
    return _Loader(read_document(path), path.stem).profile()


@cache
def _shipped(name: str) -> Profile:
    with as_file(files("policy_engine.mapper").joinpath("profiles", f"{name}.yaml")) as path:
        return _Loader(read_document(path), name).profile()


class _Loader:
    """One document on its way to a profile; every error knows its place."""

    def __init__(self, document: Document, name: str) -> None:
        self.document = document
        self.name = name
        self.written = check(ProfileFile, document)
        self.names: dict[str, Test] = {}
        self.vocabulary = Vocabulary(
            types={self.path(("types", key), key): value for key, value in self.written.types.items()},
            flags={key: flag.type for key, flag in self.written.flags.items()},
            names=self.names,  # grows while `define:` is read, so that each name can use those above it
        )

    def profile(self) -> Profile:
        written = self.written
        for name, text in written.define.items():
            self.names[name] = self.rule(("define", name), text)
        profile = Profile(
            name=self.name,
            title=written.title,
            documentation=written.documentation,
            typ=self.typ(),
            required=written.required,
            algorithms=written.algorithms,
            multiple_audiences=written.multiple_audiences,
            id_tokens_allowed=written.id_tokens_allowed,
            typed_subject=written.typed_subject,
            hidden_exchange=written.hidden_exchange,
            client_id=self.client_id(),
            user_id=None if written.user_id is None else self.path(("user_id",), written.user_id),
            flags=MappingProxyType(
                {
                    key: Flag(type=flag.type, description=flag.description)
                    for key, flag in written.flags.items()
                }
            ),
            client=None if written.client is None else self.rule(("client",), written.client),
            user=None if written.user is None else self.rule(("user",), written.user),
            refuse=self.rules("refuse", written.refuse),
            native=tuple(self.native(key) for key in written.native),
            scopes=self.path(("scopes",), written.scopes),
            actor=None if written.act is None else written.act.actor,
            category=self.rules("category", written.category),
            examples=self.examples(),
        )
        self.vet(profile)
        return profile

    def vet(self, profile: Profile) -> None:
        if profile.client is None and profile.user is None:
            raise self.document.error((), "a profile needs a rule", "write `client:`, `user:` or both")
        if profile.user is not None and profile.user_id is None:
            raise self.document.error(
                ("user",), "people have no id", "say which claim it is under `user_id:`"
            )
        if takes_absence_for_evidence(profile, self.vocabulary):
            raise self.document.error(
                ("user",),
                "the rule `user` holds for a token that has only the required claims: absence is no evidence",
                "name something that only a person's token has",
            )

    def rules(self, key: str, texts: Mapping[Any, str]) -> Mapping[str, Test]:
        return MappingProxyType({name: self.rule((key, name), text) for name, text in texts.items()})

    def rule(self, steps: Steps, text: str) -> Test:
        try:
            return parse_rule(text, self.vocabulary)
        except ConfigError as error:
            raise self.located(steps, text, error) from None

    def located(self, steps: Steps, text: str, error: ConfigError) -> ConfigError:
        """The error with its place in the file, where the rule stands there as it was read."""
        key = self.document.error(steps, error.problem, error.remedy)
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

    def path(self, steps: Steps, text: str) -> ClaimPath:
        try:
            return ClaimPath.parse(text)
        except ValueError:
            raise self.document.error(steps, f"`{text}` names no claim") from None

    def typ(self) -> frozenset[str | None]:
        types = frozenset(None if typ is None else media_type(typ) for typ in self.written.typ)
        if types & OTHER_CLASSES:
            raise self.document.error(("typ",), "an access token never has one of these types")
        return types

    def client_id(self) -> ClientIdSource:
        written = self.written.client_id
        if written.by is None:
            cases: Cases = {None: self.path(("client_id",), written.claim or "")}
            return ClientIdSource(by=None, cases=MappingProxyType(cases), optional=written.optional)
        by = self.path(("client_id", "by"), written.by)
        spelt = media_type if by == TYP else str
        return ClientIdSource(
            by=by,
            cases=MappingProxyType(
                {
                    None if key == _ABSENT else spelt(key): self.path(("client_id", "cases", key), claim)
                    for key, claim in written.cases.items()
                }
            ),
            optional=written.optional,
        )

    def native(self, key: str) -> Native:
        written = self.written.native[key]
        read = self.vocabulary.read(self.path(("native", key), key))
        if read.type not in _MARKER_TYPES:
            raise self.document.error(("native", key), "a marker is a text or a list of texts")
        if written.when is not None and self.vocabulary.flags.get(written.when) is not FlagType.BOOLEAN:
            raise self.document.error(("native", key, "when"), f"no boolean flag is named `{written.when}`")
        return Native(
            read=read, client=_values(written.client), user=_values(written.user), when=written.when
        )

    def examples(self) -> Mapping[str, Example]:
        written = self.written
        for kind, rule in (("client", written.client), ("user", written.user)):
            if (rule is None) == (kind in written.examples):
                raise self.document.error(("examples",), f"`{kind}` needs a rule and an example, or neither")
        for kind, example in written.examples.items():
            self.check_placeholders(("examples", kind), [example.header, example.claims])
        return MappingProxyType(
            {
                kind: Example(header=example.header, claims=example.claims)
                for kind, example in written.examples.items()
            }
        )

    def check_placeholders(self, steps: Steps, value: Any) -> None:  # noqa: ANN401 -- any YAML
        if isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                self.check_placeholders(steps, inner)
        elif isinstance(value, str):
            template = Template(value)
            if not template.is_valid() or not _PLACEHOLDERS.issuperset(template.get_identifiers()):
                known = ", ".join(f"${name}" for name in sorted(_PLACEHOLDERS))
                raise self.document.error(
                    steps, "an example has an unknown placeholder", f"known are {known}"
                )


def _values(written: tuple[str, ...]) -> frozenset[str | None]:
    return frozenset(None if value == _ABSENT else value for value in written)
