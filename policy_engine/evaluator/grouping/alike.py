"""The actions that a policy is about, those together that it can't tell apart."""

from collections.abc import Iterable, Mapping

from policy_engine.cedar import Schema
from policy_engine.evaluator.grouping.action_index import ActionIndex
from policy_engine.evaluator.grouping.context_splits import ContextSplits
from policy_engine.evaluator.grouping.reduction import Reduced
from policy_engine.evaluator.inference import Vocabulary

__all__ = ["Alike"]


class Alike:
    """Actions in classes, each of which one action stands for: the first of it in the schema.

    Attributes:
        classes: the actions that each stands for, as bits, in the order of the schema.
    """

    def __init__(
        self,
        index: ActionIndex,
        contexts: ContextSplits,
        reduced: Reduced,
        classes: Mapping[str, int],
        whole: Reduced | None = None,
    ) -> None:
        self._index = index
        self._contexts = contexts
        self._reduced = reduced
        self._whole = reduced if whole is None else whole
        self.classes = classes

    @property
    def vocabulary(self) -> Vocabulary:
        """The schema in which only those can be asked for that stand for others, and stand-ins."""
        return self._reduced.vocabulary

    @property
    def parsed(self) -> Schema:
        """The same, for the validator."""
        return self._reduced.parsed

    @property
    def sufficient(self) -> Schema:
        """A schema that tells whether anything is wrong, if not where; it may be there already."""
        return self._whole.parsed

    def expanded(self, names: Iterable[str]) -> int:
        """Everything that these stand for, as bits."""
        found = 0
        for name in names:
            found |= self.classes.get(name, 0)
        return found

    def everyone(self, names: Iterable[str]) -> list[str]:
        """Everything that these stand for, in the order of the schema; stand-ins as they are, at the end."""
        every = dict.fromkeys(names)
        alone = [name for name in every if name not in self.classes]
        return [*self._index.names(self.expanded(every)), *alone]

    def attributes(self, path: tuple[str, ...], names: Iterable[str]) -> set[str]:
        """What some of those that these stand for have at a path of their context."""
        return self._contexts.attributes(path, self.expanded(names))
