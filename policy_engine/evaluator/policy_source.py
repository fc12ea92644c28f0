"""Where policies come from: folders and files, or text."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from policy_engine.errors import PolicyError

__all__ = ["PolicySource", "expand", "policy_files"]

_DENY_ALL = "name a folder with *.cedar files; to deny everything, an empty one such as `none.cedar`"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySource:
    """Cedar text, and the file it was read from, if any."""

    text: str
    file: str | None = None


def expand(paths: Sequence[Path]) -> tuple[PolicySource, ...]:
    """Read every `*.cedar` file in these folders and below, in order of their names, and these files.

    Hidden files and folders are passed over (Kubernetes keeps its copies of a mounted folder in them), and a
    file that is reached twice is read once. A set without files is refused, since a mistyped path looks just
    like it; a set that denies everything is a file without policies.

    Raises:
        PolicyError: there is no such file or folder, or no policy file in a folder; a file can't be read.
    """
    files: dict[Path, Path] = {}
    for path in paths:
        for file in _files(Path(path)):
            files.setdefault(file.resolve(), file)
    if not files:
        raise PolicyError("no policies are named", remedy=_DENY_ALL, code="policy_files")
    return tuple(PolicySource(text=_read(file), file=str(file)) for file in files.values())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise PolicyError("no such file or folder", remedy=_DENY_ALL, file=path, code="policy_files")
    found = policy_files(path)
    if not found:
        raise PolicyError("no policies in this folder", remedy=_DENY_ALL, file=path, code="policy_files")
    return found


def policy_files(folder: Path) -> list[Path]:
    """Every `*.cedar` file in a folder and below, in order of their names; hidden ones are passed over."""
    return sorted(_visible(folder))


def _visible(folder: Path) -> Iterator[Path]:
    # Not rglob: it passes over folders that are links, and a forbid in one would be gone without a word.
    seen: set[Path] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        # A link to a folder above leads in a circle.
        folders[:] = [] if real in seen else [name for name in folders if not name.startswith(".")]
        seen.add(real)
        for name in files:
            if name.lower().endswith(".cedar") and not name.startswith("."):
                yield Path(place) / name


def _read(file: Path) -> str:
    try:
        # Not read_text: it would turn line ends around, and places in errors would be off.
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = f"can't be read: {error.strerror}"
        raise PolicyError(problem, remedy="make it readable", file=file, code="policy_files") from None
    except UnicodeDecodeError:
        raise PolicyError("not UTF-8", remedy="save it as UTF-8", file=file, code="policy_files") from None
