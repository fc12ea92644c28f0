"""What `proved` rests on besides the solver; printed in every report, and each held up by the engine.

The first five are about how the engine uses Cedar, and how it knows its callers; the others are facts about
every request that the engine builds, without which too much would seem possible (`symbolic/facts.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policy_engine.review.symbolic import FACTS

__all__ = ["ASSUMPTIONS", "Assumption", "assumptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """Something that a proof takes for granted.

    Attributes:
        code: `A1` and on for how decisions are made, the name of the fact for facts about requests.
        statement: one sentence.
        enforced: how the engine makes sure of it; one sentence.
    """

    code: str
    statement: str
    enforced: str

    def to_dict(self) -> dict[str, str]:
        """JSON types only."""
        return {"code": self.code, "statement": self.statement, "enforced": self.enforced}


_ROWS = (
    Assumption(
        code="A1",
        statement="Requests have the types of the schema: who asks, what for, and all of the context.",
        enforced="The engine builds every request itself, by the schema; a message that doesn't fit is"
        " refused before any policy.",
    ),
    Assumption(
        code="A2",
        statement="Entities have the types of the schema, above all: a machine is in no group of people.",
        enforced="All that Cedar is told of entities is checked against the schema where it is made.",
    ),
    Assumption(
        code="A3",
        statement="Who asks, what is asked about, and whoever acts for somebody are among the entities.",
        enforced="The engine puts them there for every request; and a forbid that can't be evaluated denies,"
        " though Cedar alone would skip it.",
    ),
    Assumption(
        code="A4",
        statement="What decides is the policies, schema and entities whose digests are printed here.",
        enforced="Every decision carries the digest of the policies that it was made with.",
    ),
    Assumption(
        code="A5",
        statement="Whether somebody is a person or a machine is told rightly from their token.",
        enforced="Exactly one of the two must hold by positive evidence of the issuer, else the token is"
        " refused; that isn't part of the proof.",
    ),
)

ASSUMPTIONS: Mapping[str, Assumption] = MappingProxyType({row.code: row for row in _ROWS})


def assumptions() -> tuple[Assumption, ...]:
    """All of them, the facts about requests last."""
    facts = (
        Assumption(code=fact.name, statement=fact.sentence, enforced="The engine builds no other request.")
        for fact in FACTS.values()
    )
    return (*ASSUMPTIONS.values(), *facts)
