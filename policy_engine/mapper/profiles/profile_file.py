"""The shape of a profile file, `profiles/<name>.yaml` or an operator's own; every key checked."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from policy_engine.files import FileModel
from policy_engine.mapper.language import ClaimType, FlagType

__all__ = ["ASYMMETRIC", "DocumentationFile", "ExampleFile", "IdFile", "NativeFile", "ProfileFile"]

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""A shared secret proves nothing about who signed (RFC 8725 section 3.1), so none is among them."""

ASYMMETRIC: tuple[Algorithm, ...] = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
Rule = Text
"""A question in the rule language (`policy_engine.mapper.language`)."""


def _as_claim(value: Any) -> Any:  # noqa: ANN401 -- checked by pydantic afterwards
    return {"claim": value} if isinstance(value, str) else value


class DocumentationFile(FileModel):
    """What a reader has to know before trusting the profile."""

    relies_on: Text
    """The evidence for machine and for human, in words."""
    written_by: Text
    """Who can write the claims that it relies on."""
    operator: Text
    """What has to be switched on or off at the issuer."""
    sources: Annotated[Texts, Field(min_length=1)]
    """Where this is documented."""


class FlagFile(FileModel):
    """A switch that an operator may set."""

    type: Annotated[FlagType, Field(strict=False)] = FlagType.BOOLEAN
    """What it may be set to."""
    description: Text
    """What setting it says."""
    required: bool = False
    """The operator must set it."""


class ClientIdFile(FileModel):
    """Where the client's id is: in one claim, in the first of some, or in one that another value chooses."""

    claim: Text | None = None
    """The claim."""
    first: Texts = ()
    """Claims; the first that is there."""
    by: Text | None = None
    """What chooses the claim: the header's `typ`, or another claim."""
    cases: dict[Text, Text] = Field(default_factory=dict)
    """The claim by the value of `by`; `absent` stands for there being none."""
    optional: bool = False
    """Tokens may come without one; a machine's own id never misses."""

    @model_validator(mode="after")
    def _one_way(self) -> "ClientIdFile":
        ways = [self.claim is not None, bool(self.first), self.by is not None]
        if ways.count(True) != 1 or (self.by is None) != (not self.cases):
            raise ValueError("write one of `claim`, `first`, or `by` and `cases`")
        return self


ClientId = Annotated[ClientIdFile, BeforeValidator(_as_claim, json_schema_input_type=Text | ClientIdFile)]


class IdFile(FileModel):
    """Where somebody's own id is."""

    claim: Text
    """The claim."""
    matches: Text | None = None
    """Text around the one hole `<id>`, which holds the id; where the claim isn't so, there is no id."""
    prefix: Text | None = None
    """Put before the claim's value, so that the id says of what kind it is."""
    empty_is_absent: bool = False
    """The issuer writes an empty text where it means that there is no id."""

    @model_validator(mode="after")
    def _one_way(self) -> "IdFile":
        if self.matches is not None and self.prefix is not None:
            raise ValueError("write `matches` or `prefix`, not both")
        return self


Id = Annotated[IdFile, BeforeValidator(_as_claim, json_schema_input_type=Text | IdFile)]


class DecodeFile(FileModel):
    """A claim that only a function can read."""

    claim: Text
    """The claim, a string."""
    decoder: Text
    """The function's name, of `mapper/decoders/`."""
    optional: bool = False
    """Where it can't be decoded, there is nothing; otherwise such a token is refused."""


class TenantFile(FileModel):
    """What tells the tenants of one issuer apart: a token of another tenant is another issuer's."""

    claim: Text
    """The claim that names the tenant."""
    flag: Name
    """The flag, a text or texts, that says which tenants are the operator's."""
    of: Literal["client", "user"] | None = None
    """Asked of this kind alone."""


class ListedFile(FileModel):
    """Flags, lists of texts, whose members the operator lists by their own ids."""

    client: Name
    """Machines."""
    user: Name
    """People."""


class TagsFile(FileModel):
    """Claims that policies read as tags, by tag, without the operator naming them."""

    client: dict[Name, Text] = Field(default_factory=dict)
    """Of machines' tokens."""
    user: dict[Name, Text] = Field(default_factory=dict)
    """Of people's tokens."""


class NativeFile(FileModel):
    """Values of a claim that the issuer's own software writes, by the kind that each goes with.

    The word `absent` stands for the claim not being there.
    """

    client: Texts = ()
    """Values of machines' tokens."""
    user: Texts = ()
    """Values of people's tokens."""
    when: Name | None = None
    """The flag without which the claim isn't the issuer's own."""


class ActFile(FileModel):
    """That the issuer writes `act` (RFC 8693 section 4.1)."""

    supported: Literal[True]
    """Leave `act` out where it isn't."""
    actor: Text = "sub"
    """The member of `act` that names the acting client."""


