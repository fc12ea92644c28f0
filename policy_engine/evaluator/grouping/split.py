"""A set of actions, cut into those between which something makes a difference."""

from collections.abc import Iterable, Iterator

from policy_engine.evaluator.grouping.action_index import bits

__all__ = ["Split"]


class Split:
    """A difference between actions: sets that have nothing in common, and what is in none of them.

    Args:
        sets: of actions, as bits.
    """

    def __init__(self, sets: Iterable[int]) -> None:
        largest, *others = sorted((0, *sets), key=int.bit_count, reverse=True)
        self._largest = largest
        self._rest = sum(others)
        # Most actions are in the largest set, so that only the others are written down.
        self._of = {position: one for one in others for position in bits(one)}

    def pieces(self, actions: int) -> Iterator[int]:
        """The parts of a set; as many steps as there are parts, however many sets there are."""
        for alike in (actions & self._largest, actions & ~self._largest & ~self._rest):
            if alike:
                yield alike
        rest = actions & self._rest
        while rest:
            one = self._of[(rest & -rest).bit_length() - 1]
            yield rest & one
            rest &= ~one
