"""Policies that can decide: what each is called, what its text and its scope are.

A template can't, until it is linked: then it is one more policy, with entities in its slots.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cedarpy

from policy_engine.cedar.errors import CedarError
from policy_engine.cedar.json_text import from_text, to_text
from policy_engine.cedar.policies import Policy, parse_policies
from policy_engine.cedar.slicing import ScopeKeys, scope_of
from policy_engine.cedar.source import Statement, head_part, statements
from policy_engine.errors import PolicyError
from policy_engine.model import CedarJson, EntityUid

__all__ = ["Link", "Static", "linked", "statics_of", "statics_of_text"]


class Static(NamedTuple):
    """One policy without slots."""

    name: str
    text: str
    scope: ScopeKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A policy to be made of a template.

    Attributes:
        template: the template's id.
        id: what the policy is called.
        principal: what stands in `?principal`, if the template has that slot.
        resource: what stands in `?resource`, if it has that.
    """

    template: str
    id: str
    principal: EntityUid | None = None
    resource: EntityUid | None = None


def statics_of(policies: Iterable[Policy], templates: dict[str, str]) -> Iterator[Static]:
    """Policies, each called by its own id or by `policyN`, one after another.

    Args:
        policies: the policies.
        templates: takes the text of each template by its id.

    Raises:
        ValueError: two have one id.
    """
    names: set[str] = set()
    for number, policy in enumerate(policies):
        name = policy.id or f"policy{number}"
        if name in names:
            raise ValueError("two policies have one id")
        names.add(name)
        if policy.scope is None:
            templates[name] = policy.text
        else:
            yield Static(name, policy.text, policy.scope)


def statics_of_text(text: str) -> tuple[list[Static], dict[str, str]]:
    """The policies of a text, and its templates, by id.

    Raises:
        PolicyError: one doesn't parse.
    """
    parts = statements(text)
    heads = _heads(text, parts)
    names = _distinct([head.get("annotations", {}).get("id") or "" for _, head in heads])
    statics: list[Static] = []
    templates: dict[str, str] = {}
    for name, part, (template, head) in zip(names, parts, heads, strict=True):
        if template:
            templates[name] = part.text
        else:
            statics.append(Static(name, part.text, scope_of(head)))
    return statics, templates


def _heads(text: str, parts: Sequence[Statement]) -> list[tuple[bool, CedarJson]]:
    """Whether each is a template, and its annotations and scope in Cedar's JSON."""
    if any(part.excess for part in parts):
        parse_policies(text)  # refuses it; Cedar's own parser would overflow the stack
    try:
        cedarpy.PolicySet.from_str(text)
    except ValueError:
        parse_policies(text)  # refuses it, and says where
        raise PolicyError("the text isn't Unicode", code="policy_syntax") from None
    # Bodies are left out: policies that nest deep have no JSON that Python reads.
    heads = "\n".join(f"{head_part(part.text)};" for part in parts)
    written = from_text(cedarpy.policies_to_json_str(heads))
    statics, templates = written["staticPolicies"], written["templates"]
    if len(statics) + len(templates) != len(parts):
        raise CedarError("cedar_answer", "Cedar counts other policies than there are")
    return [
        (True, templates[name]) if name in templates else (False, statics[name])
        for name in (f"policy{number}" for number in range(len(parts)))
    ]


def _distinct(ids: Sequence[str]) -> list[str]:
    """The name of each policy: its `@id` if nothing else is called so, otherwise Cedar's own id."""
    own = [f"policy{number}" for number in range(len(ids))]
    count = Counter([*own, *ids])
    return [name if name and count[name] == 1 else mine for mine, name in zip(own, ids, strict=True)]


def linked(
    statics: Sequence[Static], templates: Mapping[str, str], links: Iterable[Link]
) -> tuple[Static, ...]:
    """The policies, and those that are made of templates, after them.

    Raises:
        PolicyError: `policy_template`: there is no such template, an id is taken, or a slot stays empty.
    """
    taken = {policy.name for policy in statics} | templates.keys()
    made = list(statics)
    for link in links:
        if link.id in taken:
            raise _refused(f"the id `{link.id}` is taken", "give each link an id of its own")
        taken.add(link.id)
        if link.template not in templates:
            known = ", ".join(sorted(templates)) or "none"
            raise _refused(f"there is no template `{link.template}`", f"known are: {known}")
        est = _filled(templates[link.template], link)
        text = cedarpy.policies_from_json_str(_as_set(est))
        made.append(Static(link.id, text, scope_of(est)))
    return tuple(made)


def _filled(template: str, link: Link) -> CedarJson:
    templates: dict[str, CedarJson] = from_text(cedarpy.policies_to_json_str(template))["templates"]
    (est,) = templates.values()
    given = {"?principal": link.principal, "?resource": link.resource}
    left = {slot for slot, uid in given.items() if uid is not None}
    for part in ("principal", "resource"):
        holder = est[part].get("in", est[part])
        slot = holder.pop("slot", None)
        if slot is None:
            continue
        uid = given[slot]
        if uid is None:
            raise _refused(f"`{link.id}` leaves `{slot}` empty", "say which entity stands in it")
        holder["entity"] = uid.to_json()
        left.discard(slot)
    if left:
        raise _refused(f"the template of `{link.id}` has no `{min(left)}`", "leave it out")
    return est


def _as_set(est: CedarJson) -> str:
    return to_text({"staticPolicies": {"policy0": est}, "templates": {}, "templateLinks": []}, "cedar_answer")


def _refused(problem: str, remedy: str) -> PolicyError:
    return PolicyError(problem, remedy=remedy, code="policy_template")
