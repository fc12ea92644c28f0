"""Elements of HTML and SVG; what isn't one is text, and is escaped."""

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any

__all__ = ["Html", "data_block", "element", "inline", "joined", "source_hash", "spoken", "text_of"]

_VOID = frozenset({"br", "input", "meta"})


class Html(str):
    """Text that is HTML already; nothing but this module makes any of what others wrote."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | None) -> Html:
    """One element.

    Args:
        name: of the element.
        content: other elements, and text.
        attributes: `class_` stands for `class`, and `aria_label` for `aria-label`; those that are None are
            left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text_of(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(content)}</{name}>")


def joined(content: Iterable[str]) -> Html:
    """Several elements and texts, one after another."""
    return Html("".join(each if isinstance(each, Html) else text_of(each) for each in content))


def text_of(text: str) -> Html:
    """A text; what can't be seen, or would turn the direction of what is around it, is spelt out."""
    return Html(
        escape("".join(char if char.isprintable() or char in "\n\t" else _spelt(char) for char in text))
    )


def _spelt(char: str) -> str:
    return "" if char == "\r" else f"\\u{{{ord(char):x}}}"


def spoken(sentence: str) -> Html:
    """A sentence; what stands in it between backticks is a name."""
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # one that isn't closed is a sign like any other
        return text_of(sentence)
    return joined(element("code", part) if at % 2 else part for at, part in enumerate(parts))


def inline(name: str, source: str) -> Html:
    """A style sheet or a script of this package; its text is trusted, and must be closed by nothing in it."""
    if "</" in source:
        raise ValueError("the source would end its own element")
    return Html(f"<{name}>{source}</{name}>")


def source_hash(source: str) -> str:
    """What a Content Security Policy allows an inline element by (CSP Level 3, section 8.3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode('ascii')}'"


def data_block(name: str, data: Any) -> Html:  # noqa: ANN401 -- JSON
    """JSON that scripts and programs read off the page, in which nothing can end or comment its element."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Html(f'<script type="application/json" id="{text_of(name)}">{text}</script>')
