"""Elements of HTML; what isn't one is text, and is escaped."""

from collections.abc import Iterable
from html import escape

__all__ = ["Html", "element", "joined", "text_of"]

_VOID = frozenset({"meta"})


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
