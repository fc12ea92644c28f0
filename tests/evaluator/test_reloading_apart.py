"""A large set is checked in a process of its own; what comes of it is as if it had been checked here."""

import gc
import os
import resource
import signal
import stat
import sys
import threading
import time
import tracemalloc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policy_engine.config import LoadedConfig, config_from_values, load_static_entities, protected_servers
from policy_engine.config.policies import _checked_against, policy_sources
from policy_engine.errors import ConfigError, PolicyError
from policy_engine.evaluator import PolicyStore, Workplace, load_policies, load_policies_apart
from policy_engine.evaluator.reloading.frames import frame
from policy_engine.evaluator.reloading.work import READY
from tests.benchmarks.world import FACTS, World, machine, message, policies

GOOD = {
    "a.cedar": """\
// people
// policy-engine: allow PS006 -- on purpose
@id("people") @kinds("both") permit (principal is User, action in Action::"read_only", resource)
  when { context.arguments has repo && context.arguments.repo like "acme/*" };
@id("tried") @mode("shadow") forbid (principal, action, resource);
""",
    "b/c.cedar": """\
@id("bot") @delegable
  permit (principal == Client::"corp/bot", action == Action::"github/list_issues", resource);
  @id("group") @x_note("\\u{1f600} \\"; unless") permit (
    principal in ClientGroup::"corp/bots", action in [Action::"github/*", Action::"call_tool"],
    resource is Tool in ToolGroup::"careful"
  ) unless { context.arguments has repo };
@id("never") forbid (principal is User, action, resource) when { principal is Client };
""",
}
BAD = {
    "a.cedar": """\
@id("one") permit (principal, action, resource) when { context.arguments.repo };
@id("two") permit (principal == Client::"nobody/x", action, resource);
this is nothing;
""",
    "b/c.cedar": """\
@id("one") forbid (principal, action == Action::"github/lst_issues", resource);
@mode("shadow") forbid (principal, action, resource);
@id("linked") permit (principal == ?principal, action, resource);
""",
}
ITEM = {
    "name": "list_issues",
    "annotations": {"readOnlyHint": True},
    "inputSchema": {"type": "object", "properties": {"repo": {"type": "string"}}},
}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., PolicyStore]:
    """Load policies of some files, apart unless `place` is None."""

    def made(files: dict[str, str], place: Workplace | None = None, *, here: bool = False) -> PolicyStore:
        for name, text in files.items():
            (tmp_path / "p" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "p" / name).write_text(text)
        loaded: LoadedConfig = config_from_values(
            {
                "version": 1,
                "servers": {
                    "github": {
                        "resource": "https://mcp.example.com",
                        "catalogue": {"tools": [{"reviewed": True, "item": ITEM}]},
                    },
                    "other": {"resource": "https://other.example.com"},
                },
                "issuers": {"corp": {"issuer": "https://login.example.com", "profile": "rfc9068"}},
                "policies": [tmp_path / "p"],
            },
            entity_values=[
                {
                    "uid": {"type": "Tool", "id": "github/list_issues"},
                    "parents": [{"type": "ToolGroup", "id": "careful"}],
                }
            ],
        )
        servers, static = protected_servers(loaded), load_static_entities(loaded)
        checked: dict[str, Any] = _checked_against(loaded, servers, static)
        if here:
            return load_policies(policy_sources(loaded), **checked)
        return load_policies_apart(policy_sources(loaded), **checked, few=0, place=place or Workplace())

    return made


def interpreter(folder: Path, text: str) -> str:
    """A program that is started like an interpreter."""
    file = folder / "python-of-ours"
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def says(*pieces: bytes) -> str:
    """A program that says something, and then reads what it is told."""
    text = b"".join(pieces)
    return f"import sys; sys.stdout.buffer.write({text!r}); sys.stdout.flush(); sys.stdin.buffer.read()"


def refusal(error: ConfigError) -> list[tuple[Any, ...]]:
    """Everything that is wrong."""
    return [
        (type(one), str(one), one.problem, one.remedy, one.file, one.line, one.column, one.code, one.detail)
        for one in (error, *error.others)
    ]


