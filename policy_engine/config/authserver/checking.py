"""What the section `authserver` must have in common with the rest of the file."""

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from policy_engine.config.authserver.model import AuthServerConfig
from policy_engine.config.authserver.registry import RegistryConfig
from policy_engine.files import Document
from policy_engine.tokens import parse_url

__all__ = ["check_authserver", "check_registries"]

Problem = tuple[tuple[str | int, ...], str, str]
"""Path of the part, what is wrong, how to mend it."""

_PROFILE = "policy-engine"

_SECRET = frozenset({"password", "passfile", "sslpassword"})
"""Parameters of PostgreSQL's URLs that are secrets, or lead to some (libpq, section 34.1.2)."""


def check_authserver(
    written: AuthServerConfig | None,
    document: Document,
    *,
    profiles: dict[str, str],
    servers: frozenset[str],
    development: bool,
) -> Iterator[Problem]:
    """Yield every problem.

    Args:
        written: the section; None where there is none.
        document: where it was written.
        profiles: by the identifier of an issuer, its profile.
        servers: names of the protected servers.
        development: whether loopback http will do.
    """
    if written is None:
        return
    yield from _issuer(written.issuer, profiles, development=development)
    yield from _store(("authserver", "store"), written.store, document)
    known = ", ".join(sorted(servers))
    for name in written.scopes:
        if name not in servers:
            problem, remedy = f"no server is named `{name}`", f"configured are: {known}"
            yield (("authserver", "scopes", name), problem, remedy)
    if written.events.file is not None and written.events.stdout:
        problem = "events go either to a file or to standard output"
        yield (("authserver", "events"), problem, "keep one of the two")


def _issuer(issuer: str, profiles: dict[str, str], *, development: bool) -> Iterator[Problem]:
    path = ("authserver", "issuer")
    url = parse_url(issuer)
    if url is None or "?" in issuer or issuer.endswith("/"):
        remedy = "write https://host[:port][/path] without a final slash"
        yield (path, "`authserver.issuer` isn't an issuer identifier", remedy)
    elif not url.may_be_fetched(allow_loopback_http=development):
        problem = "`authserver.issuer` isn't https" + (" nor http on loopback" if development else "")
        yield (path, problem, "use https; http is for loopback hosts with `development: true`")
    if profiles.get(issuer) != _PROFILE:
        problem = f"no issuer with the profile `{_PROFILE}` has this `issuer`"
        entry = f"machines: {{issuer: {issuer}, profile: {_PROFILE}, clients: registry}}"
        yield (path, problem, f"add one under `issuers`: {entry}")


def check_registries(
    registries: Mapping[str, tuple[str, str, RegistryConfig]],
    authserver: AuthServerConfig | None,
    document: Document,
) -> Iterator[Problem]:
    """Yield every problem of the issuers whose machines a registry lists.

    Args:
        registries: by the name of the issuer, its identifier, its profile, and where the registry is.
        authserver: the section `authserver`.
        document: where all of it was written.
    """
    for name, (issuer, profile, written) in registries.items():
        path = ("issuers", name, "clients")
        if profile != _PROFILE:
            problem = f"only our own authorization server has a registry, whose profile is `{_PROFILE}`"
            yield (path, problem, "list the machines of this issuer one by one")
        elif written.store is not None:
            yield from _store(("issuers", name, "registry", "store"), written.store, document)
        elif written.file is None and authserver is None:
            problem = "`registry` is the store of `authserver`, and there is no such section"
            yield (path, problem, "say where it is: `registry: {store: …}` or `registry: {file: …}`")
        elif written.file is None and authserver is not None and authserver.issuer != issuer:
            problem = "the store of `authserver` is another issuer's"
            yield (path, problem, "say where it is: `registry: {store: …}` or `registry: {file: …}`")


def _store(path: tuple[str, ...], store: str, document: Document) -> Iterator[Problem]:
    scheme, separator, _ = store.partition("://")
    if not separator:
        return
    if scheme not in ("postgresql", "sqlite"):
        yield (path, "the store is neither a file nor postgresql://…", "write the path of an SQLite file")
    elif document.file is not None and not _all_from_variables(store, document):
        yield (path, "a password stands in the file", "write `${NAME}`, and export NAME")


def _all_from_variables(store: str, document: Document) -> bool:
    """Whether each password in a URL is the whole of a variable, or the password in a variable's URL."""
    known = set(document.variables)
    known |= {password for value in document.variables for password in _passwords(value)}
    return all(password in known or unquote(password) in known for password in _passwords(store))


def _passwords(store: str) -> Iterator[str]:
    """All in a URL that a driver takes for a password, or for the way to one, as it is written."""
    try:
        url = urlsplit(store)
        if url.password:
            yield url.password
    except ValueError:
        return
    for parameter in url.query.split("&"):
        name, _, value = parameter.partition("=")
        if value and unquote(name).lower() in _SECRET:
            yield value
