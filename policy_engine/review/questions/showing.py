"""Models as witnesses: requests that Cedar was really asked about, and calls that show them."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from policy_engine.cedar import CedarError, CedarRequest, Schema
from policy_engine.evaluator import StoredPolicy
from policy_engine.model import CedarJson
from policy_engine.review.questions.wording import listed
from policy_engine.review.questions.worlds import Worlds
from policy_engine.review.solving import Sat, Unknown, UnknownReason
from policy_engine.review.subject import Subject
from policy_engine.review.symbolic import Environment, Term
from policy_engine.review.verdict import Witness
from policy_engine.review.witness import Concrete, Court, Realiser, Ruling, concretize

__all__ = ["Shower"]


class Shower:
    """Asks Cedar, and the engine, about what a solver found.

    Args:
        subject: the policies, and what is known of entities.
        worlds: what models are of.
    """

    def __init__(self, subject: Subject, worlds: Worlds) -> None:
        self._subject = subject
        self._worlds = worlds

    @cached_property
    def court(self) -> Court:
        """Cedar, with the policies that decide."""
        return self.judged(self._subject.running.values())

    def judged(self, policies: Iterable[StoredPolicy]) -> Court:
        """Cedar, with other policies in the same world."""
        return Court(policies, self._schema, self._worlds.known)

    def show(
        self,
        model: Sat,
        about: tuple[Term, ...],
        environment: Environment,
        *,
        twin: Environment | None,
        allowed: bool | None,
        policies: Mapping[str, tuple[bool, bool]],
        against: Court | None,
    ) -> tuple[Witness, Ruling] | Unknown:
        """The request of a model, if Cedar says of it what was looked for.

        Args:
            model: what was found.
            about: what was asked.
            environment: the kind of the request.
            twin: that of the same request by somebody of the other kind; of both the same is decided.
            allowed: what is decided; None if that doesn't matter.
            policies: by id: whether it has to be satisfied, and whether it has to err.
            against: another policy set, which doesn't allow it.
        """
        try:
            concrete = self._concrete(model, about, environment, twin)
            ruling = self.court.confirm(concrete, allowed=allowed, twin_allowed=allowed, policies=policies)
            if isinstance(ruling, Unknown):
                return ruling
            note = _note(concrete, against)
            if note is None:
                return Unknown(UnknownReason.not_confirmed, "what it is held against allows it, too")
            shown = _witness(concrete.request, concrete.entities, ruling, note)
            if concrete.twin is not None:
                second = self.court.rule(concrete.twin, concrete.entities)
                if any(second.of(name) != expected for name, expected in policies.items()):
                    return Unknown(UnknownReason.not_confirmed, "Cedar doesn't say the same of the twin")
                shown = replace(shown, twin=_witness(concrete.twin, concrete.entities, second, ""))
        except (CedarError, LookupError, TypeError, ValueError) as error:
            detail = f"the model makes no request ({type(error).__name__})"
            return Unknown(UnknownReason.not_confirmed, detail)
        return shown, ruling

    def called(
        self, witness: Witness, *, policies: Iterable[str], against: Court | None, delegated: bool
    ) -> Witness:
        """A witness with the call that shows it, and that of its twin.

        Args:
            witness: the request.
            policies: of these, one at least has to decide.
            against: another policy set, which doesn't allow it.
            delegated: whether an agent acts for somebody.
        """

        def holds(request: CedarRequest, entities: Iterable[CedarJson]) -> bool:
            if delegated and "actor" not in request.context:
                return False
            denied = None if against is None else _denied(against, request, tuple(entities))
            return against is None or denied is not None

        chosen = tuple(policies)
        twin = witness.twin
        if twin is not None:
            twin = self.called(twin, policies=chosen, against=against, delegated=delegated)
        request = CedarRequest(
            principal=witness.principal,
            action=witness.action,
            resource=witness.resource,
            context=witness.context,
        )
        call = self._realiser.realise(
            request, witness.entities, allowed=witness.allowed, policies=chosen, holds=holds
        )
        return replace(witness, call=call, twin=twin)

    @cached_property
    def _schema(self) -> Schema:
        return Schema.from_json(self._subject.schema)

    @cached_property
    def _realiser(self) -> Realiser:
        return Realiser(self._subject, now=time.time())

    def _concrete(
        self, model: Sat, about: tuple[Term, ...], environment: Environment, twin: Environment | None
    ) -> Concrete:
        return concretize(
            model,
            self._worlds.of(environment),
            about=about,
            twin=None if twin is None else self._worlds.of(twin),
            lefts=self._lefts,
        )

    @cached_property
    def _lefts(self) -> Mapping[str, str]:
        """What ids begin with: names of an issuer that has people, of one that has machines, of a server."""
        issuers = self._subject.loaded.config.issuers
        machines = [
            name
            for name, issuer in issuers.items()
            if issuer.client_prefixes or any(not each.acts_for_users for each in issuer.clients.values())
        ]
        people = [name for name in issuers if name not in machines] or [*issuers]
        kinds = {"User": people, "Group": people, "Role": people}
        kinds |= dict.fromkeys(("Client", "ClientGroup", "ClientRole"), machines or [*issuers])
        servers = [*self._subject.servers]
        kinds |= dict.fromkeys(("Tool", "Prompt", "Resource", "ResourceTemplate", "Task"), servers)
        return {type_: names[0] for type_, names in kinds.items() if names}


def _note(concrete: Concrete, against: Court | None) -> str | None:
    """What a reader should know of a witness; None if what it is held against allows it, too."""
    said = ["an agent acts for the person"] if "actor" in concrete.request.context else []
    if against is not None:
        denied = _denied(against, concrete.request, concrete.entities)
        if denied is None:
            return None
        said.append(f"in what this is held against, {denied}")
    return "; ".join(said)


def _denied(against: Court, request: CedarRequest, entities: tuple[CedarJson, ...]) -> str | None:
    """How another policy set denies something; None if it doesn't."""
    try:
        ruling = against.rule(request, entities)
    except CedarError:  # its schema has other types: its engine refuses it before any policy
        return "there is no such request"
    if ruling.allowed:
        return None
    return f"it is denied by {listed(ruling.deciding)}" if ruling.deciding else "it is permitted by nothing"


def _witness(request: CedarRequest, entities: tuple[CedarJson, ...], ruling: Ruling, note: str) -> Witness:
    return Witness(
        principal=request.principal,
        action=request.action,
        resource=request.resource,
        context=request.context,
        entities=entities,
        allowed=ruling.allowed,
        policies=ruling.deciding,
        note=note,
    )
