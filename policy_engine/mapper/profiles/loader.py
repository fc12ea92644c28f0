"""Profile files to profiles: read, checked, parsed and vetted, so that one which loads can be relied on."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

from policy_engine.errors import ConfigError
from policy_engine.files import Document, read_document
from policy_engine.mapper.language import ClaimType, FlagType
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles.example_files import check_example_flags, read_examples, read_refused
from policy_engine.mapper.profiles.id_sources import client_id_source, id_source
from policy_engine.mapper.profiles.profile import Example, Flag, Listed, Native, Profile, Tenant
from policy_engine.mapper.profiles.source_text import SourceText, Steps
from policy_engine.mapper.profiles.vetting import takes_absence_for_evidence
from policy_engine.mapper.token_class import OTHER_CLASSES, media_type

__all__ = ["load_profile", "profile_names"]

_ABSENT = "absent"
_MARKER_TYPES = frozenset(
    {ClaimType.STRING, ClaimType.SPACES, ClaimType.WORDS, ClaimType.LIST, ClaimType.STRINGS}
)


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
        raise ConfigError(f"no profile is named `{name}`", remedy=_another(str(name)))
    return _profile(read_document(path), path.stem)


def _another(name: str) -> str:
    near = get_close_matches(name, profile_names(), n=1)
    known = f"did you mean `{near[0]}`? " if near else ""
    return f"{known}`policy-engine issuers list-profiles` shows all; one's own is named by its .yaml file"


@cache
def _shipped(name: str) -> Profile:
    with as_file(files("policy_engine.mapper").joinpath("profiles", f"{name}.yaml")) as path:
        return _profile(read_document(path), name)


def _profile(document: Document, name: str) -> Profile:
    text = SourceText(document)
    written = text.written
    for key, rule in written.define.items():
        text.names[key] = text.rule(("define", key), rule)
    profile = Profile(
        name=name,
        title=written.title,
        documentation=written.documentation,
        issuer_forms=tuple(text.pattern(("issuer_forms",), form) for form in written.issuer_forms),
        typ=_typ(text),
        required=written.required,
        algorithms=written.algorithms,
        audience=written.audience,
        machines_only=written.machines_only,
        prefix_separator=_prefix_separator(text),
        self_written=frozenset(written.self_written),
        multiple_audiences=written.multiple_audiences,
        id_tokens_allowed=written.id_tokens_allowed,
        typed_subject=written.typed_subject,
        hidden_exchange=written.hidden_exchange,
        client_id=client_id_source(text),
        machine_id=id_source(text, "machine_id", written.machine_id),
        user_id=id_source(text, "user_id", written.user_id),
        decodings=MappingProxyType(text.decodings),
        trust_domain=_trust_domain(text),
        tenant=_tenant(text),
        listed=_listed(text),
        tags=_tags(text),
        flags=MappingProxyType(
            {
                key: Flag(type=flag.type, description=flag.description, required=flag.required)
                for key, flag in written.flags.items()
            }
        ),
        client=None if written.client is None else text.rule(("client",), written.client),
        user=None if written.user is None else text.rule(("user",), written.user),
        refuse=text.rules("refuse", written.refuse),
        native=tuple(_native(text, key) for key in written.native),
        scopes=text.path(("scopes",), written.scopes),
        actor=None if written.act is None else written.act.actor,
        category=text.rules("category", written.category),
        examples=read_examples(text),
        refused=read_refused(text),
    )
    _vet(profile, text)
    return profile


def _vet(profile: Profile, text: SourceText) -> None:
    if profile.client is None and profile.user is None:
        raise text.error((), "a profile needs a rule", "write `client:`, `user:` or both")
    if profile.user is not None and profile.user_id is None:
        raise text.error(("user",), "people have no id", "say which claim it is under `user_id:`")
    if profile.client is not None and profile.client_id is None and profile.machine_id is None:
        raise text.error(("client",), "machines have no id", "write `client_id:` or `machine_id:`")
    if profile.machines_only and profile.user is not None:
        raise text.error(
            ("user",), "an issuer of machines only has no rule for people", "take one of the two out"
        )
    if takes_absence_for_evidence(profile):
        raise text.error(
            ("user",),
            "the rule `user` may hold for a token that has only what every token has: absence is no evidence",
            "name something that only a person's token has",
        )
    for steps, example in _examples(profile):
        check_example_flags(text, steps, profile, example)


def _examples(profile: Profile) -> Iterator[tuple[Steps, Example]]:
    for kind, example in profile.examples.items():
        yield ("examples", kind), example
    for index, trap in enumerate(profile.refused):
        yield ("examples", "refused", index), trap.example


def _typ(text: SourceText) -> frozenset[str | None]:
    types = frozenset(None if typ is None else media_type(typ) for typ in text.written.typ)
    if types & OTHER_CLASSES:
        raise text.error(("typ",), "an access token never has one of these types")
    return types


def _prefix_separator(text: SourceText) -> str:
    separator = text.written.prefix_separator
    if (separator is not None) != text.written.machines_only:
        key = "machines_only" if separator is None else "prefix_separator"
        raise text.error(
            (key,),
            "`machines_only` and `prefix_separator` go together",
            "say what ends a name within a machine's id, such as `:` or `/`",
        )
    return separator or ""


def _trust_domain(text: SourceText) -> str | None:
    name = text.written.trust_domain
    return None if name is None else text.flag(("trust_domain",), name, FlagType.TEXT)


def _tenant(text: SourceText) -> Tenant | None:
    written = text.written.tenant
    if written is None:
        return None
    return Tenant(
        path=text.path(("tenant", "claim"), written.claim),
        flag=text.flag(("tenant", "flag"), written.flag, FlagType.TEXT, FlagType.TEXTS),
        of=written.of,
    )


def _listed(text: SourceText) -> Listed | None:
    written = text.written.listed
    if written is None:
        return None
    return Listed(
        client=text.flag(("listed", "client"), written.client, FlagType.TEXTS),
        user=text.flag(("listed", "user"), written.user, FlagType.TEXTS),
    )


def _tags(text: SourceText) -> Mapping[Kind, Mapping[str, str]]:
    for kind, tags in (("client", text.written.tags.client), ("user", text.written.tags.user)):
        if tags and kind in text.written.self_written:
            raise text.error(
                ("tags", kind), "a tag would say what its bearer wrote", "take the tags of this kind out"
            )
        for tag, claim in tags.items():
            text.path(("tags", kind, tag), claim)
    written = text.written.tags
    return MappingProxyType(
        {"client": MappingProxyType(written.client), "user": MappingProxyType(written.user)}
    )


def _native(text: SourceText, key: str) -> Native:
    written = text.written.native[key]
    read = text.read(("native", key), key)
    if read.type not in _MARKER_TYPES:
        raise text.error(("native", key), "a marker is a text or a list of texts")
    if written.when is not None:
        text.flag(("native", key, "when"), written.when, FlagType.BOOLEAN)
    return Native(read=read, client=_values(written.client), user=_values(written.user), when=written.when)


def _values(written: tuple[str, ...]) -> frozenset[str | None]:
    return frozenset(None if value == _ABSENT else value for value in written)
