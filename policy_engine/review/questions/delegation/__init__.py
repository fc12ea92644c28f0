"""`delegation`: what can agents do for people, and which permits don't care which agent it is?

An agent that acts for a person is `context.actor`. A permit covers what it does only if the permit is
`@delegable`; and one that then lets in agents of whom nobody said anything, in no group or role, without a
tag, and not by name, lends a person's rights to whoever gets hold of their token.
"""

from policy_engine.review.questions.delegation.delegation import delegation

__all__ = ["delegation"]
