"""The shape of a profile file, `profiles/<name>.yaml` or an operator's own; every key checked."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from policy_engine.files import FileModel
from policy_engine.mapper.language import ClaimType, FlagType

__all__ = ["ASYMMETRIC", "DocumentationFile", "ExampleFile", "NativeFile", "ProfileFile"]

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


class ClientIdFile(FileModel):
    """Where the client's id is: in one claim, or in one chosen by the header's `typ` or by another claim."""

    claim: Text | None = None
    """The claim."""
    by: Text | None = None
    """What chooses the claim."""
    cases: dict[Text, Text] = Field(default_factory=dict)
    """The claim by the value of `by`; `absent` stands for there being none."""
    optional: bool = False
    """People's tokens may come without one; machines' never do."""

    @model_validator(mode="after")
    def _one_way(self) -> "ClientIdFile":
        if (self.claim is None) == (self.by is None) or (self.by is None) != (not self.cases):
            raise ValueError("write either `claim`, or `by` and `cases`")
        return self


ClientId = Annotated[ClientIdFile, BeforeValidator(_as_claim, json_schema_input_type=Text | ClientIdFile)]


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

    header: dict[str, Any]
    """Its header, less `alg` and `kid`."""
    claims: dict[str, Any]
    """Its claims."""


class ProfileFile(FileModel):
    """How one kind of issuer marks machines and humans."""

    title: Text
    """The issuer, as people call it."""
    documentation: DocumentationFile
    """What a reader has to know."""
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
    client_id: ClientId
    """Where the client's id is."""
    user_id: Text | None = None
    """The claim with the person's stable id."""
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
    examples: dict[Literal["client", "user"], ExampleFile]
    """One token of each kind that there is a rule for."""
