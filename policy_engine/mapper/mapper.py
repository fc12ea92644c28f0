"""Stage 2: a verified token in, a machine or a human out, and nothing in between."""

from collections.abc import Iterable, Mapping

from policy_engine.errors import ConfigError, MappingError
from policy_engine.mapper.examination import Examination, TokenContent
from policy_engine.mapper.issuer import BoundIssuer, IssuerMapping
from policy_engine.model import Identity, VerifiedToken

__all__ = ["Mapper"]


class Mapper:
    """Tells whom a token speaks for, by the profile of the issuer that signed it.

    The profile is chosen by the issuer alone and never by looking at claims: the same claim means different
    things at different issuers.

    Args:
        issuers: one mapping an issuer.

    Raises:
        ConfigError: two have one name, a flag or a client of one can't be used.
    """

    def __init__(self, issuers: Iterable[IssuerMapping]) -> None:
        own = object()  # marks what is this mapper's, and keeps nothing of it alive
        bound: dict[str, BoundIssuer] = {}
        for mapping in issuers:
            if mapping.name in bound:
                raise ConfigError(f"two issuers are named `{mapping.name}`", remedy="rename one of them")
            bound[mapping.name] = BoundIssuer(mapping, settled=own)
        self._issuers: Mapping[str, BoundIssuer] = bound
        self._own = own

    def map(self, token: VerifiedToken) -> Identity:
        """Tell whom a token speaks for, and what policies may know of it.

        Raises:
            MappingError: that can't be told for certain; `evidence` says what was found.
        """
        # Neither what a token says changes nor what the operator wrote, so a token that stage 1 remembers is
        # mapped once; where the list of clients changes by itself, once for each state of it. The mark is
        # asked for before anything is looked up: what changes meanwhile is then looked up again.
        identity: Identity
        for owner, identity in token.memo:
            if owner is self._own:
                return identity
        issuer = self._issuer(token)
        mark = issuer.mark()
        for owner, identity in token.memo:
            if owner is mark:
                return identity
        found = issuer.identify(token)
        if mark is not None:
            token.memo[:] = [(mark, found)]
        return found

    def examine(self, token: TokenContent) -> Examination:
        """Map a token, and show every clause of both rules; never raises for what the token says.

        It needn't be a verified one: what comes of it is as true as the token is.
        """
        return self._issuer(token).examine(token)

    def _issuer(self, token: TokenContent) -> BoundIssuer:
        issuer = self._issuers.get(token.issuer)
        if issuer is None:
            raise MappingError("unknown_issuer", "no issuer of this name has a profile")
        return issuer