def test_a_set_is_the_same_wherever_it_was_checked(load: Callable[..., PolicyStore]) -> None:
    """Policies with their places, what runs, what is named, the digest, warnings."""
    here, apart = load(GOOD, here=True), load(GOOD)

    assert list(apart.policies.items()) == list(here.policies.items())
    assert list(apart.policies.values()) == list(here.policies.values())
    assert apart.effective_text(origins=True) == here.effective_text(origins=True)
    assert (apart.digest, apart.literals, apart.actions) == (here.digest, here.literals, here.actions)
    assert apart.warnings == here.warnings != ()
    assert apart.policies["bot"].match is apart.policies["bot"].match
    assert [policy.written.text.count("actor") for policy in apart.policies.values()] == [0] * 5
    assert [policy.effective is policy.written for policy in apart.policies.values()] == [
        False, True, True, False, True,
    ]  # fmt: skip


def test_what_is_wrong_is_the_same_wherever_it_was_found(load: Callable[..., PolicyStore]) -> None:
    """Every error with its class, its place and its remedy, in the same order."""
    with pytest.raises(PolicyError) as here:
        load(BAD, here=True)
    with pytest.raises(PolicyError) as apart:
        load(BAD)

    assert refusal(apart.value) == refusal(here.value)
    assert len(refusal(apart.value)) > 5


@pytest.mark.parametrize("python", ["", "/usr/sbin/uwsgi", "/none/python3"])
def test_without_an_interpreter_a_set_is_checked_here(load: Callable[..., PolicyStore], python: str) -> None:
    """A frozen program, one that has Python inside, a path that leads nowhere."""
    assert load(GOOD, Workplace(python=python)).digest == load(GOOD, here=True).digest


@pytest.mark.parametrize(
    "first",
    [b"", b"hello", frame(("hello",)), b"\xff" * 64, frame(READY)[:-1]],
    ids=["nothing", "text", "another word", "too large", "cut off"],
)
def test_what_does_not_say_that_it_is_ready_is_not_asked(
    load: Callable[..., PolicyStore], tmp_path: Path, first: bytes
) -> None:
    """It ends, or says something else: then the set is checked here."""
    text = f"import sys; sys.stdin.readline(); sys.stdout.buffer.write({first!r})"

    store = load(GOOD, Workplace(python=interpreter(tmp_path, text)))

    assert list(store.policies) == ["people", "tried", "bot", "group", "never"]


class Trap:
    """What nobody may make of what a process says."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Read as the answer of a function."""
        return os.putenv, ("trapped", "yes")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00",
        b"garbage, and more than eight bytes of it",
        frame(("rows", 1)),
        frame(("accepted",)),
        frame(("what",)),
        frame("accepted"),
        frame(()),
        frame(("rows", Trap())),
        frame(("rows", ()))[:-1],
    ],
    ids=[
        "nothing",
        "a byte",
        "text",
        "no rows",
        "no digest",
        "unknown",
        "no tuple",
        "empty",
        "an object",
        "cut off",
    ],
)
def test_garbage_is_no_set(load: Callable[..., PolicyStore], tmp_path: Path, answer: bytes) -> None:
    """A process that breaks down half way: what it said until then is worth nothing."""
    text = says(frame(READY), answer)

    with pytest.raises(ConfigError, match=r"^the process that checks policies ended before it was done "):
        load(GOOD, Workplace(python=interpreter(tmp_path, text)))


def test_a_process_that_fails_says_no_more_than_how(load: Callable[..., PolicyStore], tmp_path: Path) -> None:
    """The class of the error; its text may quote a policy."""
    text = says(frame(READY), frame(("failed", "MemoryError")))

    with pytest.raises(ConfigError, match=r"^the process that checks policies failed: MemoryError "):
        load(GOOD, Workplace(python=interpreter(tmp_path, text)))


