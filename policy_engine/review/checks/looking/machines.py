"""The machines that a configuration lists, each with all groups that it is in."""

from collections.abc import Iterator
from dataclasses import dataclass

from policy_engine.cedar import ScopeClause
from policy_engine.config import LoadedConfig
from policy_engine.evaluator import StaticEntities
from policy_engine.files import Place
from policy_engine.model import EntityUid
from policy_engine.model.claims import MACHINE_GRANTS

__all__ = ["Machine", "machines_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A client that is listed at an issuer.

    Attributes:
        uid: `Client::"<issuer>/<client id>"`, who it is in policies.
        issuer: the name of its issuer.
        asks: whether it has tokens on its own behalf; others only act for people.
        grants: what it uses.
        groups: names of its groups, as they are listed.
        above: everything that it is in.
        open_ended: whether its tokens may say more of it than is listed.
        place: where it is listed, if in a file.
    """

    uid: EntityUid
    issuer: str
    asks: bool
    grants: tuple[str, ...]
    groups: tuple[str, ...]
    above: frozenset[EntityUid]
    open_ended: bool
    place: Place | None

    def may_be_meant(self, clause: ScopeClause) -> bool:
        """Whether what a head says of the principal may be said of it."""
        if clause.type not in (None, "Client"):
            return False
        wanted = {literal.uid for literal in clause.entities}
        if not wanted or self.uid in wanted or not wanted.isdisjoint(self.above):
            return True
        return self.open_ended and clause.operator != "=="


def machines_of(loaded: LoadedConfig, static: StaticEntities) -> Iterator[Machine]:
    """All of them, in the order of the file."""
    for name, issuer in loaded.config.issuers.items():
        claims = issuer.claims.client
        for client_id, client in issuer.clients.items():
            uid = EntityUid("Client", f"{name}/{client_id}")
            own = {EntityUid("ClientGroup", f"{name}/{group}") for group in client.groups}
            own |= {EntityUid("ClientRole", f"{name}/{role}") for role in client.roles}
            yield Machine(
                uid=uid,
                issuer=name,
                asks=not MACHINE_GRANTS.isdisjoint(client.grants),
                grants=client.grants,
                groups=client.groups,
                above=frozenset(own).union(*(static.above(each) for each in (uid, *own))),
                open_ended=claims.groups is not None or claims.roles is not None,
                place=loaded.document.place(("issuers", name, "clients", client_id)),
            )
