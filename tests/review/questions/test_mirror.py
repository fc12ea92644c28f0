"""A machine's twin: everything of a person that both kinds can have."""

from policy_engine.review.questions.asking import Ask, Asker
from policy_engine.review.questions.mirror import PRINCIPAL, Mirror, nobody
from policy_engine.review.solving import Unknown, UnknownReason, Unsat
from policy_engine.review.symbolic import (
    FALSE,
    TRUE,
    Sort,
    Term,
    apply,
    conjunction,
    constant,
    equal,
    less,
    make_set,
    member,
    variable,
)
from tests.plugins.solver import require_cvc5
from tests.review.questions.conftest import subject

DECLARED = {"User": {"level": "long", "site": "string"}, "Client": {"level": "long", "site": "long"}}
OTHER = variable(Sort.INT, "context", "actor")


def of(who: Term, type_: str, sort: Sort, *name: str) -> Term:
    """An attribute of somebody, or whatever else of them has a name."""
    return apply(sort, (name[0], type_, *name[1:]), who)


def test_what_both_kinds_have_is_the_same_of_both() -> None:
    """Names, groups, roles, tags and shared attributes; what has another type, or is of one kind, stays."""
    mirror = Mirror(subject("", attributes=DECLARED).vocabulary)
    scope = variable(Sort.STRINGS, "context", "token", "scopes")
    rows = [
        (
            of(PRINCIPAL, "Client", Sort.STRING, "attr", "issuer"),
            of(PRINCIPAL, "User", Sort.STRING, "attr", "issuer"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.STRING, "attr", "client_id"),
            of(PRINCIPAL, "User", Sort.STRING, "attr", "subject"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.INT, "attr", "level"),
            of(PRINCIPAL, "User", Sort.INT, "attr", "level"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.BOOL, "attr?", "level"),
            of(PRINCIPAL, "User", Sort.BOOL, "attr?", "level"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.INT, "attr", "site"),
            of(PRINCIPAL, "Client", Sort.INT, "attr", "site"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.STRING, "attr", "category"),
            of(PRINCIPAL, "Client", Sort.STRING, "attr", "category"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.INTS, "ancestors", "ClientGroup"),
            of(PRINCIPAL, "User", Sort.INTS, "ancestors", "Group"),
        ),
        (
            of(PRINCIPAL, "Client", Sort.INTS, "ancestors", "ClientRole"),
            of(PRINCIPAL, "User", Sort.INTS, "ancestors", "Role"),
        ),
        (
            apply(Sort.BOOL, ("hastag", "Client"), PRINCIPAL, constant("team")),
            apply(Sort.BOOL, ("hastag", "User"), PRINCIPAL, constant("team")),
        ),
        (
            of(OTHER, "Client", Sort.STRING, "attr", "issuer"),
            of(OTHER, "Client", Sort.STRING, "attr", "issuer"),
        ),
        (scope, scope),
    ]

    assert [mirror.of(one) for one, _ in rows] == [other for _, other in rows]
    formulas = [
        (
            conjunction(less(rows[2][0], constant(3)), ~member(constant("a"), scope)),
            conjunction(less(rows[2][1], constant(3)), ~member(constant("a"), scope)),
        ),
        (member(constant(7), rows[6][0]), member(constant(7), rows[6][1])),
    ]
    assert [mirror.of(one) for one, _ in formulas] == [other for _, other in formulas]
    assert mirror.alike(formulas[1][0], rows[5][0]) is equal(*rows[6])


def test_somebody_of_whom_nobody_said_anything() -> None:
    """In no group, without a tag, without what is optional; what others have is of no account."""
    group = of(PRINCIPAL, "Client", Sort.INTS, "ancestors", "ClientGroup")
    tag = apply(Sort.BOOL, ("hastag", "Client"), PRINCIPAL, constant("team"))
    level = of(PRINCIPAL, "Client", Sort.BOOL, "attr?", "level")
    formula = conjunction(
        member(constant(1), group),
        tag,
        level,
        of(OTHER, "Client", Sort.BOOL, "attr?", "level"),
        equal(of(PRINCIPAL, "Client", Sort.STRING, "attr", "category"), constant("service")),
    )

    assert {*nobody(PRINCIPAL, formula)} == {equal(group, make_set(Sort.INTS)), ~tag, ~level}


def test_nothing_is_proved_of_requests_that_cant_be() -> None:
    """Where what is taken for granted contradicts itself, everything would hold."""
    require_cvc5()
    number = variable(Sort.INT, "resource")
    impossible = conjunction(less(number, constant(1)), less(constant(1), number))
    possible = less(number, constant(1))
    with Asker() as asker:
        answers = [
            told.answer
            for told in asker.all(
                [
                    Ask(formula=less(number, constant(0)), axioms=lambda: impossible, label="no world"),
                    Ask(formula=less(constant(5), number), axioms=lambda: possible, label="a world"),
                    Ask(formula=FALSE, axioms=lambda: impossible, label="nothing to ask"),
                    Ask(
                        formula=conjunction(less(number, constant(0)), possible, TRUE),
                        axioms=lambda: TRUE,
                        label="",
                    ),
                ],
                "test",
            )
        ]

    contradiction = Unknown(UnknownReason.unsupported, "what holds of such requests contradicts itself")
    assert answers[:3] == [contradiction, Unsat(), Unsat()]
