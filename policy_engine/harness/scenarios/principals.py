"""Who asks: a token is minted, or an identity made, of what a file says of somebody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from policy_engine.config import issuer_profile
from policy_engine.errors import MappingError, TokenError
from policy_engine.harness.cases import Who
from policy_engine.harness.scenarios.entities import read_entity
from policy_engine.harness.scenarios.files import PrincipalFile
from policy_engine.harness.scenarios.named import check_issuer, check_server
from policy_engine.harness.scenarios.spot import Spot
from policy_engine.harness.world import World
from policy_engine.mapper import Kind
from policy_engine.model import EntityUid, Identity, Principal, User

__all__ = ["Speaker", "read_principal"]

_FORMS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "client": frozenset(
            {"issuer", "profile", "scope", "claims", "header", "lifetime", "token_for", "tamper"}
        ),
        "user": frozenset(
            {"through", "issuer", "profile", "scope", "claims", "header", "lifetime", "token_for", "tamper"}
        ),
        "token": frozenset(),
        "entity": frozenset(
            {"through_entity", "category", "groups", "roles", "email", "attributes", "facts"}
        ),
        "nobody": frozenset(),
        "claims": frozenset({"issuer", "profile", "scope", "header", "lifetime", "token_for", "tamper"}),
    }
)
"""By what says who somebody is, what else may be said of them."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who asks.

    Attributes:
        name: as the file calls them.
        principal: whom their token is to be taken for, where that is certain.
        to: their token, or identity, for a server.
    """

    name: str
    principal: str | None
    to: Callable[[str], Who]
    _made: dict[str, Who] = field(default_factory=dict)

    def who(self, server: str) -> Who:
        """The same, made once for each server.

        Raises:
            ConfigError: no such token can be had.
        """
        if server not in self._made:
            self._made[server] = self.to(server)
        return self._made[server]


def read_principal(name: str, entry: PrincipalFile, spot: Spot, world: World) -> Speaker:
    """Check what a file says of somebody.

    Raises:
        ConfigError: it says too little, or too much, or what can't be.
    """
    form = _form(entry, spot)
    for key in sorted(entry.model_fields_set - {form} - _FORMS[form]):
        if key == "through" and form == "client":
            raise (spot / key).error("a machine has its token by itself", "take `through` out")
        raise (spot / key).error(f"`{key}` doesn't go with `{form}`", "take one of the two out")
    match form:
        case "nobody":
            return Speaker(name, None, lambda _server: Who(name=name, origin=spot.origin))
        case "entity":
            identity = read_entity(entry, spot, world)
            who = _of_identity(name, identity, spot)
            return Speaker(name, str(identity.principal.uid), lambda _server: who)
        case "token":
            token = _recorded(entry, spot)
            return Speaker(
                name, None, lambda server: _of_token(name, token, None, spot, world, server=server)
            )
        case _:
            speaker = _minted(name, form, entry, spot, world)
            speaker.who(entry.token_for or next(iter(world.loaded.config.servers)))
            return speaker


def _form(entry: PrincipalFile, spot: Spot) -> str:
    given = [form for form in _FORMS if form != "claims" and form in entry.model_fields_set]
    if not given and (entry.issuer or entry.profile):
        return "claims"
    if len(given) != 1:
        said = " and ".join(f"`{form}`" for form in given)
        raise spot.error(
            f"{said} say who it is" if said else "nothing says who it is",
            "give one of `client`, `user`, `token`, `entity` and `nobody`",
        )
    if getattr(entry, given[0]) is None:
        raise (spot / given[0]).error(f"`{given[0]}` is empty", "write a value, or take it out")
    return given[0]


def _minted(name: str, form: str, entry: PrincipalFile, spot: Spot, world: World) -> Speaker:
    kind: Kind = "client" if form == "client" else "user"
    whose = entry.client if form == "client" else entry.user
    issuer = _issuer(entry, spot, world)
    if issuer is None:
        with spot.blamed():
            issuer = world.minter.issuer_of(kind, entry.client if form == "client" else entry.through)
    if entry.token_for is not None:
        check_server(entry.token_for, spot / "token_for", world)

    def token(server: str) -> Who:
        with spot.blamed():
            text = world.mint(
                issuer=issuer,
                kind=kind,
                id=whose,
                through=entry.through,
                claims=entry.claims,
                header=entry.header,
                scope=entry.scope,
                lifetime=entry.lifetime,
                server=entry.token_for or server,
                tamper=entry.tamper,
            )
        return _of_token(name, text, issuer, spot, world, server=entry.token_for or server)

    # Claims of the scenario's own may say somebody else.
    certain = whose is not None and entry.tamper is None and not entry.claims.keys() & {"sub", "iss"}
    uid = EntityUid("Client" if form == "client" else "User", f"{issuer}/{whose}")
    return Speaker(name, str(uid) if certain and form != "claims" else None, token)


def _issuer(entry: PrincipalFile, spot: Spot, world: World) -> str | None:
    if entry.issuer is not None:
        if entry.profile is not None:
            raise (spot / "profile").error("`profile` doesn't go with `issuer`", "take one of the two out")
        check_issuer(entry.issuer, spot / "issuer", world)
        return entry.issuer
    if entry.profile is None:
        return None
    able = [
        each
        for each in world.loaded.config.issuers
        if issuer_profile(world.loaded, each).name == entry.profile
    ]
    if len(able) != 1:
        known = sorted({issuer_profile(world.loaded, each).name for each in world.loaded.config.issuers})
        raise (spot / "profile").error(
            f"not exactly one issuer has the profile `{entry.profile}`: {', '.join(able) or 'none has'}",
            "name it: `issuer`" if able else f"known are: {', '.join(known)}",
        )
    return able[0]


def _of_token(
    name: str, token: str, issuer: str | None, spot: Spot, world: World, *, server: str | None = None
) -> Who:
    """With what the engine takes the token for, if it takes it."""
    try:
        found: Principal | None = world.engine.identify(token, server)
    except (TokenError, MappingError):
        found = None
    issuer = issuer or (None if found is None else found.issuer)
    return Who(
        name=name,
        token=token,
        kind=None if found is None else "user" if isinstance(found, User) else "client",
        issuer=issuer,
        profile=None if issuer is None else issuer_profile(world.loaded, issuer).name,
        delegated=isinstance(found, User) and found.actor is not None,
        origin=spot.origin,
    )


def _of_identity(name: str, identity: Identity, spot: Spot) -> Who:
    principal = identity.principal
    return Who(
        name=name,
        identity=identity,
        kind="user" if isinstance(principal, User) else "client",
        issuer=principal.issuer,
        delegated=isinstance(principal, User) and principal.actor is not None,
        origin=spot.origin,
    )


def _recorded(entry: PrincipalFile, spot: Spot) -> str:
    path = spot.file.parent / (entry.token.file if entry.token else "")
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds no token"
        raise (spot / "token" / "file").error(
            f"can't read the token: {reason}", "name a file beside this one"
        ) from None
