"""What a starter project holds: texts by their place in it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from policy_engine.cedar import render
from policy_engine.cli.bundled import bundled
from policy_engine.cli.catalogues import Entry, catalogue_text, catalogue_value, counted, unreviewed
from policy_engine.cli.starter.keys import new_key
from policy_engine.config import config_json_schema
from policy_engine.harness.scenarios import scenario_json_schema
from policy_engine.mcp import TOOLS, Catalogue, Server, full_schema
from policy_engine.model import CedarJson

__all__ = ["Project", "example_project", "pinned_project"]

_TEMPLATES = Path(__file__).parent / "templates"
_EXAMPLE, _EXAMPLE_URI = "delivery", "https://mcp.example.com/delivery"
_KNOWN = "The server's canonical URI (RFC 8707): what a token must carry as its audience."
_UNKNOWN = "Not known yet: write the server's canonical URI (RFC 8707). Tokens carry it as their audience."

_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,128}")
"""Names of tools that MCP recommends; others are pinned, but no example is written about them."""

_ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project that isn't written yet.

    Attributes:
        texts: what each file holds.
        private: which of the files only their owner may read.
        pinned: how many of what are pinned, in words.
    """

    texts: Mapping[PurePosixPath, str]
    private: frozenset[PurePosixPath]
    pinned: str


def example_project() -> Project:
    """An invented server, a machine that may deploy to staging, and people who may deploy anywhere."""
    written = json.loads(_template("example/delivery.json"))
    entries = [Entry(kind=TOOLS, item=each["item"], reviewed=each["reviewed"]) for each in written]
    names = ("ci-bot.cedar", "people.cedar", f"{_EXAMPLE}.scenario.yaml")
    policies = {name: _template(f"example/{name}") for name in names}
    return _project(_EXAMPLE, _EXAMPLE_URI, _KNOWN, entries, policies, _template("example/README.md"))


def pinned_project(server: str, uri: str | None, items: Mapping[str, Sequence[Mapping[str, Any]]]) -> Project:
    """What a server lists, none of it reviewed, and commented examples that speak of its tools.

    Args:
        server: its name in ids; must fit the pattern of server names.
        uri: its canonical URI, if it is known.
        items: of its lists, by member, as it wrote them; checked before, by `check_pinnable`.
    """
    entries = list(unreviewed(items))
    count = counted(entries)
    readme = _filled(_template("pinned/README.md"), server=server, count=count)
    note, uri = (_UNKNOWN, f"https://mcp.example.com/{server}") if uri is None else (_KNOWN, uri)
    policies = {
        f"{server}.cedar": _examples(server, entries),
        f"{server}.scenario.yaml": _template("pinned/server.scenario.yaml"),
    }
    return _project(server, uri, note, entries, policies, readme)


def _project(
    server: str,
    uri: str,
    note: str,
    entries: Sequence[Entry],
    policies: Mapping[str, str],
    readme: str,
) -> Project:
    config = _filled(
        _template("policy-engine.yaml"), server=server, resource_note=note, resource=json.dumps(uri)
    )
    texts = {
        "policy-engine.yaml": config,
        "README.md": readme,
        ".gitignore": _template("gitignore"),
        f"catalogues/{server}.json": catalogue_text(entries),
        "policies/baseline.cedar": _baseline(),
        **{f"policies/{name}": text for name, text in policies.items()},
        "policies/policies.cedarschema": render(_schema(server, entries)),
        "schemas/policy-engine.schema.json": config_json_schema(),
        "schemas/scenario.schema.json": scenario_json_schema(),
        "keys/corp.private.json": new_key(),
        "keys/machines.private.json": new_key(),
    }
    return Project(
        texts={PurePosixPath(name): text for name, text in texts.items()},
        private=frozenset(PurePosixPath(name) for name in texts if name.startswith("keys/")),
        pinned=counted(entries, adjective="pinned "),
    )


def _baseline() -> str:
    """The shipped baseline, under a heading of its own: the README that the shipped one names isn't here."""
    _, first, rest = bundled("policies/baseline/baseline.cedar").read_text("utf-8").partition("@id")
    return _template("baseline-heading.cedar") + first + rest


def _schema(server: str, entries: Sequence[Entry]) -> CedarJson:
    catalogue = Catalogue.from_json(server, catalogue_value(entries))
    return full_schema({server: Server(name=server, resource="", catalogue=catalogue)})


def _examples(server: str, entries: Sequence[Entry]) -> str:
    """Policies as comments; what a server chose gets in only where it is a plain name."""
    text = _filled(_template("pinned/own.cedar"), server=server)
    found = max(_machine_examples(server, entries), key=lambda pair: bool(pair[1]), default=None)
    if found is not None:
        tool, condition = found
        text += _filled(_template("pinned/machine.cedar"), server=server, tool=tool, condition=condition)
    return text


def _machine_examples(server: str, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Tools with plain names, each with a condition on a required text argument if it has one."""
    actions = _schema(server, entries)[""]["actions"]
    for name in (entry.key for entry in entries if entry.kind is TOOLS):
        if _PLAIN.fullmatch(name):
            context = actions[f"{server}/{name}"]["appliesTo"]["context"]["attributes"]
            arguments = context["arguments"].get("attributes", {})
            texts = [
                argument
                for argument, row in arguments.items()
                if row["type"] == "String"
                and row["required"]
                and _ATTRIBUTE.fullmatch(argument)
                and argument not in _RESERVED
            ]
            yield name, f'\n// when {{ context.arguments.{texts[0]} == "…" }}' if texts else ""


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _filled(template: str, **values: str) -> str:
    """Fill in each `{{name}}`, at once: a value that looks like a placeholder stays what it is."""
    return re.sub(r"\{\{([a-z_]+)\}\}", lambda match: values[match[1]], template)
