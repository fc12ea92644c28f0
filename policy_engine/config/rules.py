"""What one key of a configuration says about another: rules that no single value can break."""

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import combinations, product

from policy_engine.audit import REDACTABLE
from policy_engine.config.audiences import audiences_of
from policy_engine.config.gateway import check_gateway
from policy_engine.config.models import Config
from policy_engine.files import holds_user
from policy_engine.tokens import parse_url

__all__ = ["Problem", "check_rules"]

Problem = tuple[tuple[str | int, ...], str, str]
"""Path of the part, what is wrong, how to mend it."""


def check_rules(config: Config) -> Iterator[Problem]:
    """Yield every problem, in the order of the file."""
    yield from _users(config)
    yield from _server_uris(config)
    yield from _known_issuers(config)
    yield from _introspection(config)
    yield from _shared_audiences(config)
    yield from _issuer_uris(config)
    yield from _wildcards(config)
    yield from _same_issuer_twice(config)
    yield from _development_only(config)
    yield from _audit(config)
    yield from check_gateway(config)


def _uri_problem(uri: str, *, development: bool) -> str | None:
    """What is wrong with a URI, without repeating it: a password may stand in it."""
    if "#" in uri:
        return "has a fragment (RFC 8707 section 2 forbids it)"
    url = parse_url(uri)
    if url is None:
        return "isn't an absolute URI with a plain host, and without a user"
    if url.may_be_fetched(allow_loopback_http=development):
        return None
    return "is neither https nor http on loopback" if development else "isn't https"


def _users(config: Config) -> Iterator[Problem]:
    """URIs with a user: the password beside it would be printed wherever the URI is."""
    for server, protected in config.servers.items():
        for name, audience in protected.audiences.items():
            if any(map(holds_user, (*audience.user, *audience.client))):
                remedy = "write it as tokens have it for `aud`"
                yield (("servers", server, "audiences", name), "an audience has a user in it", remedy)
    for name, issuer in config.issuers.items():
        if holds_user(issuer.issuer):
            remedy = "write it as tokens have it for `iss`"
            yield (("issuers", name, "issuer"), "`issuer` has a user in it", remedy)


def _server_uris(config: Config) -> Iterator[Problem]:
    for name, server in config.servers.items():
        if problem := _uri_problem(server.resource, development=config.development):
            path = ("servers", name, "resource")
            yield (path, f"`servers.{name}.resource` {problem}", "give the https URI")


def _known_issuers(config: Config) -> Iterator[Problem]:
    for name, server in config.servers.items():
        for issuer in server.audiences:
            if issuer not in config.issuers:
                known = ", ".join(sorted(config.issuers))
                path = ("servers", name, "audiences", issuer)
                yield (path, f"no issuer is named `{issuer}`", f"configured are: {known}")


def _introspection(config: Config) -> Iterator[Problem]:
    asked = {name: issuer.introspection for name, issuer in config.issuers.items() if issuer.introspection}
    for name, server in config.servers.items():
        if server.introspection is not None and server.introspection not in asked:
            problem = f"no issuer named `{server.introspection}` has `introspection`"
            remedy = f"those that have: {', '.join(asked) or 'none'}"
            yield (("servers", name, "introspection"), problem, remedy)
    for name, written in asked.items():
        path = ("issuers", name, "introspection")
        uri = config.issuers[name].issuer if written.uri is None else written.uri
        found = _uri_problem(uri, development=config.development)
        if found and written.uri is None:
            remedy = "give an https issuer, or name the endpoint as `uri`"
            yield (path, f"the endpoint comes from the issuer's metadata, and `issuer` {found}", remedy)
        elif found:
            yield ((*path, "uri"), f"`introspection.uri` {found}", "give the https URI of the endpoint")
    for (one, first), (two, second) in combinations(asked.items(), 2):
        pairs = product(first.prefixes, second.prefixes)
        if any(prefix.startswith(other) or other.startswith(prefix) for prefix, other in pairs):
            where = ("issuers", two, "introspection", "prefixes")
            problem = f"opaque tokens of `{one}` and `{two}` can't be told apart by their prefixes"
            yield (where, problem, "give prefixes of which none begins another")


def _shared_audiences(config: Config) -> Iterator[Problem]:
    # A token for one server never opens another, unless the operator of both says that they are one.
    for (one, first), (two, second) in combinations(config.servers.items(), 2):
        if first.shares_audience and second.shares_audience:
            continue
        for issuer in config.issuers:
            if shared := audiences_of(first, issuer) & audiences_of(second, issuer):
                problem = f"`{one}` and `{two}` share the audience `{min(shared)}` at issuer `{issuer}`"
                remedy = "give each its own, or set `shares_audience: true` on both"
                yield (("servers", two), problem, remedy)
                break


def _issuer_uris(config: Config) -> Iterator[Problem]:
    for name, issuer in config.issuers.items():
        path = ("issuers", name)
        needs_metadata = issuer.keys is None
        if needs_metadata and (problem := _uri_problem(issuer.issuer, development=config.development)):
            remedy = "give an https issuer, or name its keys under `keys`"
            yield ((*path, "issuer"), f"keys come from the issuer's metadata, and `issuer` {problem}", remedy)
        uri = issuer.keys.uri if issuer.keys else None
        if uri and (problem := _uri_problem(uri, development=config.development)):
            yield ((*path, "keys", "uri"), f"`keys.uri` {problem}", "give the https URI of a JWK Set")


def _wildcards(config: Config) -> Iterator[Problem]:
    for name, issuer in config.issuers.items():
        if "*" in issuer.issuer:
            problem = "`issuer` is compared exactly, and no `iss` has a `*` in it"
            yield (("issuers", name, "issuer"), problem, "write one entry for each issuer")


def _same_issuer_twice(config: Config) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, issuer in config.issuers.items():
        if issuer.issuer in seen:
            problem = f"`{name}` and `{seen[issuer.issuer]}` have one `issuer`"
            yield (("issuers", name, "issuer"), problem, "keep one of the two entries")
        seen.setdefault(issuer.issuer, name)


def _development_only(config: Config) -> Iterator[Problem]:
    for name, issuer in config.issuers.items():
        if issuer.development_key is not None and not config.development:
            path = ("issuers", name, "development_key")
            remedy = "remove it, or set `development: true` where nobody else can connect"
            yield (path, "a private key stands in a configuration that isn't for development", remedy)


def _audit(config: Config) -> Iterator[Problem]:
    audit = config.audit
    for name in ("sign", "rotate"):
        if audit.file is None and getattr(audit, name) is not None:
            yield (("audit", name), f"`{name}` is of a file, and none is written", "name one: `audit.file`")
    if audit.sign is None and "checkpoint" in audit.model_fields_set:
        remedy = "say with what: `audit.sign`"
        yield (("audit", "checkpoint"), "`checkpoint` says when the file is signed, and it isn't", remedy)
    for position, path in enumerate(audit.redact):
        if path not in REDACTABLE:
            near = get_close_matches(path, REDACTABLE, n=1)
            remedy = f"did you mean `{near[0]}`?" if near else f"what can be: {', '.join(REDACTABLE)}"
            problem = f"`{path}` is no part of a record that can be left unsaid"
            yield (("audit", "redact", position), problem, remedy)
    if audit.redact_key is not None and not audit.redact:
        remedy = "name what is marked: `audit.redact`"
        yield (("audit", "redact_key"), "`redact_key` marks what is redacted, and nothing is", remedy)
