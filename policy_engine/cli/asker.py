"""Who asks, where no token is at hand: a human or a machine, named on the command line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from policy_engine.config import LoadedConfig, declared_attributes, listed_attributes, listed_client
from policy_engine.errors import ConfigError
from policy_engine.model import (
    AttributeType,
    AttributeValue,
    Client,
    Principal,
    Tags,
    TokenFacts,
    TypedAttributes,
    User,
)
from policy_engine.model.claims import MACHINE_GRANTS

__all__ = ["Asker", "asker_options"]

_LIST_IT = "list it under `clients`, with a machine's grant"

UserOption = Annotated[
    str | None, typer.Option("--user", help="A human instead of a token: `<issuer>/<id>`.")
]

ClientOption = Annotated[
    str | None,
    typer.Option("--client", help="A machine instead of a token: `<issuer>/<client id>`, as configured."),
]

ThroughOption = Annotated[
    str | None, typer.Option("--through", help="The application (client id) that holds the human's token.")
]

GroupsOption = Annotated[
    list[str] | None,
    typer.Option("--group", help="A group they are in, without the issuer; may be given several times."),
]

RolesOption = Annotated[
    list[str] | None, typer.Option("--role", help="A role they have; may be given several times.")
]

EmailOption = Annotated[str | None, typer.Option("--email", help="The human's verified address.")]

TagsOption = Annotated[
    list[str] | None,
    typer.Option("--tag", help="A further claim, as NAME=VALUE; may be given several times."),
]

AttributesOption = Annotated[
    list[str] | None,
    typer.Option("--attribute", help="A declared attribute, as NAME=VALUE; may be given several times."),
]

ScopeOption = Annotated[str, typer.Option("--scope", help="Scopes of the token, separated by spaces.")]

_INTEGER = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who is known without a token.

    Attributes:
        user: a human, as `<issuer>/<id>`.
        client: a machine, as `<issuer>/<client id>`; the configuration has to list it.
        through: the application that holds the human's token, by its client id at the same issuer.
        groups: names of groups; a machine's join those that the configuration says.
        roles: names of roles, likewise.
        email: of a human, verified.
        tags: further claims, each as `NAME=VALUE`.
        attributes: values of declared attributes, each as `NAME=VALUE`.
        scopes: what the token was granted.
    """

    user: str | None = None
    client: str | None = None
    through: str | None = None
    groups: Iterable[str] = ()
    roles: Iterable[str] = ()
    email: str | None = None
    tags: Iterable[str] = ()
    attributes: Iterable[str] = ()
    scopes: str = ""

    def read(self, loaded: LoadedConfig) -> tuple[Principal, TokenFacts]:
        """The principal that a token of theirs would stand for, and the facts of that token.

        Raises:
            ConfigError: not exactly one is named, or no token could stand for them.
        """
        if self.user is not None and self.client is None:
            return self._human(*_split(self.user, "--user", loaded), loaded)
        if self.client is not None and self.user is None:
            return self._machine(*_split(self.client, "--client", loaded), loaded)
        raise ConfigError("who asks?", remedy="give one of --token, --user and --client")

    def _human(self, issuer: str, subject: str, loaded: LoadedConfig) -> tuple[Principal, TokenFacts]:
        if listed_client(loaded, issuer, subject) is not None:
            problem = f"`{subject}` is a client of `{issuer}`, so no human is taken for it"
            raise ConfigError(problem, remedy="ask for the machine: --client")
        principal = User(
            issuer=issuer,
            subject=subject,
            actor=None if self.through is None else _agent(issuer, self.through, loaded),
            email=self.email,
            groups=frozenset(self.groups),
            roles=frozenset(self.roles),
            attributes=_tags(self.tags),
            typed_attributes=_typed(self.attributes, "User", loaded),
        )
        return principal, TokenFacts(scopes=tuple(self.scopes.split()), client_id=self.through)

    def _machine(self, issuer: str, client_id: str, loaded: LoadedConfig) -> tuple[Principal, TokenFacts]:
        if self.through is not None or self.email is not None:
            raise ConfigError("a machine has no email, and acts for itself", remedy="give --user")
        listed = listed_client(loaded, issuer, client_id)
        grants = frozenset() if listed is None else frozenset(listed.grants) & MACHINE_GRANTS
        if listed is None or not grants:
            problem = f"`{issuer}` lists no machine `{client_id}`, so its token would be refused"
            registered = loaded.config.issuers[issuer].registry is not None
            remedy = "register it: policy-engine clients add" if registered else _LIST_IT
            raise ConfigError(problem, remedy=remedy)
        tags, typed = listed_attributes(listed.attributes, declared_attributes(loaded.config)["Client"])
        principal = Client(
            issuer=issuer,
            client_id=client_id,
            category=listed.category or "service",
            groups=frozenset(listed.groups) | frozenset(self.groups),
            roles=frozenset(listed.roles) | frozenset(self.roles),
            attributes={**_tags(self.tags), **tags},
            typed_attributes={**_typed(self.attributes, "Client", loaded), **typed},
        )
        grant = min(grants) if len(grants) == 1 else None
        return principal, TokenFacts(scopes=tuple(self.scopes.split()), client_id=client_id, grant=grant)


