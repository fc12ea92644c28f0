"""What stands in docs/deployment, as Kubernetes and Docker would read it."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[2] / "docs" / "deployment"


@pytest.fixture(params=["central", "sidecar"])
def manifests(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """The documents of one file."""
    return list(YAML(typ="safe").load_all((FOLDER / f"{request.param}.yaml").read_text()))
