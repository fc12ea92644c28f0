"""A call's arguments: held against the types of the tool, for policies and for the tool alike."""

from policy_engine.mcp.arguments.checking import Arguments, check_arguments, check_value, unseen_arguments
from policy_engine.mcp.arguments.names import names_of, refuse_reserved

__all__ = ["Arguments", "check_arguments", "check_value", "names_of", "refuse_reserved", "unseen_arguments"]
