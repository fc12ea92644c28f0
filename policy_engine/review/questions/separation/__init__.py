"""`separation`: does any permit take a machine for a person?

A permit keeps the two apart if its head or its conditions let in only one kind. One that lets in both is
*blind* where it lets in a machine exactly when it lets in the person whose twin it is, and *open* where it
lets in machines of which nobody said anything: in no group or role, without a tag, and not by name. Either
authorizes a bot wherever it authorizes somebody, unless its author says that it is meant for both kinds.
"""

from policy_engine.review.questions.separation.separation import separation

__all__ = ["separation"]
