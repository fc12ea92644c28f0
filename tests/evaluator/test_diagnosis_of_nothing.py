"""What is said where the validator objects to what nothing here is found wrong with."""

from policy_engine.cedar import Binary, parse_policies, read_tree
from policy_engine.evaluator.deployment import Deployment
from policy_engine.evaluator.diagnosis.case import Case, Complaint
from policy_engine.evaluator.diagnosis.heads import no_action
from policy_engine.evaluator.diagnosis.ordering import order
from policy_engine.evaluator.grouping import Grouping
from policy_engine.evaluator.inference import Fault, Vocabulary
from policy_engine.model import CedarJson

TEXT = '@id("p") permit (principal, action, resource) when { context.time < 3 };'


def test_a_head_that_requests_can_have_is_told_to_be_compared(bare_schema: CedarJson) -> None:
    """Should Cedar find no action for it all the same."""
    tree = read_tree(TEXT)

    assert no_action(tree, Vocabulary(bare_schema)) == Complaint(
        tree.span,
        "no request can have this head",
        "compare it with the schema: `policy-engine schema`",
    )


def test_a_comparison_of_what_has_no_type_is_told_in_the_validators_words(bare_schema: CedarJson) -> None:
    """Nothing was inferred of the kind of request that the fault is about."""
    (policy,), tree = parse_policies(TEXT), read_tree(TEXT)
    node = tree.conditions[0].body
    assert isinstance(node, Binary)
    case = Case(
        policy=policy,
        tree=tree,
        vocabulary=Vocabulary(bare_schema),
        deployment=Deployment(),
        inferred=(),
        alike=Grouping(bare_schema).alike(tree),
    )
    environment = next(iter(Vocabulary(bare_schema).environments()))
    fault = Fault(
        kind="unexpected", node=node.left, sentence="it is what it is", environment=environment, within=node
    )

    assert order(case, [fault], node) == Complaint(
        node.span, "it is what it is", "integers, datetimes and durations can be compared so"
    )
