"""Files that are shipped beside the package: `policies/` and `schemas/`."""

from pathlib import Path

import policy_engine

__all__ = ["bundled"]


def bundled(name: str) -> Path:
    """The path of a shipped file or folder, such as `policies/baseline`.

    A wheel carries them inside the package; a checkout has them beside it.
    """
    package = Path(policy_engine.__file__).parent
    inside = package / "_bundled" / name
    return inside if inside.exists() else package.parent / name