def _split(written: str, option: str, loaded: LoadedConfig) -> tuple[str, str]:
    issuer, slash, name = written.partition("/")
    known = ", ".join(loaded.config.issuers)
    if not slash or not name:
        raise ConfigError(f"{option} isn't `<issuer>/<id>`", remedy=f"issuers are: {known}")
    if issuer not in loaded.config.issuers:
        raise ConfigError(f"no issuer is named `{issuer}`", remedy=f"issuers are: {known}")
    return issuer, name


def _agent(issuer: str, client_id: str, loaded: LoadedConfig) -> Client | None:
    """The application that holds a human's token, if it acts for them; others are but its `client_id`."""
    clients = loaded.config.issuers[issuer].clients
    if client_id not in clients:
        problem = f"`{issuer}` lists no client `{client_id}`, so it doesn't act for anybody"
        raise ConfigError(problem, remedy=f"listed are: {', '.join(clients) or 'none'}")
    listed = clients[client_id]
    if not listed.acts_for_users:
        return None
    tags, typed = listed_attributes(listed.attributes, declared_attributes(loaded.config)["Client"])
    return Client(
        issuer=issuer,
        client_id=client_id,
        category=listed.category or "service",
        groups=frozenset(listed.groups),
        roles=frozenset(listed.roles),
        attributes=tags,
        typed_attributes=typed,
    )


def _tags(written: Iterable[str]) -> Tags:
    return _pairs(written, "--tag")


def _typed(written: Iterable[str], kind: str, loaded: LoadedConfig) -> TypedAttributes:
    declared = declared_attributes(loaded.config)[kind]
    typed: dict[str, AttributeValue] = {}
    for name, texts in _pairs(written, "--attribute").items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            remedy = f"declared under `attributes.{kind}` are: {known}"
            raise ConfigError(f"`{name}` isn't declared as an attribute of `{kind}`", remedy=remedy)
        type_ = declared[name]
        value = _read(texts, type_)
        if not type_.admits(value):
            problem = f"--attribute: `{name}` is declared as `{type_}`"
            raise ConfigError(problem, remedy=f"give {type_.meaning}")
        typed[name] = value
    return typed


def _read(texts: tuple[str, ...], type_: AttributeType) -> AttributeValue:
    """The value that a command line means, or what the type doesn't admit."""
    text = texts[0] if len(texts) == 1 else None
    match type_:
        case AttributeType.STRINGS:
            return texts
        case AttributeType.BOOL if text in {"true", "false"}:
            return text == "true"
        case AttributeType.LONG if text is not None and _INTEGER.fullmatch(text):
            return int(text)
        case AttributeType.STRING if text is not None:
            return text
        case _:
            return ()


def _pairs(written: Iterable[str], option: str) -> Tags:
    pairs: dict[str, tuple[str, ...]] = {}
    for text in written:
        name, sign, value = text.partition("=")
        if not sign or not name:
            example = f"for example: {option} department=payments"
            raise ConfigError(f"{option} isn't NAME=VALUE", remedy=example)
        pairs[name] = (*pairs.get(name, ()), value)
    return pairs


def asker_options(
    user: UserOption = None,
    client: ClientOption = None,
    through: ThroughOption = None,
    group: GroupsOption = None,
    role: RolesOption = None,
    email: EmailOption = None,
    tag: TagsOption = None,
    attribute: AttributesOption = None,
    scope: ScopeOption = "",
) -> Asker:
    """The options that name who asks."""
    return Asker(
        user=user,
        client=client,
        through=through,
        groups=group or (),
        roles=role or (),
        email=email,
        tags=tag or (),
        attributes=attribute or (),
        scopes=scope,
    )
