"""PS005: a server without a catalogue.

What it checks:
    A server in the configuration has no `catalogue`.

Why it matters:
    Nothing of it is pinned: no policy can name one of its tools or see an argument, and what a tool does may
    change without anybody noticing.
    With `unpinned: deny`, which is the default, none of its tools can be called at all.

Example:
    ```yaml
    servers:
      github: {resource: https://mcp.example.com/github}
    ```

Instead:
    Pin what the server offers.

    ```yaml
    servers:
      github: {resource: https://mcp.example.com/github, catalogue: catalogues/github.json}
    ```
"""

from collections.abc import Iterator

from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey

__all__ = ["NO_CATALOGUE"]

_WHAT = {
    "deny": "so none of its tools can be called",
    "allow": "so any tool can be called that it comes to offer, its arguments unseen",
}


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for name, server in survey.deployment.servers.items():
        if server.tools is None:
            yield PolicyWarning(
                code="PS005",
                policy=None,
                message=f"the server `{name}` has no catalogue, {_WHAT[server.unpinned]}",
                remedy="pin its tools/list: `catalogue: <file>`",
                file=server.file,
                line=server.line,
                column=server.column,
            )


NO_CATALOGUE = Check(code="PS005", page=__doc__ or "", find=_find)