class ExampleFile(FileModel):
    """A token as the issuer writes it, with the placeholders of `example_token`."""

    id: Text | None = None
    """An id of the issuer's own form, for trying the example."""
    issuer: Text = "https://issuer.example"
    """An `iss` of the issuer's own form, likewise."""
    flags: dict[Name, Any] = Field(default_factory=dict)
    """Flags that an operator with such tokens sets."""
    header: dict[str, Any]
    """Its header, less `alg` and `kid`."""
    claims: dict[str, Any]
    """Its claims."""


class RefusedFile(ExampleFile):
    """A token that must be refused, though it looks like one of the issuer's."""

    because: Text
    """The detail of the refusal, or its code where it has none."""


class ExamplesFile(FileModel):
    """Tokens of each kind that there is a rule for, and some that must be refused."""

    client: ExampleFile | None = None
    """A machine's."""
    user: ExampleFile | None = None
    """A person's."""
    refused: tuple[RefusedFile, ...] = Field(default=(), strict=False)
    """Traps."""


class ProfileFile(FileModel):
    """How one kind of issuer marks machines and humans."""

    title: Text
    """The issuer, as people call it."""
    documentation: DocumentationFile
    """What a reader has to know."""
    issuer_forms: Texts = ()
    """Patterns of `iss`, where the product has any: a help for operators that decides nothing."""
    typ: Annotated[tuple[str | None, ...], Field(strict=False, min_length=1)]
    """Values of the header's `typ`; null stands for none."""
    required: Annotated[Texts, Field(min_length=1)]
    """Claims without which a token is refused."""
    algorithms: Annotated[tuple[Algorithm, ...], Field(strict=False, min_length=1)] = ASYMMETRIC
    """Signature algorithms; all asymmetric ones unless narrowed."""
    multiple_audiences: bool = False
    """`aud` may name others besides this server."""
    id_tokens_allowed: bool = False
    """The issuer's access tokens bear the marks of ID tokens."""
    typed_subject: bool = False
    """The subject itself says its type, so a person's can't be mistaken for a machine's."""
    hidden_exchange: bool = False
    """The issuer exchanges tokens without saying so: a listed machine's id may stand on a person's token."""
    audience: Annotated[Texts, Field(min_length=1)] = ("aud",)
    """Claims that may say whom a token is for; the first that is there counts."""
    machines_only: bool = False
    """Every token of the issuer is a workload's, so machines may be admitted by a prefix of their ids."""
    prefix_separator: Text | None = None
    """What ends a name within their ids, and so every such prefix; needed with `machines_only`."""
    self_written: Annotated[tuple[Literal["client", "user"], ...], Field(strict=False)] = ()
    """Kinds whose tokens their bearers fill themselves, but for ids and times: policies read nothing else."""
    client_id: ClientId | None = None
    """Where the id of the client is that obtained the token."""
    machine_id: Id | None = None
    """Where a machine's own id is, if that isn't the client's."""
    user_id: Id | None = None
    """Where the person's stable id is."""
    decode: dict[Name, DecodeFile] = Field(default_factory=dict)
    """What decoders make of claims, read as `decoded.<name>.<field>`."""
    trust_domain: Name | None = None
    """The flag, a text, with the SPIFFE trust domain: tokens without `iss` are found by their subject."""
    tenant: TenantFile | None = None
    """What tells tenants apart where they share the issuer."""
    listed: ListedFile | None = None
    """Flags that list people and machines, where nothing in a token tells them apart."""
    tags: TagsFile = TagsFile()
    """Claims that policies read as tags."""
    types: dict[Text, Annotated[ClaimType, Field(strict=False)]] = Field(default_factory=dict)
    """Types of claims that aren't strings."""
    flags: Annotated[dict[Name, FlagFile], Field(max_length=8)] = Field(default_factory=dict)
    """What an operator may set."""
    define: dict[Name, Rule] = Field(default_factory=dict)
    """Rules by name, for use as `@name` further down."""
    client: Rule | None = None
    """The rule that holds for machines' tokens."""
    user: Rule | None = None
    """The rule that holds for people's tokens; left out where the issuer never speaks for any."""
    refuse: dict[Literal["token_class", "agent_user", "conflict"], Rule] = Field(default_factory=dict)
    """Rules that refuse a token, by the detail of the refusal; asked first."""
    native: dict[Text, NativeFile] = Field(default_factory=dict)
    """Claims that only the issuer's own software writes."""
    scopes: Text = "scope"
    """The claim with the scopes, as a string with spaces or an array."""
    act: ActFile | None = None
    """How the issuer names an acting client, if it does."""
    category: dict[Literal["service", "ai_agent", "workload"], Rule] = Field(default_factory=dict)
    """Rules that tell what kind of machine it is."""
    examples: ExamplesFile
    """One token of each kind that there is a rule for, and some that are refused."""
