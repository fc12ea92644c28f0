"""Policies are parsed many at a time: what is said of each is what is said of it alone."""

from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from policy_engine.cedar import Parsed, Policy, parse_each, read_policies
from policy_engine.cedar.source import statements
from policy_engine.errors import PolicyError
from tests.plugins.samples import samples

HEADS = (
    "(principal, action, resource)",
    '(principal == User::"a", action in [Action::"x", Action::"y"], resource is Tool in Group::"g")',
    "(principal == ?principal, action, resource)",
    "(principal, action in [], resource in ?resource)",
)
ANNOTATIONS = (
    "",
    '@id("a")',
    '@id("b") @bare',
    '@id("a") @__nr1',
    "@__nr0",
    '@x("@__nr0 ; //")',
    "// @__nr1\n",
)
BODIES = (
    "",
    " when { context.a == 1 && 1 < context.b }",
    ' unless { context.a like "@__nr*" } when { [1, "permit(principal, action, resource);"] == {} }',
    " when { principal in principal in principal }",
    " permit (principal, action, resource)",
    " when { " + "!" * 9 + "true }",
    " when { " + "1 + " * 650 + "1 == 1 }",
)
POLICIES = [
    f"{annotations} {effect} {head}{body};"
    for annotations, effect, head, body in product(ANNOTATIONS, ("permit", "forbid", "Permit"), HEADS, BODIES)
]
PIECES = st.one_of(
    st.sampled_from(POLICIES),
    st.sampled_from(POLICIES[:4]),
    st.sampled_from(
        (";", '@id("a");', "@__nr2", "// ;\n", "\n\n  ", '"', "permit (principal, action, resource)")
    ),
)


def said(item: Policy | PolicyError) -> object:
    """Everything of a policy, with its JSON; or everything of an error."""
    if isinstance(item, Policy):
        return item, item.scope, item.template, item.est
    return str(item), item.code, item.remedy, item.line, item.column


@given(pieces=st.lists(PIECES, max_size=8))
@settings(max_examples=samples(150))
def test_many_at_a_time_are_as_one_by_one(pieces: list[str]) -> None:
    """Templates among them, some that don't parse, and some that try to be taken for others."""
    text = "\n".join(pieces)
    together = [*read_policies(text, "a.cedar")]

    alone: list[object] = []
    for part in statements(text):
        # As many lines and columns before it, and nothing else.
        (one,) = parse_each("\n" * (part.line - 1) + " " * (part.column - 1) + part.text, "a.cedar")
        alone.append(said(one))

    policies = [item.policy if isinstance(item, Parsed) else item for item in together]
    assert [said(item) for item in policies] == alone
    for item in together:
        if isinstance(item, Parsed):
            assert replace(item, est=item.policy.est) == item
