"""One token on its way through stage 2, and how it is read before anything is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy_engine.errors import MappingError
from policy_engine.mapper.delegation import Actor, read_actor
from policy_engine.mapper.examination import TokenContent
from policy_engine.mapper.identifiers import TokenParts, client_id_of, decoded, id_at
from policy_engine.mapper.language import ABSENT, NOTHING_DECODED, FlagValue, Frame, Layout
from policy_engine.mapper.markers import Kind
from policy_engine.mapper.profiles import Profile
from policy_engine.mapper.token_class import check_class

__all__ = ["Case", "CaseReader"]


@dataclass(slots=True)
class Case:
    """A token: what was read of it so far, and the check that is being made.

    Attributes:
        parts: where claims are read; the decoded ones once they are decoded.
        frame: what the rules mention; empty until it is read.
    """

    token: TokenContent
    parts: TokenParts
    check: str = "access_token"
    client_id: str | None = None
    machine_id: str | None = None
    user_id: str | None = None
    actor: Actor | None = None
    frame: Frame = field(default_factory=list)

    @classmethod
    def of(cls, token: TokenContent) -> "Case":
        """A case of which nothing was read yet."""
        return cls(token, TokenParts(token.header, token.claims, NOTHING_DECODED))


class CaseReader:
    """Reads tokens of one issuer as its profile says.

    Args:
        profile: of the issuer.
        flags: what the operator set.
        layout: which claims the rules mention.
    """

    def __init__(self, profile: Profile, flags: Mapping[str, FlagValue], layout: Layout) -> None:
        self._profile = profile
        self._layout = layout
        self._tenants: tuple[str, ...] = ()
        if profile.tenant is not None:
            setting = flags[profile.tenant.flag]
            self._tenants = (setting,) if isinstance(setting, str) else setting or ()  # type: ignore[assignment] # the loader checked its type

    def read(self, case: Case) -> None:
        """Check the token's class and tenant, resolve its ids, and read what the rules mention.

        Raises:
            MappingError: something in it doesn't fit.
        """
        profile, header, claims = self._profile, case.token.header, case.token.claims
        typ = check_class(
            header,
            claims,
            allowed=profile.typ,
            id_tokens_allowed=profile.id_tokens_allowed,
            typ_required=not case.token.introspected,
        )
        case.check = "ids"
        parts = case.parts = TokenParts(header, claims, decoded(profile.decodings, header, claims))
        self.check_tenant(case, None)
        case.check = "ids"
        case.client_id = client_id_of(profile.client_id, typ, parts)
        own = profile.machine_id
        case.machine_id = case.client_id if own is None else id_at(own, parts)
        case.user_id = id_at(profile.user_id, parts)
        case.check = "rule_claims"
        case.frame = self._layout.fill(
            header,
            claims,
            parts.decoded,
            client_id=case.client_id,
            machine_id=case.machine_id,
            user_id=case.user_id,
        )
        case.check = "act"
        case.actor = read_actor(claims, profile.actor)

    def check_tenant(self, case: Case, kind: Kind | None) -> None:
        """Check that a token is of one of the operator's tenants, where the profile asks it of this kind.

        Raises:
            MappingError: `unknown_issuer` (`other_tenant`): another tenant is another issuer.
        """
        tenant = self._profile.tenant
        if tenant is None or tenant.of != kind or not self._tenants:
            return
        case.check = "tenant"
        found = tenant.path.find(case.parts.header, case.parts.claims, case.parts.decoded)
        if found is ABSENT or not isinstance(found, str) or found not in self._tenants:
            note = f"`{tenant.path}` names none of the operator's tenants"
            raise MappingError("unknown_issuer", note, detail="other_tenant", evidence=(note,))
