"""Text that commands no terminal and ends no line: ids, annotations and names may hold anything."""

__all__ = ["plain"]


def plain(text: str) -> str:
    """The same, one character for one, with a space for whatever can't be printed."""
    return text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
