"""What an authenticated client gets of what it asks for: one resource, and scopes of that resource.

RFC 6749 sections 3.3 and 4.4, RFC 8707 section 2. Nothing is narrowed silently: it gets all it asked for,
or a refusal.
"""

from dataclasses import dataclass

from policy_engine.authserver.catalogue import Catalogue, canonical_resource, parse_scope
from policy_engine.authserver.clients import RegisteredClient
from policy_engine.authserver.web import Form, RefusedError
from policy_engine.model.claims import CLIENT_CREDENTIALS

__all__ = ["Grant", "grant_access"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one token permits to whom; only `grant_access` makes one.

    Attributes:
        client: an authenticated client.
        resource: the one resource, as the catalogue writes it.
        scopes: some of the resource's scopes, sorted; never none.
    """

    client: RegisteredClient
    resource: str
    scopes: tuple[str, ...]


def grant_access(client: RegisteredClient, form: Form, catalogue: Catalogue) -> Grant:
    """Decide what a client gets.

    Args:
        client: who asks, authenticated.
        form: what it asks for: `grant_type`, `resource`, `scope`.
        catalogue: what there is.

    Raises:
        RefusedError: it can't have that.
    """
    grant_type = form.require("grant_type")
    if grant_type != CLIENT_CREDENTIALS:
        raise RefusedError("unsupported_grant")
    if grant_type not in client.grant_types:
        raise RefusedError("grant_not_allowed")
    resource = _resource(client, form, catalogue)
    scopes = _scopes(client, form, client.scopes & catalogue.scopes_of(resource))
    return Grant(client=client, resource=resource, scopes=tuple(sorted(scopes)))


def _resource(client: RegisteredClient, form: Form, catalogue: Catalogue) -> str:
    asked = {text if text in catalogue else canonical_resource(text) for text in form.resources}
    if not asked and client.default_resource:
        asked.update(client.resources)
    if not asked:
        raise RefusedError("no_resource")
    if len(asked) > 1:
        # One token for two servers lets each of them act as the client at the other.
        raise RefusedError("several_resources")
    resource = asked.pop()
    if resource is None:
        raise RefusedError("malformed_resource")
    if resource not in catalogue:
        raise RefusedError("unknown_resource")
    if resource not in client.resources:
        raise RefusedError("resource_not_allowed")
    return resource


def _scopes(client: RegisteredClient, form: Form, allowed: frozenset[str]) -> frozenset[str]:
    text = form.get("scope")
    if text is None:
        scopes = client.default_scopes & allowed
        if not scopes:
            raise RefusedError("no_scope")
        return scopes
    asked = parse_scope(text)
    if asked is None:
        raise RefusedError("malformed_scope")
    if not asked <= allowed:
        raise RefusedError("scope_not_allowed")
    return asked
