"""Annotations are a closed list, and their values are checked."""

from collections.abc import Callable

import pytest

from policy_engine.errors import PolicyError
from policy_engine.evaluator import ANNOTATIONS, PolicyStore

Load = Callable[..., PolicyStore]
ANY = "permit (principal is User, action, resource);"


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_each_annotation_loads_as_its_row_shows_it(load: Load, name: str) -> None:
    """The example in the table is right, and everything in it is what a decision reports."""
    head = "" if name == "id" else '@id("a") '

    store = load(f"{head}{ANNOTATIONS[name].example} {ANY}")

    ((_, policy),) = store.policies.items()
    assert name in policy.match.annotations
    assert policy.match.id == policy.id == policy.match.annotations["id"]


@pytest.mark.parametrize(
    ("annotations", "column", "message"),
    [
        ("", 2, 'a policy has no `@id` (write @id("people-read"): it names the policy in decisions'),
        ('@id("")', 2, '`@id` can\'t have this value (write @id("people-read"), or remove it)'),
        ('@id(" ")', 2, "`@id` can't have this value"),
        (
            '@id("a") @delegable("false")',
            11,
            "`@delegable` can't have this value (write @delegable, or remove it)",
        ),
        ('@id("a") @delegable("true")', 11, "`@delegable` can't have this value"),
        (
            '@id("a")   @mode("audit")',
            13,
            '`@mode` can\'t have this value (write @mode("shadow"), or remove it)',
        ),
        ('@mode @id("a")', 2, "`@mode` can't have this value"),
        ('@id("a") @kinds("User")', 11, "`@kinds` can't have this value"),
        ('@id("a") @reason', 11, "`@reason` can't have this value"),
        ('@id("a") @advice("")', 11, "`@advice` can't have this value"),
        ('@id("a") @delegatable', 11, "unknown annotation `@delegatable` (did you mean `@delegable`?)"),
        ('@id("a") @Delegable', 11, "unknown annotation `@Delegable` (did you mean `@delegable`?)"),
        (
            '@id("a") @zzz',
            11,
            "unknown annotation `@zzz` (known are `@advice`, `@delegable`, `@id`, `@kinds`, `@mode`, "
            "`@reason`; names that begin with `x_` are free)",
        ),
        ('@id("a") @x_', 11, "unknown annotation `@x_`"),
        ('@id("a") @x("1")', 11, "unknown annotation `@x`"),
    ],
)
def test_what_is_not_on_the_list_is_refused(load: Load, annotations: str, column: int, message: str) -> None:
    """At the annotation, and with what to write instead."""
    with pytest.raises(PolicyError) as caught:
        load(f"\n {f'{annotations} {ANY}'.lstrip()}")

    assert str(caught.value).startswith(f"0.cedar:2:{column}: {message}")
    assert caught.value.code == "policy_annotation"


@pytest.mark.parametrize("annotation", ["@x_owner", '@x_ticket("A-1")', '@x_9("")'])
def test_names_that_begin_with_x_are_free(load: Load, annotation: str) -> None:
    """Other tools may have their own."""
    assert list(load(f'@id("a") {annotation} {ANY}').policies) == ["a"]


def test_a_forbid_cannot_be_delegable(load: Load) -> None:
    """Every forbid applies to agents anyway; its author must not think that another one doesn't."""
    with pytest.raises(PolicyError, match="`@delegable` means nothing on a forbid"):
        load('@id("a") @delegable forbid (principal, action, resource);')
