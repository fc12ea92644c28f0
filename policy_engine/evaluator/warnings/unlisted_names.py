"""PS010: a machine or a tool that nobody listed.

What it checks:
    A policy names one of these:

    - a `Client` that its issuer doesn't list, or that isn't registered by now (`clients: registry`);
    - a `ClientGroup` or `ClientRole` that no listed machine has, and that tokens can't bring;
    - a `Group` or `Role` of people, by the name of one that machines have;
    - a `Tool` that isn't in the catalogue of its server;
    - a `Prompt` or `ResourceTemplate` that isn't in the list that the catalogue has of them.

Why it matters:
    No machine is admitted unlisted, and a tool that isn't pinned is denied by default.
    So a misspelt name makes a policy that never applies; for a forbid, nothing is closed.

Example:
    ```cedar
    @id("ci") permit (principal == Client::"machines/ci-bto", action in Action::"github/*", resource);
    ```

Instead:
    Write the name as the configuration and the catalogue have it, or add it there.

    ```cedar
    @id("ci") permit (principal == Client::"machines/ci-bot", action in Action::"github/*", resource);
    ```
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.inference import entity_literals
from policy_engine.evaluator.nearest import closest
from policy_engine.evaluator.policy_store import PolicyWarning
from policy_engine.evaluator.warnings.check import Check
from policy_engine.evaluator.warnings.surveying import Survey
from policy_engine.model import EntityUid

__all__ = ["UNLISTED_NAMES"]

Words = tuple[str, str]


def _find(survey: Survey) -> Iterator[PolicyWarning]:
    for subject in survey.subjects:
        for literal in entity_literals(subject.tree):
            look = _LOOKS.get(literal.uid.type)
            found = None if look is None else look(literal.uid, survey.deployment)
            if found is not None:
                yield subject.warning("PS010", literal.span, *found)


def _client(uid: EntityUid, deployment: Deployment) -> Words | None:
    issuer, _, name = uid.id.partition("/")
    facts = deployment.issuers.get(issuer)
    if facts is None or facts.clients is None or name in facts.clients or name.startswith(facts.prefixes):
        return None
    near = closest(name, facts.clients)
    if facts.registered:
        remedy = f"register it: policy-engine clients add {name}"
    else:
        remedy = f"list it under `clients` of `{issuer}`"
    what = "registered" if facts.registered else "listed"
    return f"no client of `{issuer}` is {what} as `{name}`", _mean(uid, issuer, near) if near else remedy


def _of_machines(uid: EntityUid, deployment: Deployment) -> Words | None:
    issuer, _, name = uid.id.partition("/")
    facts = deployment.issuers.get(issuer)
    known = None if facts is None else facts.groups if uid.type == "ClientGroup" else facts.roles
    if known is None or name in known:
        return None
    near = closest(name, known)
    what = "group" if uid.type == "ClientGroup" else "role"
    remedy = f"give it to a client of `{issuer}`" if near is None else _mean(uid, issuer, near)
    return f"no client of `{issuer}` has the {what} `{name}`", remedy


def _of_people(uid: EntityUid, deployment: Deployment) -> Words | None:
    issuer, _, name = uid.id.partition("/")
    facts = deployment.issuers.get(issuer)
    known = None if facts is None else facts.groups if uid.type == "Group" else facts.roles
    if known is None or name not in known:
        return None
    meant = EntityUid(f"Client{uid.type}", uid.id)
    return f"`{uid}` holds people alone, and machines have one of that name", f"did you mean `{meant}`?"


def _tool(uid: EntityUid, deployment: Deployment) -> Words | None:
    server, _, name = uid.id.partition("/")
    facts = deployment.servers.get(server)
    if facts is None or facts.unpinned == "allow" or name in (facts.tools or ()):
        return None
    near = closest(name, facts.tools or ())
    remedy = "pin it" if near is None else _mean(uid, server, near)
    return f"the catalogue of `{server}` has no tool `{name}`", remedy


def _exposed(uid: EntityUid, deployment: Deployment) -> Words | None:
    server, _, name = uid.id.partition("/")
    facts = deployment.servers.get(server)
    known = None if facts is None else facts.exposed.get(uid.type)
    if known is None or name in known:
        return None
    near = closest(name, known)
    what = "prompt" if uid.type == "Prompt" else "template"
    remedy = "pin it" if near is None else _mean(uid, server, near)
    return f"the catalogue of `{server}` has no {what} `{name}`", remedy


def _mean(uid: EntityUid, left: str, near: str) -> str:
    return f"did you mean `{EntityUid(uid.type, f'{left}/{near}')}`?"


_LOOKS: Mapping[str, Callable[[EntityUid, Deployment], Words | None]] = MappingProxyType(
    {
        "Client": _client,
        "ClientGroup": _of_machines,
        "ClientRole": _of_machines,
        "Group": _of_people,
        "Prompt": _exposed,
        "ResourceTemplate": _exposed,
        "Role": _of_people,
        "Tool": _tool,
    }
)

UNLISTED_NAMES = Check(code="PS010", page=__doc__ or "", find=_find)
