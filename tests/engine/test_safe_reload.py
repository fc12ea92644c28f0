"""What changed is used if nothing is wrong with it; else what was there stays. Real files, real threads."""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.cli.policies import good_enough, watched_beside
from policy_engine.config import Stages
from policy_engine.engine import PolicyWatcher, heed_sighup
from policy_engine.errors import ConfigError, PolicyError
from policy_engine.model import Unobserved

CONFIG = """\
version: 1
servers:
  github: {{resource: https://mcp.example.com/github, catalogue: github.json}}
issuers:
  corp: {{issuer: https://login.example.com, profile: rfc9068, keys: {{file: corp.json}}}}
  machines:
    issuer: https://as.example.com
    profile: policy-engine
    keys: {{file: machines.json}}
    clients:
      ci-bot: {{grants: [client_credentials]}}
policies: policies/
reload: {reload}
"""
READS = """\
@id("reads")
permit (principal == Client::"machines/ci-bot", action == Action::"github/list_issues", resource);
"""
ALL = READS.replace('== Action::"github/list_issues"', 'in Action::"github/*"')
STOPS = '@id("stops") forbid (principal, action == Action::"github/delete_repository", resource);\n'
MORE = '@id("more") permit (principal is User, action == Action::"github/list_issues", resource);\n'
OPEN = '@id("open") permit (principal, action == Action::"github/create_issue", resource);\n'
SCENARIO = """\
version: 1
principals:
  ci: {client: ci-bot}
calls:
  list: {tool: list_issues, arguments: {repo: a}}
  delete: {tool: delete_repository, arguments: {repo: a}}
matrix:
  ci: {allow by reads: list}
"""
OTHER = SCENARIO.replace("allow by reads: list", "no_permit: list, forbidden by stops: delete")


@dataclass
class Told(Unobserved):
    """What an observer hears of loading."""

    heard: list[tuple[int, str | None]] = field(default_factory=list)

    def reloaded(
        self, generation: int, _seconds: float, error: Exception | None, /, *, policies: int
    ) -> None:
        """Note it."""
        del policies
        self.heard.append((generation, None if error is None else str(error)))


@dataclass(kw_only=True)
class Project:
    """A folder with a configuration, its engine, and tokens."""

    folder: Path
    world: Any
    call: Callable[..., dict[str, Any]]
    told: Told = field(default_factory=Told)
    engine: PolicyEngine = field(init=False)

    def open(self) -> PolicyEngine:
        """Load it."""
        self.engine = PolicyEngine.from_config(
            self.folder / "policy-engine.yaml", observers=[self.told], now=lambda: self.world.now
        )
        return self.engine

    def write(self, name: str, text: str) -> Path:
        """Put a file in its place at once, as editors and deployments do."""
        file = self.folder / name
        beside = file.with_name(f".{file.name}.new")
        beside.write_text(text, "utf-8")
        return beside.replace(file)

    def ids(self) -> list[str]:
        """The policies in force."""
        return [*self.engine.stages.policies.policies]

    @contextmanager
    def watched(self, **changes: Any) -> Iterator[PolicyWatcher]:
        """Watch it, ten times as often as is usual."""
        watcher = PolicyWatcher(
            self.engine, checks=(good_enough,), also=watched_beside, watch=True, every=0.05, **changes
        )
        with watcher:
            yield watcher

    def until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.told.heard
            time.sleep(0.01)


@pytest.fixture
def project(world: Any, call: Callable[..., dict[str, Any]], tmp_path: Path) -> Iterator[Project]:
    """A project of two files of policies, and a scenario."""
    from tests.conftest import CATALOGUE  # noqa: PLC0415 -- what the world's own servers list

    made = Project(folder=tmp_path, world=world, call=call)
    (tmp_path / "policies").mkdir()
    for name in ("corp", "machines"):
        made.write(f"{name}.json", json.dumps({"keys": [world.keys[name].public_jwk()]}))
    made.write("github.json", json.dumps(CATALOGUE))
    made.write("policy-engine.yaml", CONFIG.format(reload="{}"))
    made.write("policies/a.cedar", READS)
    made.write("policies/b.cedar", STOPS)
    yield made
    made.engine.close()


