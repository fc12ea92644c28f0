"""The witnesses of a review, each seen with a token that was really signed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from policy_engine.cli.review.witnesses.commands import command_of
from policy_engine.cli.review.witnesses.proving import prove
from policy_engine.config import LoadedConfig
from policy_engine.harness import World
from policy_engine.model import Client
from policy_engine.review import Outcome, Review, Verdict, Witness
from policy_engine.review.witness import Call

__all__ = ["attested", "calls_to_deny"]

_MACHINES_ALONE: Final[Mapping[str, bool]] = MappingProxyType(
    {"separation": True, "ceiling": False, "never": False, "delegation": False, "diff": False}
)
"""Questions whose witnesses mustn't be allowed, and whether that is so of machines alone."""


def attested(found: Review, loaded: LoadedConfig, config: Path) -> Review:
    """The same review; of each call is said whether its token was seen to work, and how to type it.

    Args:
        found: what was found.
        loaded: the configuration that it is of.
        config: its path, as it is to be typed.

    Raises:
        ConfigError: the configuration can't be used.
    """
    if not any(verdict.witnesses for verdict in found.verdicts):
        return found
    world = World.of(loaded)

    def seen(witness: Witness) -> Witness:
        call, twin = witness.call, witness.twin
        return replace(
            witness,
            call=None if call is None else _attested(call, loaded, world, config),
            twin=None if twin is None else seen(twin),
        )

    verdicts = (
        replace(verdict, witnesses=tuple(seen(witness) for witness in verdict.witnesses))
        for verdict in found.verdicts
    )
    return replace(found, verdicts=tuple(verdicts))


def calls_to_deny(found: Review) -> Iterator[Call]:
    """The calls that mended policies deny, once each.

    Of a permit that is blind to kinds, those of machines alone.
    """
    told: list[Call] = []
    for verdict in found.verdicts:
        if not verdict.severity.at_least(found.options.fail_on):
            continue
        if verdict.outcome is Outcome.violated and verdict.counts and verdict.question in _MACHINES_ALONE:
            for call in _calls(verdict):
                wrong = isinstance(call.principal, Client) or not _MACHINES_ALONE[verdict.question]
                if wrong and call not in told:
                    told.append(call)
                    yield call


def _calls(verdict: Verdict) -> Iterator[Call]:
    rest = [*verdict.witnesses]
    while rest:
        witness = rest.pop(0)
        if witness.allowed and witness.call is not None and witness.call.decision.allowed:
            yield witness.call
        if witness.twin is not None:
            rest.append(witness.twin)


def _attested(call: Call, loaded: LoadedConfig, world: World, config: Path) -> Call:
    if call.decision.policy_digest != world.digest:  # of other policies that these were compared with
        return call
    proof = prove(world, call)
    command = command_of(loaded, world, call, config)
    return replace(
        call,
        proved=proof is not None and proof.holds,
        command="" if command is None else command.text,
    )
