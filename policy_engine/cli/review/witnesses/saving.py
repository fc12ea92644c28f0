"""Witnesses as scenarios that fail until the policies are mended: "this must not be allowed"."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from policy_engine.cli.review.witnesses.proving import prove
from policy_engine.engine import decided
from policy_engine.errors import ConfigError
from policy_engine.files import Edit, add_entry, read_document, read_text, replace_file
from policy_engine.harness import Asked, World
from policy_engine.harness.entries import call_entry, json_text, principal_entry
from policy_engine.harness.running import run_cases
from policy_engine.harness.scenarios import SCENARIO, load_scenarios
from policy_engine.model import Client, Identity, User
from policy_engine.review.witness import Call

__all__ = ["Saved", "save_scenario"]

Entry = Mapping[str, Any]

_LAST = 253_402_300_800
"""The end of the year 9999, in seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of witnesses.

    Attributes:
        file: the scenario file.
        names: of the groups that were added, one a witness.
        known: of those that were there already.
        left: calls that the file can't hold, and why.
    """

    file: Path
    names: tuple[str, ...]
    known: tuple[str, ...]
    left: tuple[tuple[Call, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """One witness, as a scenario file says it."""

    name: str
    who: tuple[str, Entry]
    asks: tuple[str, Entry]

    def sections(self) -> tuple[tuple[str, str, Entry], ...]:
        """What is added, and to which sections."""
        test = {"who": self.who[0], "asks": self.asks[0], "expect": "deny"}
        return (
            ("principals", *self.who),
            ("calls", *self.asks),
            ("groups", self.name, {"tests": [test]}),
        )


def save_scenario(world: World, calls: Iterable[Call], file: Path) -> Saved:
    """Write calls that are allowed and mustn't be into a scenario file; the file is made if there is none.

    What is in the file stays as it is. A call that is in it already isn't written twice.

    Args:
        world: the configuration that the calls are of; its clock is set.
        calls: what mustn't be allowed.
        file: its name ends in `.scenario.yaml`.

    Raises:
        ConfigError: it isn't such a name; the file can't be read, written or added to; nothing was changed.
    """
    if not file.name.endswith(SCENARIO):
        raise ConfigError(f"`{file.name}` isn't a name of a scenario file", remedy=f"end it in `{SCENARIO}`")
    wanted = tuple(calls)
    now, before, text = _begun(world, file, wanted)
    names: list[str] = []
    known: list[str] = []
    left: list[tuple[Call, str]] = []
    there = {} if before is None else read_document(file).data
    for call in wanted:
        if not call.decision.allowed:
            left.append((call, "it is denied already"))
        elif not 0 <= now < _LAST:
            left.append((call, "a scenario's time is one from 1970 to 9999"))
        elif not _is_allowed(world, call, now):
            left.append((call, "it is allowed at another time than the file's `now`: name another file"))
        else:
            written = _written(world, call)
            if written.name in (*(there.get("groups") or ()), *names):
                known.append(written.name)
                continue
            text = _added(text, written, there, names)
            names.append(written.name)
    if names:
        _put(world, file, before, text, names)
    return Saved(file=file, names=tuple(names), known=tuple(known), left=tuple(left))


def _begun(world: World, file: Path, calls: tuple[Call, ...]) -> tuple[float, str | None, str]:
    """When the file's tests happen, and its text as it is, if it is there, and as it is gone on with."""
    if file.exists():
        text = read_text(file)
        cases = load_scenarios([file], world)
        return cases[0].now, text, text
    # Calls that can be made at any time are made at the same one; a demanded time is the file's.
    first = next((call for call in calls if not call.timely), calls[0] if calls else None)
    at = 0.0 if first is None else first.at
    head = "# Calls that a review found, and that must not be allowed.\nversion: 1\n"
    return at, None, f"{head}now: {_shown(at)}\n"


def _shown(at: float) -> str:
    """A time as scenario files have it; seconds since the epoch where that isn't exact."""
    if at != int(at) or not 0 <= at < _LAST:
        return repr(at)
    return json_text(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _is_allowed(world: World, call: Call, now: float) -> bool:
    proof = prove(world, call, at=now)
    if proof is not None:
        return proof.holds
    world.clock.set(now)
    identity = Identity(principal=call.principal, token=call.token)
    decision, _ = decided(world.engine.stages, identity, call.message, call.server, call.http, at=now)
    return decision.allowed


def _written(world: World, call: Call) -> _Written:
    who, asks = _who(call), _asks(world, call)
    mark = _mark([who, asks])
    principal = call.principal
    kind = "machine" if isinstance(principal, Client) else "person"
    if isinstance(principal, User) and principal.actor is not None:
        kind = "agent of"
    own = _plain(principal.uid.id.partition("/")[2])
    verb = asks.get("http", {}).get("method")
    tool = _plain(str(asks.get("tool") or asks.get("method") or verb or "message"))
    return _Written(
        name=f"must be denied, {mark}",
        who=(f"{kind} {own} {_mark(who)}", who),
        asks=(f"{tool} {_mark(asks)}", asks),
    )


def _who(call: Call) -> Entry:
    """With a token where there is one; else as the principal itself."""
    bearer = call.bearer
    if bearer is None:
        return principal_entry(Identity(principal=call.principal, token=replace(call.token, jti=None)))
    also = {
        "through": bearer.through,
        "scope": bearer.scope,
        "claims": dict(bearer.claims) or None,
        "header": dict(bearer.header) or None,
    }
    given = {name: value for name, value in also.items() if value is not None}
    return {bearer.kind: bearer.id, "issuer": bearer.issuer, **given}


def _asks(world: World, call: Call) -> Entry:
    asked = Asked(name="", message=call.message, server=call.server, http=call.http, origin=None)
    return call_entry(asked, world.engine.stages.servers)


def _added(text: str, written: _Written, there: Mapping[str, Any], names: list[str]) -> str:
    for section, name, entry in written.sections():
        held = there.get(section)
        if isinstance(held, dict) and name in held:
            continue
        if section != "groups" and names and f"{json_text(name)}:" in text:
            continue
        text = add_entry(text, section, name, entry).after
    return text


def _put(world: World, file: Path, before: str | None, text: str, names: list[str]) -> None:
    """Write the file, if its new cases are read, and fail."""

    def check(path: Path) -> None:
        cases = [case for case in load_scenarios([path], world) if any(name in case.id for name in names)]
        if run_cases(world, cases).failed != len(names):
            raise ConfigError("what was saved wouldn't fail", remedy="please report it", file=file)

    made = before is None
    if made:
        _make(file)
    try:
        replace_file(file, Edit(before=before or "", after=text), check=check)
    except BaseException:
        if made:
            file.unlink(missing_ok=True)
        raise


def _make(file: Path) -> None:
    try:
        file.touch(exist_ok=False)
    except OSError as error:
        problem = f"can't write the file: {error.strerror}"
        raise ConfigError(problem, remedy="name one in a folder that is there", file=file) from error


def _mark(value: object) -> str:
    """Six characters that tell it from others of the same name."""
    text = json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:6]


def _plain(name: str) -> str:
    """Without what part names in tables and ids."""
    return "".join(char if char.isalnum() or char in "-_.@" else "-" for char in name)[:60] or "x"
