"""A folder of this test: a small deployment, what a review must say of it, and a call that shows why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from policy_engine import Client, Decision, PolicyEngine, TokenFacts, User
from policy_engine.config import LoadedConfig, declared_attributes, listed_attributes, load_config
from policy_engine.evaluator import PolicySource, PolicyStore
from policy_engine.files import read_document
from policy_engine.review import Bound, Options, Severity, Subject

__all__ = ["FOLDERS", "RIGHT", "WRONG", "Folder", "options_of"]

HERE = Path(__file__).parent
NOON = "2026-06-15T12:00:00Z"


@dataclass(frozen=True, eq=False)
class Folder:
    """One of them; `wrong` ones are violated, and `right` ones are proved, though they look suspicious.

    Beside a configuration and its policies there is an `expected.yaml`:

    - `question`: which question of a review finds it, or is tempted to; `never`, `ceiling`, `against` and
      `no_widening` are what it is asked with.
    - `policy`: of a wrong one, which policy is found.
    - `why`: what is wrong, or why it is right though it doesn't look so.
    - `shown`: a call, and who makes it; a wrong folder is broken by it, and a right one withstands it with
      `code`.
    """

    path: Path

    @property
    def name(self) -> str:
        """What it is called in a test's name."""
        return f"{self.path.parent.name}/{self.path.name}"

    @cached_property
    def expected(self) -> Mapping[str, Any]:
        """What `expected.yaml` says."""
        data: Mapping[str, Any] = read_document(self.path / "expected.yaml").data
        return data

    @property
    def question(self) -> str:
        """Which question finds it, or is tempted to."""
        question: str = self.expected["question"]
        return question

    @property
    def shown(self) -> Mapping[str, Any]:
        """The call that breaks a wrong folder, and that a right one withstands."""
        shown: Mapping[str, Any] = self.expected["shown"]
        return shown

    @cached_property
    def loaded(self) -> LoadedConfig:
        """Its configuration."""
        return load_config(self.path / "policy-engine.yaml")

    @cached_property
    def engine(self) -> PolicyEngine:
        """Decides by it, at the time of the call that is shown."""
        now = datetime.fromisoformat(self.shown.get("now", NOON)).astimezone(UTC).timestamp()
        return PolicyEngine.from_config(self.loaded, now=lambda: now)

    def other(self, key: str) -> PolicyStore:
        """The policies of another file of the folder: its `ceiling`, or what it is compared `against`."""
        config = self.loaded.config.model_copy(update={"policies": [self.expected[key]]})
        return PolicyEngine.from_config(replace(self.loaded, config=config)).stages.policies

    def decide(self, *, twin: bool = False, by: PolicyStore | None = None) -> Decision:
        """What the engine decides of the call that is shown.

        Args:
            twin: of the person who has all that the machine has.
            by: other policies.
        """
        engine = self.engine if by is None else self.engine.with_policies(by)
        shown = self.shown
        token = TokenFacts(
            scopes=tuple(shown.get("scopes", ())),
            client_id=shown.get("client_id"),
            amr=None if "amr" not in shown else tuple(shown["amr"]),
        )
        who: User | Client = self._principal()
        if twin:
            who = _person_of(who)
        return engine.explain(who, self._message(), self._server(), token).decision

    def _server(self) -> str:
        if "tool" in self.shown:
            return str(self.shown["tool"]).partition("/")[0]
        return next(iter(self.engine.stages.servers))

    def _message(self) -> dict[str, Any]:
        shown, head = self.shown, {"jsonrpc": "2.0", "id": 1}
        if "tool" in shown:
            params = {"name": shown["tool"].partition("/")[2], "arguments": dict(shown["arguments"])}
            return {**head, "method": "tools/call", "params": params}
        if shown["method"] == "answer":
            return {**head, "result": dict(shown["params"])}
        return {**head, "method": shown["method"], "params": dict(shown["params"])}

    def _principal(self) -> User | Client:
        """A machine as it is listed, or a person with the groups and roles that the call says."""
        shown = self.shown
        issuer, _, name = shown["who"].partition("/")
        if name in self.loaded.config.issuers[issuer].clients:
            return self._machine(issuer, name)
        return User(
            issuer=issuer,
            subject=name,
            groups=frozenset(shown.get("groups", ())),
            roles=frozenset(shown.get("roles", ())),
            actor=self._machine(issuer, shown["through"]) if "through" in shown else None,
        )

    def _machine(self, issuer: str, name: str) -> Client:
        """A machine, as it is listed."""
        config = self.loaded.config
        listed = config.issuers[issuer].clients[name]
        tags, typed = listed_attributes(listed.attributes, declared_attributes(config)["Client"])
        return Client(
            issuer=issuer,
            client_id=name,
            category=listed.category or "service",
            groups=frozenset(listed.groups),
            roles=frozenset(listed.roles),
            attributes=tags,
            typed_attributes=typed,
        )


def _person_of(machine: User | Client) -> User:
    assert isinstance(machine, Client)
    return User(
        issuer=machine.issuer,
        subject=machine.client_id,
        groups=machine.groups,
        roles=machine.roles,
        attributes=machine.attributes,
        typed_attributes=machine.typed_attributes,
    )


def options_of(folder: Folder) -> Options:
    """What a review is asked of a folder: the folder's own question; warnings count."""
    expected = folder.expected
    bounds: tuple[Bound, ...] = ()
    before: Subject | None = None
    if "ceiling" in expected:
        file = folder.path / expected["ceiling"]
        bounds = (Bound(source=PolicySource(text=file.read_text(), file=str(file))),)
    if "against" in expected:
        before = Subject.of_engine(folder.engine.with_policies(folder.other("against")))
    return Options(
        questions=(folder.question,),
        never=tuple(expected.get("never", ())),
        bounds=bounds,
        before=before,
        no_widening=frozenset({expected["no_widening"]} if "no_widening" in expected else ()),
        fail_on=Severity.warning,
    )


@cache
def _folders(kind: str) -> tuple[Folder, ...]:
    return tuple(Folder(path.parent) for path in sorted(HERE.glob(f"{kind}/*/policy-engine.yaml")))


WRONG, RIGHT = _folders("wrong"), _folders("right")
FOLDERS = (*WRONG, *RIGHT)
