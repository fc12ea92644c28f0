"""Where expectations stand in scenario files."""

from collections.abc import Iterable
from pathlib import Path

from policy_engine.errors import ConfigError
from policy_engine.files import Document, read_document
from policy_engine.harness.cases import Origin

__all__ = ["Spots"]

Path_ = tuple[str | int, ...]


class Spots:
    """Where expectations stand, by path: lines move while a file is edited, and paths don't.

    Args:
        files: scenario files, as they were when their cases were loaded.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._documents = {file: read_document(file) for file in files}

    def path(self, origin: Origin) -> Path_:
        """The path of what is written there, from the root of its file.

        Raises:
            ConfigError: nothing is.
        """
        document = self._documents.get(origin.file) or Document(data=None)
        at = (origin.line, origin.column)
        found = [path for path, place in document.places.items() if (place.line, place.column) == at]
        if not found:  # a cell is within the text of a table
            before = [
                (place.line, path)
                for path, place in document.places.items()
                if path[-1:] == ("table",) and place.line <= origin.line
            ]
            found = [max(before)[1]] if before else []
        if not found:
            raise ConfigError("it isn't known where that is expected", remedy="look at the file")
        return max(found, key=len)
