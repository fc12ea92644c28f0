"""Files that people write: YAML with the place of each part, checked against models."""

from policy_engine.files.checked import FileModel, check
from policy_engine.files.document import Document, Place, read_document

__all__ = ["Document", "FileModel", "Place", "check", "read_document"]
