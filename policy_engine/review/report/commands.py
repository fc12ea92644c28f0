"""A counterexample as something that a reader can copy: a command, or else the message."""

import json
from dataclasses import dataclass
from typing import Literal

from policy_engine.review.verdict import Witness

__all__ = ["Command", "commands_of", "sides"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something to copy.

    Attributes:
        says: what it is, in a few words.
        text: itself; nothing in it is hidden.
        language: what it is written in: for a POSIX shell, or JSON.
    """

    says: str
    text: str
    language: Literal["sh", "json"]

    def to_dict(self) -> dict[str, str]:
        """JSON types only."""
        return {"says": self.says, "text": self.text, "language": self.language}


def commands_of(witness: Witness) -> tuple[Command, ...]:
    """What shows a witness, and its twin: commands that were seen to, or messages that must be sent."""
    return tuple(dict.fromkeys(command for side in sides(witness) for command in _own(side)))


def sides(witness: Witness) -> tuple[Witness, ...]:
    """A witness and its twin, if it has one; a machine comes before the person it is compared with."""
    if witness.twin is None:
        return (witness,)
    both = (witness, witness.twin)
    return (
        both if witness.principal.type == "Client" or witness.twin.principal.type != "Client" else both[::-1]
    )


def _own(witness: Witness) -> tuple[Command, ...]:
    call = witness.call
    # A call that nobody can make as the witness has it shows nothing; its note says why.
    if call is None or call.decision.allowed is not witness.allowed:
        return ()
    if call.command and call.command.isprintable():
        return (
            Command(says=f"See it for yourself, as {call.principal.uid}", text=call.command, language="sh"),
        )
    if call.message is None:
        return ()
    text = json.dumps(call.message, sort_keys=True)
    return (Command(says=f"The message, sent to {call.server}", text=text, language="json"),)
