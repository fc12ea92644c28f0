"""Tell which registered client sent a request (RFC 6749 sections 2.3 and 3.2.1).

One method a request, and it is the one that the client is registered for: a client with a key can't be
impersonated with a secret. Whatever fails, the sender learns only that it failed.
"""

from dataclasses import dataclass

from policy_engine.authserver.client_auth.method import Credentials, Proof, Terms
from policy_engine.authserver.client_auth.methods import METHODS
from policy_engine.authserver.client_auth.replay import ReplayStore
from policy_engine.authserver.clients import ClientRegistry, RegisteredClient, is_client_id
from policy_engine.authserver.web import Form, HttpRequest, RefusedError

__all__ = ["Authenticated", "Authenticator", "Claimed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who a request says that it is from; nothing of it is proven.

    Attributes:
        method: a key of `METHODS`.
        credentials: what would prove it.
        client: the registered client by that id, if there is one.
    """

    method: str
    credentials: Credentials
    client: RegisteredClient | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticated:
    """A client that proved who it is; only `Authenticator` makes one."""

    client: RegisteredClient
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """Who checks credentials.

    Attributes:
        audiences: the texts that an assertion's audience may be, alone.
        clients: who is registered.
        replays: where used assertions are kept.
    """

    audiences: frozenset[str]
    clients: ClientRegistry
    replays: ReplayStore

    def claim(self, request: HttpRequest, form: Form) -> Claimed:
        """Read who a request says that it is from, and how that could be proven.

        Raises:
            RefusedError: the credentials are missing, several, or can't be read.
        """
        method = _only_method(request, form)
        credentials = METHODS[method].read(request, form)
        # RFC 6749 section 3.2.1: a bare `client_id` may stand beside the credentials, if it is the same.
        if form.get("client_id") not in (None, credentials.client_id):
            raise RefusedError("client_id_mismatch")
        return Claimed(method=method, credentials=credentials, client=self._find(credentials.client_id))

    def prove(self, claimed: Claimed, now: float) -> Authenticated:
        """Check the credentials against the client's registration.

        Args:
            claimed: what `claim` read.
            now: seconds since the epoch.

        Raises:
            RefusedError: they prove nothing.
        """
        method, client = METHODS[claimed.method], claimed.client
        if client is None or not client.enabled or client.token_endpoint_auth_method != claimed.method:
            method.pretend(claimed.credentials)
            raise RefusedError(_why_unfit(client))
        terms = Terms(audiences=self.audiences, now=now, replays=self.replays)
        return Authenticated(client=client, proof=method.prove(claimed.credentials, client, terms))

    def _find(self, client_id: str) -> RegisteredClient | None:
        if not is_client_id(client_id):
            return None
        client = self.clients.find(client_id)
        # A store that folds case, or trims, would hand out another client than the one that was named.
        return client if client is not None and client.client_id == client_id else None


def _only_method(request: HttpRequest, form: Form) -> str:
    offered = [name for name, method in METHODS.items() if method.offered(request, form)]
    if len(offered) > 1:
        raise RefusedError("several_credentials")
    if not offered:
        raise RefusedError("no_credentials")
    return offered[0]


def _why_unfit(client: RegisteredClient | None) -> str:
    if client is None:
        return "unknown_client"
    return "other_method" if client.enabled else "disabled_client"
