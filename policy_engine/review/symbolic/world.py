"""A world: what a formula of one kind of request may speak of, and what always holds of it."""

from policy_engine.review.symbolic.axioms import wellformed
from policy_engine.review.symbolic.scene import Scene
from policy_engine.review.symbolic.terms import Term

__all__ = ["World"]


class World(Scene):
    """All that a formula of one kind of request may speak of; made as a `Scene` is."""

    def wellformed(self, *terms: Term) -> Term:
        """What holds of whatever these terms speak of, in every request and every store that can be."""
        return wellformed(self, terms)
