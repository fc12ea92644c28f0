"""A review on a terminal, and its commands as they are typed."""

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from typer.testing import CliRunner

from policy_engine.cli import app
from policy_engine.model import User
from policy_engine.review import Review, Severity, Witness
from policy_engine.review.report import Command, commands_of, compare, record, review_lines
from tests.plugins.small_review import POLICIES, shop

Make = Callable[..., Review]


def test_what_stands_against_the_policies_is_told_in_full(made: Make) -> None:
    """Question by question; of what is proved, how many; the whole at the end."""
    review = made()
    told = [*review_lines(review, comparison=compare(record(review), record(review)))]

    assert "\n".join(line for line, _ in told) == dedent(
        """\
        separation: Are machines and people kept apart?
          ✘ violated: `anybody-wipes` treats a machine as it treats a person.
            Client::"machines/bot" is allowed Action::"shop/wipe" on Tool::"shop/wipe" by anybody-wipes
            just as User::"machines/bot" is allowed Action::"shop/wipe" on Tool::"shop/wipe" by anybody-wipes
              See it for yourself, as Client::"machines/bot":
                policy-engine explain --client machines/bot --scope wipe --tool wipe \
--args '{"env": "staging"}'
          ✔ 1 proved

        never: Are machines kept from what they must never do?
          ? not known: Whether a machine can do anything destructive isn't known.
            because timeout: 10 seconds weren't enough

        health: Do the policies do what they are there for?
          - waived: `machines-look` allows nothing that others don't.

        1 finding
          policies/shop.cedar:2:1: PS101 `anybody-wipes`: its head names no kind
            write `principal is User`

        since the earlier report
          nothing is otherwise

        ✘ VIOLATED: 1 violated, 1 not known, 1 waived, 1 proved"""
    )
    assert [style for line, style in told if "violated" in line.lower()] == ["violated", "violated"]


def test_what_decides_nothing_is_a_line_each(made: Make) -> None:
    """Below the severity that fails, it is worth a look, and no more."""
    noted = [replace(verdict, severity=Severity.note, waived=None) for verdict in made().verdicts]
    review = made(verdicts=noted, findings=())
    told = [line for line, _ in review_lines(review) if line]

    assert told == [
        "separation: Are machines and people kept apart?",
        "  ! worth a look: `anybody-wipes` treats a machine as it treats a person.",
        "  ✔ 1 proved",
        "never: Are machines kept from what they must never do?",
        "  ! worth a look: Whether a machine can do anything destructive isn't known.",
        "health: Do the policies do what they are there for?",
        "  ! worth a look: `machines-look` allows nothing that others don't.",
        "✔ PROVED: 3 worth a look, 1 proved",
    ]


def test_a_machine_is_told_before_the_person_it_is_compared_with(made: Make) -> None:
    """Whichever of the two the witness is."""
    (violated, *_) = made().verdicts
    (witness,) = violated.witnesses
    assert witness.twin is not None
    swapped = replace(witness.twin, twin=replace(witness, twin=None))

    def told(one: Witness) -> list[str]:
        return [line for line, _ in review_lines(made(verdicts=(replace(violated, witnesses=(one,)),)))]

    assert told(swapped) == told(witness)


def test_what_was_asked_for_is_told_though_it_is_proved(made: Make) -> None:
    """Who can do something is the answer, and not that it is known."""
    verdict = replace(made().verdicts[1], question="who_can", statement="machines can't")
    told = [line for line, _ in review_lines(made(verdicts=(verdict,), findings=()))]

    assert told[:2] == ["who-can: Who can do this?", "  ✔ proved: Machines can't"]


def test_everything_can_be_told(made: Make) -> None:
    """What is proved one by one, and what all of it rests on."""
    told = "\n".join(line for line, _ in review_lines(made(), everything=True))

    assert "  ✔ proved: `people-look` is for people alone.\n" in told
    assert '    waived by @x-waived("so")\n' in told
    assert "what it rests on\n  A1: Requests are typed.\n    The engine types them.\n" in told
    assert "  cvc5 is not installed\n" in told


def test_a_command_asks_what_the_witness_asks(made: Make, tmp_path: Path) -> None:
    """Typed into a shell, it is answered as the witness says."""
    (tmp_path / "shop.cedar").write_text(POLICIES)
    config = tmp_path / "policy-engine.yaml"
    config.write_text(json.dumps({**shop(), "policies": ["shop.cedar"]}))
    (command,) = commands_of(made().verdicts[0].witnesses[0])
    words = shlex.split(command.text)
    answer = CliRunner().invoke(app, [*words[1:], "--config", str(config), "--format", "json"])

    assert words[0] == "policy-engine"
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["code"] == "allowed"


def test_without_a_command_there_is_the_message(made: Make) -> None:
    """As JSON; what isn't a message, and what holds signs that can't be seen, isn't copied."""
    witness = made().verdicts[0].witnesses[0]
    call = witness.call
    assert call is not None
    message = {"jsonrpc": "2.0", "id": "\u202e", "method": "ping"}
    hidden = replace(call, command="echo \u202e", message=message)
    text = '{"id": "\\u202e", "jsonrpc": "2.0", "method": "ping"}'

    assert commands_of(replace(witness, call=hidden)) == (
        Command(says="The message, sent to shop", text=text, language="json"),
    )
    assert commands_of(replace(witness, call=replace(call, command="", message=None))) == ()
    assert commands_of(replace(witness, call=None)) == ()


def test_a_twin_has_a_command_of_its_own(made: Make) -> None:
    """Of two that say the same, one is enough."""
    witness = made().verdicts[0].witnesses[0]
    call = witness.call
    assert call is not None
    assert witness.twin is not None
    person = replace(call, principal=User(issuer="corp", subject="bot"), command="policy-engine …")
    twins = replace(witness, twin=replace(witness.twin, call=person))
    same = replace(witness, twin=replace(witness.twin, call=call))

    assert [command.says for command in commands_of(twins)] == [
        'See it for yourself, as Client::"machines/bot"',
        'See it for yourself, as User::"corp/bot"',
    ]
    assert len(commands_of(same)) == 1


def test_names_hide_nothing(made: Make) -> None:
    """What would move the cursor, or turn the line, is spelt."""
    verdict = replace(made().verdicts[1], statement="a\x1b[2Jb\u202ec\nd", severity=Severity.error)
    told = [line for line, _ in review_lines(made(verdicts=(verdict,)), everything=True)]

    assert "  ✔ proved: A\\u{1b}[2Jb\\u{202e}c\\u{a}d" in told
