"""The folders with one more mistake in each: a review still knows, and what it says is so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from policy_engine import PolicyEngine
from policy_engine.errors import ConfigError
from policy_engine.harness.mutation import Mutant, mutants_of
from policy_engine.review import Outcome, Subject, review
from tests.plugins.solver import require_cvc5
from tests.review.folders.folder import FOLDERS, Folder, options_of

ONE_IN = 8
"""How many of all mutants are taken; there are some 1,700."""


@pytest.mark.long
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_review_knows_of_every_mutant(folder: Folder) -> None:
    """Nothing is unknown: no solver gives up, and Cedar confirms whatever is found."""
    require_cvc5()
    unknown = [
        (mutant.id, verdict.subject, verdict.reason)
        for mutant, subject in mutated(folder)
        for verdict in review(subject, options_of(folder)).verdicts
        if verdict.outcome is Outcome.unknown
    ]

    assert unknown == []


def mutated(folder: Folder) -> Iterator[tuple[Mutant, Subject]]:
    """Mutants of the folder's policies that load, some of them, and always the same."""
    written = [policy.written for policy in folder.engine.stages.policies.policies.values()]
    config = folder.loaded.config.model_copy(update={"policies": []})
    for mutant in mutants_of(written):
        if int(mutant.digest, 16) % ONE_IN:
            continue
        text = "\n".join(
            mutant.text if policy.annotations["id"] == mutant.policy else policy.text for policy in written
        )
        try:
            engine = PolicyEngine.from_config(replace(folder.loaded, config=config, policy_text=text))
        except ConfigError:  # Cedar doesn't take it, so nobody could deploy it
            continue
        yield mutant, Subject.of_engine(engine)