def test_what_doesnt_load_or_pass_leaves_the_last_good_set_in_force(project: Project) -> None:
    """A broken file, a failing scenario, a review that isn't proved: each is refused at its place."""
    project.write("policy-engine.yaml", CONFIG.format(reload="{review: [separation]}"))
    project.write("policies/own.scenario.yaml", SCENARIO)
    engine = project.open()
    before = engine.stages

    def refused(**files: str) -> str:
        for name, text in files.items():
            project.write(f"policies/{name}.cedar", text)
        with pytest.raises(ConfigError) as caught:
            engine.reload(checks=(good_enough,))
        assert engine.stages is before
        return str(caught.value).replace(f"{project.folder}/", "")

    broken = refused(a="permit (principal, action")
    failing = refused(a=READS.replace("list_issues", "create_issue"))
    unproved = refused(a=READS + OPEN)
    project.write("policies/a.cedar", READS + MORE)
    engine.reload(checks=(good_enough,))

    assert broken.startswith("policies/a.cedar:1:")
    assert failing == (
        "policies/own.scenario.yaml:8:8: the case `policies/own.scenario.yaml::ci::list` isn't decided as it "
        "expects: decision: expected allow, got deny (no_permit); policies: expected reads, got none "
        "(see why: policy-engine test)"
    )
    assert unproved == (
        "policies/a.cedar:3:1: the review's `separation` is violated of `every permit`: 1 of 2 permits can't "
        "tell a machine from a person: `open` (see all of it: policy-engine review)"
    )
    assert (engine.stages.generation, project.ids()) == (2, ["reads", "more", "stops"])
    heard = [
        (generation, None if why is None else why.replace(f"{project.folder}/", ""))
        for generation, why in project.told.heard
    ]
    assert heard == [(1, None), (1, broken), (1, failing), (1, unproved), (2, None)]


def test_checks_can_be_switched_off(project: Project) -> None:
    """A scenario that fails keeps nothing back where scenarios don't count."""
    project.write("policy-engine.yaml", CONFIG.format(reload="{scenarios: false}"))
    project.write("policies/own.scenario.yaml", OTHER)
    engine = project.open()

    engine.reload(checks=(good_enough,))

    assert engine.stages.generation == 2


def test_a_check_that_fails_by_a_bug_keeps_the_set_back(project: Project) -> None:
    """Whatever a check raises, nothing is swapped."""
    engine = project.open()
    before = engine.stages

    def broken(_stages: Stages) -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        engine.reload(checks=(broken,))
    assert engine.stages is before
    assert PolicyWatcher(engine, checks=(broken,)).reload() is False
    assert engine.stages is before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("policies/a.cedar", '@id("reads") permit (principal is User, action, resource); // now\n'),
        ("policies/c.cedar", '@id("more") forbid (principal is Client, action, resource);'),
        ("github.json", '{"tools": []}'),
        ("policy-engine.yaml", CONFIG.format(reload="{every: 3}")),
        ("machines.json", None),
    ],
    ids=["a policy", "another file", "a catalogue", "the configuration", "keys"],
)
def test_a_watcher_loads_what_changed(project: Project, name: str, text: str | None) -> None:
    """Once, soon after it stands still."""
    project.write("policies/a.cedar", '@id("reads") permit (principal is User, action, resource);')
    project.write("policies/b.cedar", "")
    engine = project.open()
    if text is None:
        keys = [project.world.keys[each].public_jwk() for each in ("machines", "stranger")]
        text = json.dumps({"keys": keys})
    with project.watched():
        project.write(name, text)
        project.until(lambda: engine.stages.generation == 2)
        time.sleep(0.3)
        assert engine.stages.generation == 2


def test_a_watcher_sees_what_changed_before_it_began(project: Project) -> None:
    """Between loading and watching nothing gets lost."""
    began = time.time() - 1
    engine = project.open()
    project.write("policies/c.cedar", MORE)

    with project.watched(since=began):
        project.until(lambda: engine.stages.generation == 2)

    assert project.ids() == ["reads", "stops", "more"]


