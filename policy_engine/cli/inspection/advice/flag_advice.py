"""Which of the profile's flags would let a token pass, and what the operator would be saying by them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from policy_engine.cli.inspection.advice.refusal import Refusal
from policy_engine.cli.inspection.change import Change
from policy_engine.mapper import Mapper
from policy_engine.model import User

__all__ = ["advise_on_flags"]

_MOST = 2
"""Flags that are turned at once; what takes more of them isn't a matter of a forgotten one."""


def advise_on_flags(refusal: Refusal) -> Iterator[Change]:
    """Try each switch the other way round, then two at once; the fewest that help are told."""
    token = refusal.first.token
    mapping = refusal.bench.mappings[refusal.issuer]
    # What a switch that isn't set stands for: off.
    switches = [name for name, flag in mapping.profile.flags.items() if flag.type == "boolean"]
    now = {name: mapping.flags.get(name) is True for name in switches}
    for size in range(1, _MOST + 1):
        found = False
        for names in combinations(now, size):
            turned = {name: not now[name] for name in names}
            mapper = Mapper([replace(mapping, flags={**mapping.flags, **turned})])
            identity = None if token is None else mapper.examine(token).identity
            if identity is not None:
                found = True
                kind = "a person's" if isinstance(identity.principal, User) else "a machine's"
                yield _turned(refusal, turned, kind)
        if found:
            return


def _turned(refusal: Refusal, turned: Mapping[str, bool], kind: str) -> Change:
    written = ", ".join(f"{name}: {str(value).lower()}" for name, value in turned.items())
    said = " ".join(
        f"`{name}: {str(value).lower()}` says {'' if value else 'that this is not so: '}"
        f"“{refusal.profile.flags[name].description}”"
        for name, value in turned.items()
    )
    return refusal.change(
        "issuers",
        refusal.issuer,
        "flags",
        text=f"with `{written}` the token would be taken for {kind}",
        warning=f"write it only if it is true. {said}",
    )
