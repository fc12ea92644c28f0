"""Counterexamples: who asks for what, and the commands that show it."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from policy_engine.markup import Html, element, spoken
from policy_engine.review.report.commands import Command, commands_of, sides
from policy_engine.review.report.html.site import Site
from policy_engine.review.verdict import Witness

__all__ = ["witness_of"]


def witness_of(site: Site, witness: Witness, name: str, *, breaks: bool) -> Html:
    """One of them.

    Args:
        site: the page.
        witness: the request.
        name: what it is called on the page.
        breaks: whether it breaks what was asked; else it only shows what there is.
    """
    title = "Counterexample" if breaks else "Example"
    asked = [_asked(site, side) for side in sides(witness)]
    notes = [note for note in (witness.note, "" if witness.call is None else witness.call.note) if note]
    numbers = count(1)
    commands = [_command(command, f"{name}-c{next(numbers)}") for command in commands_of(witness)]
    return element(
        "div",
        element("div", *_sure(witness), class_="tags"),
        element("h4", title if len(asked) == 1 else f"{title}: the same request, of either kind"),
        *asked,
        *(element("p", spoken(note), class_="note") for note in dict.fromkeys(notes)),
        *commands,
        _world(witness),
        class_="witness",
    )


def _sure(witness: Witness) -> Iterator[Html]:
    """How sure it is that somebody could send it."""
    call = witness.call
    if call is None:
        return
    if call.proved:
        yield element("span", "seen with a signed token", class_="tag")
    if not call.reachable:
        yield element("span", "nobody can send it as things are configured", class_="tag")
    elif not call.timely:
        yield element("span", "not at this time", class_="tag")


def _asked(site: Site, witness: Witness) -> Html:
    """Who, what came of it, and what they asked for."""
    word = "allowed" if witness.allowed else "denied"
    by = [" by ", site.named(witness.policies)] if witness.policies else []
    return element(
        "p",
        element("code", str(witness.principal), class_="who"),
        " ",
        element("span", f"is {word}", class_=f"decision {word}"),
        " ",
        element("code", str(witness.action), class_="what"),
        " on ",
        element("code", str(witness.resource), class_="what"),
        *by,
        class_="asked",
    )


def _command(command: Command, name: str) -> Html:
    button = element("button", "Copy", type="button", class_="copy", data_copy=name, hidden="")
    bar = element("div", element("span", command.says), button, class_="command-bar")
    text = element("pre", element("code", command.text, id=name), tabindex="0", aria_label=command.says)
    return element("div", bar, text, class_="command")


def _world(witness: Witness) -> Html:
    """The request as Cedar has it, and every entity that it was decided with."""
    parts: list[tuple[str, Any]] = [("context", witness.context), ("entities", [*witness.entities])]
    blocks = []
    for says, data in parts:
        text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)
        blocks += [
            element("h5", says),
            element("pre", element("code", text), tabindex="0", aria_label=says),
        ]
    return element("details", element("summary", "The whole request, as Cedar has it"), *blocks)