def test_a_process_has_so_much_time(load: Callable[..., PolicyStore], tmp_path: Path) -> None:
    """To start, and to check; then it is gone."""
    silent = interpreter(tmp_path, says())
    began = time.monotonic()

    assert load(GOOD, Workplace(python=silent, to_start=0.3)).digest == load(GOOD, here=True).digest
    hung = interpreter(tmp_path, f"import time; {says(frame(READY))}; time.sleep(60)")
    with pytest.raises(ConfigError, match=r"^the process that checks policies took too long "):
        load(GOOD, Workplace(python=hung, to_check=(0.5, 0.0)))
    assert time.monotonic() - began < 20


def test_a_process_that_is_killed_is_told(load: Callable[..., PolicyStore], tmp_path: Path) -> None:
    """By whoever needs the memory, in the middle of its work."""
    file = tmp_path / "pid"
    text = f"""import os, sys, time
with open({str(file)!r}, "w") as file:
    file.write(f"{{os.getpid()}}.")
sys.stdout.buffer.write({frame(READY)!r})
sys.stdout.flush()
time.sleep(30)
"""

    def kill() -> None:
        while not (file.exists() and file.read_text().endswith(".")):
            time.sleep(0.01)
        time.sleep(0.2)
        os.kill(int(file.read_text()[:-1]), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    with pytest.raises(ConfigError, match=r"^the process that checks policies ended before it was done "):
        load(GOOD, Workplace(python=interpreter(tmp_path, text)))

    with pytest.raises(ProcessLookupError):  # nothing of it is left
        os.kill(int(file.read_text()[:-1]), 0)


def test_a_reload_of_many_policies_is_checked_apart(tmp_path: Path) -> None:
    """What an engine loads first is checked at once; what it loads anew, in a process of its own."""
    file = tmp_path / "p.cedar"
    file.write_text(policies(600, "old-"))
    world = World.new()
    engine = world.engine(file)  # type: ignore[arg-type]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    file.write_text(policies(600, "new-"))
    ids = [engine.authorize(machine(), message(), token=FACTS).policies[0].id]

    engine.reload()

    ids.append(engine.authorize(machine(), message(), token=FACTS).policies[0].id)
    assert ids == ["old-ci-0", "new-ci-0"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before + 0.1
    file.write_text(policies(600, "bad-") + "permit;")
    with pytest.raises(PolicyError):
        engine.reload()
    assert engine.authorize(machine(), message(), token=FACTS).policies[0].id == "new-ci-0"


def test_a_policy_takes_little_room(load: Callable[..., PolicyStore]) -> None:
    """Of thousands a few decide: the others are texts, and nothing that garbage collection looks at."""
    text = "".join(
        f'@id("p{n}") permit (principal == Client::"corp/c{n}", action, resource)'
        f' when {{ context.token.scopes.contains("s{n}") }};\n'
        for n in range(600)
    )
    load({"a.cedar": GOOD["a.cedar"]}, here=True)
    gc.collect()
    tracemalloc.start()
    tracked, before = len(gc.get_objects()), tracemalloc.get_traced_memory()[0]

    store = load({"a.cedar": text}, here=True)

    gc.collect()
    room = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(store.policies) == 600
    assert room / 600 < 2_500
    assert (len(gc.get_objects()) - tracked) / 600 < 1


def test_a_set_that_was_replaced_is_given_back_bit_by_bit(tmp_path: Path) -> None:
    """Without the garbage collector, and not at once: whoever decides would wait for it."""
    file = tmp_path / "p.cedar"
    file.write_text(policies(600, "old-"))
    engine = World.new().engine(file)  # type: ignore[arg-type]
    gc.collect()
    gc.disable()
    try:
        old = weakref.ref(engine._recall.stages.evaluator)  # noqa: SLF001 -- nobody else has it
        file.write_text(policies(600, "new-"))
        engine.reload()
        releasing = [thread for thread in threading.enumerate() if thread.name == "release"]
        for thread in releasing:
            thread.join(10)

        assert (len(releasing), old()) == (1, None)
    finally:
        gc.enable()
