"""The keys of a profile file that say where ids are."""

from types import MappingProxyType

from policy_engine.mapper.language import ClaimPath, ClaimType, Read
from policy_engine.mapper.profiles.profile import ClientIdSource, IdSource
from policy_engine.mapper.profiles.profile_file import IdFile
from policy_engine.mapper.profiles.source_text import SourceText, Steps
from policy_engine.mapper.token_class import TYP, media_type

__all__ = ["client_id_source", "id_source"]

_ABSENT = "absent"
_HOLE = "<id>"


def client_id_source(text: SourceText) -> ClientIdSource | None:
    """What `client_id:` says.

    Raises:
        ConfigError: a claim can't hold an id.
    """
    written = text.written.client_id
    if written is None:
        return None
    if written.by is None:
        claims = written.first or (written.claim or "",)
        sources = tuple(_at(text, ("client_id",), claim) for claim in claims)
        return ClientIdSource(by=None, cases=MappingProxyType({None: sources}), optional=written.optional)
    by = text.path(("client_id", "by"), written.by)
    return ClientIdSource(
        by=Read(by, ClaimType.STRING),
        cases=MappingProxyType(
            {
                _value(by, key): (_at(text, ("client_id", "cases", key), claim),)
                for key, claim in written.cases.items()
            }
        ),
        optional=written.optional,
    )


def id_source(text: SourceText, key: str, written: IdFile | None) -> IdSource | None:
    """What `machine_id:` or `user_id:` says.

    Raises:
        ConfigError: a claim can't hold an id, or `matches` isn't text around one `<id>`.
    """
    if written is None:
        return None
    before, hole, after = (written.matches or _HOLE).partition(_HOLE)
    if not hole or "<" in before + after or ">" in before + after:
        raise text.error((key, "matches"), "it isn't text around one hole", "write the hole as `<id>`")
    return IdSource(
        read=_at(text, (key,), written.claim).read,
        around=(before, after),
        prefix=written.prefix or "",
        empty_is_absent=written.empty_is_absent,
    )


def _at(text: SourceText, steps: Steps, claim: str) -> IdSource:
    read = text.read(steps, claim)
    if read.type not in (ClaimType.STRING, ClaimType.STRINGS):
        raise text.error(steps, f"`{claim}` is of type {read.type}, which is no id", "name a string")
    return IdSource(read=read)


def _value(by: ClaimPath, key: str) -> str | None:
    if key == _ABSENT:
        return None
    return media_type(key) if by == TYP else key
