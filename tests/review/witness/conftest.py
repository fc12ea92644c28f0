"""A deployment, its policies as formulas, and requests that are looked for in it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from policy_engine import PolicyEngine
from policy_engine.cedar import Schema
from policy_engine.config import config_from_values
from policy_engine.review.solving import Sat, Solver
from policy_engine.review.subject import Subject
from policy_engine.review.symbolic import (
    Encoded,
    Environment,
    Setting,
    Term,
    World,
    conjunction,
    encode,
    leaves,
)
from policy_engine.review.witness import Concrete, Court, concretize
from tests.plugins.solver import require_cvc5

_TEXT = {"type": "string"}
LEFTS = {"User": "corp", "Client": "machines"}


def _values() -> dict[str, Any]:
    item = {
        "name": "look",
        "annotations": {"readOnlyHint": True},
        "inputSchema": {
            "type": "object",
            "properties": {"env": _TEXT, "count": {"type": "integer"}, "ratio": {"type": "number"}},
            "required": ["env"],
        },
    }
    shop = {"tools": [{"reviewed": True, "item": item}]}
    corp = {
        "issuer": "https://login.example.com",
        "profile": "rfc9068",
        "clients": {"helper": {"grants": ["authorization_code"], "acts_for_users": True}},
    }
    machines = {
        "issuer": "https://as.example.com",
        "profile": "policy-engine",
        "clients": {"bot": {"grants": ["client_credentials"], "groups": ["stock"]}},
    }
    return {
        "version": 1,
        "servers": {
            "lab": {"resource": "https://mcp.example.com/lab", "unpinned": "allow"},
            "shop": {"resource": "https://mcp.example.com/shop", "catalogue": shop},
        },
        "issuers": {"corp": corp, "machines": machines},
        "policies": [],
    }


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What the tests look for requests in."""

    subject: Subject
    setting: Setting
    court: Court
    solver: Solver

    def world(self, principal: str, action: str, resource: str, *, twin: bool = False) -> World:
        """The world of a kind of request."""
        environment = Environment(principal=principal, action=action, resource=resource)
        return self.setting.world(environment, twin=twin)

    def encoded(self, world: World) -> dict[str, Encoded]:
        """The policies in it."""
        return {name: encode(self.subject.tree(each), world) for name, each in self.subject.running.items()}

    def model(self, world: World, *formulas: Term, twin: World | None = None) -> tuple[Sat, tuple[Term, ...]]:
        """A case in which formulas hold, and all that was asserted."""
        axioms = [each.wellformed(*formulas) for each in (world, twin) if each is not None]
        asserted = (conjunction(*formulas, *axioms),)
        answer = self.solver.solve(asserted, tuple(leaves(*asserted)))
        assert isinstance(answer, Sat)
        return answer, asserted

    def find(self, world: World, *formulas: Term, twin: World | None = None) -> Concrete:
        """A request of which formulas hold."""
        model, asserted = self.model(world, *formulas, twin=twin)
        return concretize(model, world, about=asserted, twin=twin, lefts=LEFTS)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Callable[..., Deployment]]:
    """Make one, of policies and entities of a test's own."""
    require_cvc5()
    with Solver(timeout=60, workers=1) as solver:

        def make(policies: str, entities: Sequence[dict[str, Any]] | None = None) -> Deployment:
            values = None if entities is None else [*entities]
            loaded = config_from_values(_values(), policy_text=policies, entity_values=values)
            subject = Subject.of_engine(PolicyEngine.from_config(loaded))
            setting = Setting(subject.vocabulary, subject.servers, subject.static)
            schema = Schema.from_json(subject.schema)
            court = Court(subject.running.values(), schema, setting.known.settled)
            return Deployment(subject=subject, setting=setting, court=court, solver=solver)

        yield make
