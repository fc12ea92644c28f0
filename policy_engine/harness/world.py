"""What tests decide with: the project's own engine, whose issuers' keys are the test's.

Policies, catalogues, entities and issuers are those of `policy-engine.yaml`. Nobody is asked over a network,
and nothing is recorded; a registry of machines is read once, and stands still.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from policy_engine.config import LoadedConfig, load_config, policy_checker, registered_clients
from policy_engine.engine import PolicyEngine
from policy_engine.evaluator import PolicyChecker, PolicySource, PolicyStore
from policy_engine.harness.clock import Clock
from policy_engine.harness.minting import Minter, key_sets, keys_of
from policy_engine.harness.tampering import Tampering
from policy_engine.mapper import Kind

__all__ = ["World"]


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """An engine, and the keys of those who sign for it.

    Attributes:
        engine: decides.
        loaded: the configuration, with the test's keys.
        clock: what the engine and all tokens go by; a case sets it.
        minter: signs tokens; each of them once.
    """

    engine: PolicyEngine
    loaded: LoadedConfig
    clock: Clock
    minter: Minter = field(repr=False)
    shared: dict[str, PolicyChecker] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, config: Path, *, now: float | Callable[[], float] = time.time) -> "World":
        """Load a project.

        Args:
            config: its `policy-engine.yaml`.
            now: seconds since the epoch, or a clock.

        Raises:
            ConfigError: something in it can't be used; the error says where and how to mend it.
        """
        return cls.of(load_config(config), now=now)

    @classmethod
    def of(cls, loaded: LoadedConfig, *, now: float | Callable[[], float] = time.time) -> "World":
        """The same of a configuration that was loaded."""
        keys = keys_of(loaded)
        registered = {
            name: registered_clients(loaded, name)
            for name, issuer in loaded.config.issuers.items()
            if issuer.registry is not None
        }
        own = loaded.with_keys(key_sets(keys), registered)
        clock = Clock(now)
        return cls(
            engine=PolicyEngine.from_config(own, now=clock),
            loaded=own,
            clock=clock,
            minter=Minter(own, keys, clock),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the policies."""
        return self.engine.stages.digest

    @property
    def generation(self) -> int:
        """That of the engine."""
        return self.engine.stages.generation

    @property
    def policies(self) -> PolicyStore:
        """The policies in force."""
        return self.engine.stages.policies

    @cached_property
    def checker(self) -> PolicyChecker:
        """What checks policies as those of the configuration are; made once for all worlds of one load."""
        if "checker" not in self.shared:
            stages = self.engine.stages
            self.shared["checker"] = policy_checker(self.loaded, stages.servers, stages.static)
        return self.shared["checker"]

    def mint(
        self,
        *,
        issuer: str | None = None,
        kind: Kind = "client",
        id: str | None = None,  # noqa: A002 -- the word that profiles have for it
        through: str | None = None,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        scope: str | None = None,
        lifetime: float = 600,
        server: str | None = None,
        tamper: Tampering | None = None,
    ) -> str:
        """Sign a token as an issuer would; the same words give the same token.

        Args:
            issuer: its configured name; needed where several could sign it.
            kind: a machine's token, or a person's.
            id: the machine's, or the person's, as the issuer writes it; None for a token of `claims` alone.
            through: the application that obtained a person's token.
            claims: further claims, or other values; None leaves one out.
            header: likewise, of the header.
            scope: scopes, separated by spaces.
            lifetime: seconds until it expires.
            server: that it is for; needed where several are configured.
            tamper: what is wrong with it; see `TAMPERINGS`.

        Raises:
            ConfigError: nobody signs such tokens, or several do.
        """
        return self.minter.mint(
            issuer=issuer,
            kind=kind,
            id=id,
            through=through,
            claims=claims or {},
            header=header or {},
            scope=scope,
            lifetime=lifetime,
            server=server,
            tamper=tamper,
        )

    def with_policies(self, policies: str | PolicyStore | Iterable[PolicySource]) -> "World":
        """The same world with other policies in place of all it has; keys, tokens and clock are shared.

        Args:
            policies: Cedar text; its sources; or a set that was checked.

        Raises:
            PolicyError: the first mistake in them; all others are in its `others`.
        """
        if isinstance(policies, str):
            policies = (PolicySource(text=policies),)
        if not isinstance(policies, PolicyStore):
            policies = self.checker.examine(tuple(policies)).store()
        return replace(self, engine=self.engine.with_policies(policies))
