"""A profile as an operator reads it: whom it can tell, what it relies on, what has to be set and where."""

import json
from collections.abc import Iterator
from typing import Any

from policy_engine.mapper import Kind, Profile, example_token

__all__ = ["kinds_of", "page_lines", "record_of"]

_WHOSE: dict[Kind, str] = {"client": "a machine", "user": "a person"}


def kinds_of(profile: Profile) -> str:
    """Whom the issuer speaks for, as far as the profile can tell."""
    if profile.machines_only:
        return "machines only"
    kinds = [word for word, rule in (("machines", profile.client), ("people", profile.user)) if rule]
    return " and ".join(kinds)


def page_lines(profile: Profile) -> Iterator[tuple[str, str]]:
    """Labels and texts; a text that goes on has an empty label."""
    yield "profile", f"{profile.name} ({profile.title})"
    yield "tells", kinds_of(profile)
    yield from _listed("issuers", [form.source for form in profile.issuer_forms] or ["of any form"])
    documentation = profile.documentation
    yield "relies on", documentation.relies_on
    yield "written by", documentation.written_by
    yield "operator", documentation.operator
    flags = [
        f"{name}: {flag.type.value}{', required' if flag.required else ''}. {flag.description}"
        for name, flag in profile.flags.items()
    ]
    yield from _listed("flags", flags or ["none"])
    yield "algorithms", ", ".join(profile.algorithms)
    yield from _listed("sources", list(documentation.sources))
    for kind, whose in _WHOSE.items():
        if (token := _example(profile, kind)) is not None:
            yield "example", f"of {whose}'s token: {json.dumps(token['header'])}"
            yield from (("", line) for line in json.dumps(token["claims"], indent=2).splitlines())


def record_of(profile: Profile, *, whole: bool = False) -> dict[str, Any]:
    """The same for programs."""
    record: dict[str, Any] = {
        "name": profile.name,
        "title": profile.title,
        "machines": profile.client is not None,
        "people": profile.user is not None,
        "machines_only": profile.machines_only,
        "issuer_forms": [form.source for form in profile.issuer_forms],
        "flags": {
            name: {"type": flag.type.value, "required": flag.required, "description": flag.description}
            for name, flag in profile.flags.items()
        },
    }
    if not whole:
        return record
    examples = {kind: token for kind in _WHOSE if (token := _example(profile, kind)) is not None}
    return record | {
        "documentation": profile.documentation.model_dump(mode="json"),
        "algorithms": list(profile.algorithms),
        "examples": examples,
    }


def _listed(label: str, texts: list[str]) -> Iterator[tuple[str, str]]:
    for position, text in enumerate(texts):
        yield (label if position == 0 else ""), text


def _example(profile: Profile, kind: Kind) -> dict[str, Any] | None:
    """A token of the profile's own, with the sample of an id that it gives."""
    example = profile.examples.get(kind)
    if example is None:
        return None
    header, claims = example_token(
        profile,
        kind,
        id=example.id,
        client="example-application",
        issuer="https://issuer.example.com",
        audience="https://mcp.example.com/github",
        now=1_800_000_000,
        lifetime=300,
        jti="example-token",
        flags=example.flags,
    )
    return {"header": header, "claims": claims}