def test_touched_files_and_hidden_ones_are_no_change(project: Project) -> None:
    """What says the same needn't be loaded."""
    engine = project.open()
    looks = []

    def also(_loaded: Any) -> list[Path]:
        looks.append(1)
        return []

    with PolicyWatcher(engine, also=also, watch=True, every=0.05, since=time.time() + 60):
        os.utime(project.folder / "policies/a.cedar", (1, 1))
        project.write("policies/b.cedar", STOPS)
        (project.folder / "policies/.c.cedar").write_text("broken", "utf-8")
        count = len(looks)
        project.until(lambda: len(looks) > count + 6)

    assert (engine.stages.generation, project.told.heard) == (1, [(1, None)])


def test_files_that_flap_arent_loaded_until_they_stand_still(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is something else at each look is never half taken, and the log says so."""
    engine = project.open()
    done = threading.Event()
    number = 0

    def also(_loaded: Any) -> list[Path]:
        nonlocal number
        if not done.is_set():
            number += 1
            project.write("policies/c.cedar", f"{MORE}// {number}\n")
        return []

    with (
        caplog.at_level(logging.WARNING, "policy_engine"),
        PolicyWatcher(engine, also=also, watch=True, every=0.01, since=time.time() + 60),
    ):
        project.until(lambda: "files change all the time" in caplog.text)
        assert engine.stages.generation == 1
        done.set()
        project.until(lambda: engine.stages.generation == 2)

    assert project.ids() == ["reads", "stops", "more"]


def test_files_that_change_while_they_are_loaded_arent_used(project: Project) -> None:
    """Half of an old set and half of a new one would be neither; both are loaded once they stand still."""
    engine = project.open()
    calls = 0

    def also(_loaded: Any) -> list[Path]:
        nonlocal calls
        calls += 1
        if calls == 2:  # the look after loading
            project.write("policies/b.cedar", STOPS + MORE)
        return []

    watcher = PolicyWatcher(engine, also=also, watch=True, every=0.02)
    project.write("policies/a.cedar", READS + OPEN.replace('@id("open")', '@id("late") @kinds("both")'))

    assert watcher.reload() is False
    assert project.ids() == ["reads", "stops"]
    with watcher:
        project.until(lambda: engine.stages.generation == 2)
    assert project.ids() == ["reads", "late", "stops", "more"]


def test_a_refused_set_is_told_once_and_tried_again_when_it_is_mended(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where what was wrong is the scenario, or a file that only the new configuration names."""
    scenario = "policies/own.scenario.yaml"
    project.write(scenario, SCENARIO)
    engine = project.open()

    with caplog.at_level(logging.WARNING, "policy_engine"), project.watched():
        project.write("policies/a.cedar", MORE)
        project.until(lambda: "stays in force" in caplog.text)
        time.sleep(0.3)
        refused = [record.getMessage() for record in caplog.records]
        project.write(scenario, OTHER)
        project.until(lambda: engine.stages.generation == 2)
        (project.folder / "more").mkdir()
        project.write("more/m.cedar", "no policy")
        text = CONFIG.format(reload="{}").replace("policies/", "[policies/, more/]")
        project.write("policy-engine.yaml", text)
        project.until(lambda: "m.cedar:1:" in caplog.text)
        project.write("more/m.cedar", OPEN.replace("@id", '@kinds("both") @id'))
        project.until(lambda: engine.stages.generation == 3)

    assert len(refused) == 1
    assert refused[0].startswith(
        f"not loaded, and generation 1 stays in force: {project.folder}/policies/own.scenario.yaml:"
    )
    assert project.ids() == ["more", "stops", "open"]


def test_sighup_loads_whether_or_not_files_are_watched(project: Project) -> None:
    """The configuration says that nothing is watched, and the signal asks for it."""
    engine = project.open()
    before = signal.getsignal(signal.SIGHUP)
    with PolicyWatcher(engine, checks=(good_enough,)) as watcher:
        undo = heed_sighup(watcher)
        try:
            project.write("policies/c.cedar", MORE)
            time.sleep(0.2)
            assert engine.stages.generation == 1
            os.kill(os.getpid(), signal.SIGHUP)
            project.until(lambda: engine.stages.generation == 2)
        finally:
            undo()

    assert project.ids() == ["reads", "stops", "more"]
    assert signal.getsignal(signal.SIGHUP) == before


def test_decisions_under_a_storm_of_bad_and_good_sets_are_of_good_ones(project: Project) -> None:
    """Torn, broken and failing sets come and go while two threads ask; nothing more is allowed."""
    project.write("policies/own.scenario.yaml", SCENARIO)
    engine = project.open()
    token, done = project.world.machine(), threading.Event()
    seen: set[tuple[str, str, bool]] = set()
    good = {project.engine.stages.digest}

    def ask() -> None:
        while not done.is_set():
            for name in ("list_issues", "delete_repository"):
                decision = engine.evaluate(token, project.call(name, repo="a"))
                seen.add((decision.policy_digest or "", name, decision.allowed))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    with project.watched():
        for number in range(4):
            file = project.folder / "policies/b.cedar"
            file.write_text(STOPS[: len(STOPS) // 2], "utf-8")  # torn: it doesn't even parse
            time.sleep(0.12)
            file.write_text("", "utf-8")  # torn: it parses, and the forbid is gone
            project.write("policies/a.cedar", ALL)
            time.sleep(0.15)
            project.write("policies/a.cedar", READS + MORE.replace("more", f"more-{number}"))
            project.write("policies/b.cedar", STOPS)
            generation = engine.stages.generation
            project.until(lambda: f"more-{number}" in project.ids())  # noqa: B023 -- called here
            assert engine.stages.generation == generation + 1
            good.add(engine.stages.digest)
    done.set()
    for thread in threads:
        thread.join()

    assert {(name, allowed) for _, name, allowed in seen} == {
        ("list_issues", True),
        ("delete_repository", False),
    }
    assert {digest for digest, _, _ in seen} <= good


def test_a_checking_process_that_is_killed_keeps_the_set_back(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    """A large set is checked apart; when that process is killed in the middle, the old set decides on."""
    engine = project.open()
    many = "".join(MORE.replace("more", f"more-{number}") for number in range(600))
    project.write("policies/c.cedar", many)
    watcher = PolicyWatcher(engine)
    result: list[bool] = []

    with caplog.at_level(logging.ERROR, "policy_engine"):
        thread = threading.Thread(target=lambda: result.append(watcher.reload()))
        thread.start()
        project.until(lambda: "_running" in calls_of(thread))  # it waits for what the process finds
        (child,) = children()
        os.kill(child, signal.SIGKILL)
        thread.join(30)

    assert (result, engine.stages.generation, project.ids()) == ([False], 1, ["reads", "stops"])
    assert "not loaded, and generation 1 stays in force: " in caplog.text
    project.write("policies/c.cedar", MORE)
    assert watcher.reload() is True
    assert project.ids() == ["reads", "stops", "more"]


def calls_of(thread: threading.Thread) -> list[str]:
    """The functions that a thread is in."""
    frame = sys._current_frames().get(thread.ident or 0)  # noqa: SLF001 -- the documented name
    found = []
    while frame is not None:
        found.append(frame.f_code.co_name)
        frame = frame.f_back
    return found


def children() -> list[int]:
    """Processes that check policies for this one."""
    me, found = os.getpid(), []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            stat = (place / "stat").read_text().rpartition(")")[2].split()
            line = (place / "cmdline").read_bytes()
        except OSError:
            continue
        if int(stat[1]) == me and b"reloading.child" in line and stat[0] != "Z":
            found.append(int(place.name))
    return found


def test_an_engine_of_values_is_loaded_anew_too(world: Any) -> None:
    """Where no file is named, nothing is watched, and a wish is heeded."""
    engine: PolicyEngine = world.engine()
    with PolicyWatcher(engine, watch=True, every=0.05) as watcher:
        watcher.request()
        end = time.monotonic() + 10
        while engine.stages.generation == 1:
            assert time.monotonic() < end
            time.sleep(0.01)

    assert engine.stages.generation >= 2


def test_a_policy_error_is_still_one(project: Project) -> None:
    """Callers that reload by themselves get what they always got."""
    engine = project.open()
    project.write("policies/a.cedar", "nothing")

    with pytest.raises(PolicyError):
        engine.reload()
