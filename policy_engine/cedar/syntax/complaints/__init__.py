"""What to say of a policy that the grammar refuses: where, what was expected there, and how to mend it."""

from policy_engine.cedar.syntax.complaints.complaint import complaint

__all__ = ["complaint"]
