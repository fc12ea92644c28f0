"""The parts that settle a condition: what each is about, and what it would need.

`context.arguments.env == "staging"` becomes: argument `env` is "prod", needs "staging".
"""

from policy_engine.cedar import Expression, render_expression
from policy_engine.evaluator.explanation.findings import Finding
from policy_engine.evaluator.explanation.scene import Scene
from policy_engine.evaluator.explanation.words.askers import asked_need
from policy_engine.evaluator.explanation.words.phrases import phrase
from policy_engine.evaluator.explanation.words.subjects import subject_of
from policy_engine.evaluator.explanation.words.tokens import actor_need, scope_need

__all__ = ["atom_need", "atom_reason"]

_SPECIAL = (asked_need, scope_need, actor_need)
"""What has words of its own; each gives None for what isn't its business."""


def atom_need(expression: Expression, scene: Scene, *, wanted: bool) -> Finding:
    """What would have to differ for a part to be true, or false; now, it is the other."""
    for special in _SPECIAL:
        if (finding := special(expression, scene, wanted=wanted)) is not None:
            return finding
    return _finding(expression, scene, phrase(expression, scene, wanted=wanted))


def atom_reason(expression: Expression, scene: Scene, *, holds: bool) -> Finding:
    """What a part of a policy that applies came to."""
    text = f"`{render_expression(expression)}` is {'true' if holds else 'false'}"
    return _finding(expression, scene, text)


def _finding(expression: Expression, scene: Scene, text: str) -> Finding:
    subject, name = subject_of(expression)
    return Finding(
        subject=subject, text=text, name=name, readings=scene.readings(expression), span=expression.span
    )
