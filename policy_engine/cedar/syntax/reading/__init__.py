"""Text → tree with spans: lark finds the parts (cedar.lark), builder.py makes the tree of them."""

from policy_engine.cedar.syntax.reading.parser import read_tree, read_trees

__all__ = ["read_tree", "read_trees"]
