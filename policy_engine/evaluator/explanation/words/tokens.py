"""Parts of conditions that ask for scopes of the token, or for the agent that holds it."""

from dataclasses import replace

from policy_engine.cedar import Binary, Expression, GetAttribute, HasAttribute, SetOf, String, Variable, show
from policy_engine.evaluator.explanation.findings import Finding
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.paths import ACTOR, SCOPES, asked_path, path_of
from policy_engine.evaluator.explanation.words.scopes import listed

__all__ = ["actor_need", "not_delegable", "scope_need"]

_CONTEXT_ACTOR = GetAttribute(Variable("context"), "actor")


def scope_need(expression: Expression, scene: Scene, *, wanted: bool) -> Finding | None:
    """The scopes that a token lacks, or has and must not."""
    if not isinstance(expression, Binary) or path_of(expression.left) != SCOPES:
        return None
    had, named = _texts(expression.left, scene), _texts(expression.right, scene)
    if not named:
        return None  # compared with what is no scope
    match expression.operator, wanted:
        case ("contains" | "containsAll", True):
            lacking = [scope for scope in named if scope not in had]
            text, name = f"the token lacks {_scopes(lacking)}", " ".join(lacking)
        case ("containsAny", True):
            text, name = f"the token has none of {_scopes(named)}", "|".join(named)
        case ("contains" | "containsAny", False):
            surplus = [scope for scope in named if scope in had]
            text, name = f"the token has {_scopes(surplus)}, and must not", f"not {' '.join(surplus)}"
        case _:
            return None
    return Finding(
        subject="scope",
        text=text,
        name=f"scope {name}",
        readings=scene.readings(expression),
        span=expression.span,
    )


def actor_need(expression: Expression, scene: Scene, *, wanted: bool) -> Finding | None:
    """Whether somebody has to act through an agent, or mustn't."""
    if not isinstance(expression, HasAttribute) or asked_path(expression) != ACTOR:
        return None
    if wanted:
        text = "needs an agent that acts for a person"
        return Finding(subject="delegation", text=text, name="delegation", span=expression.span)
    return replace(not_delegable(scene), text=f"{_acts(scene)}, and must not", span=expression.span)


def not_delegable(scene: Scene) -> Finding:
    """The guard of a permit that isn't `@delegable` stands in the way of an agent."""
    text = f"{_acts(scene)}; the policy isn't @delegable"
    return Finding(subject="delegation", text=text, name="delegation")


def _acts(scene: Scene) -> str:
    return f"acts through {scene.value(_CONTEXT_ACTOR)}"


def _scopes(names: list[str]) -> str:
    return f"the scope{'s' if len(names) > 1 else ''} {listed([show(String(name)) for name in names], 'and')}"


def _texts(expression: Expression, scene: Scene) -> list[str]:
    value = scene.fold(expression).value
    items = value.items if isinstance(value, SetOf) else [value]
    return sorted(item.value for item in items if isinstance(item, String))
