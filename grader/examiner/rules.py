"""Which names a sandbox refuses while a function of an exercise is examined in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Names = tuple[str, ...]


def shared_names(forbidden: Mapping[str, Sequence[str]]) -> Names:
    """All that any function of an exercise forbids."""
    return tuple(sorted({name for names in forbidden.values() for name in names}))


class Rules:
    """What an exercise forbids, function by function, and how that is shared out to sandboxes.

    A sandbox refuses for good what it refuses, from before the submission is imported. So that not
    every function needs one of its own, those that forbid anything share one that refuses whatever
    any of them forbids, which most right submissions do not notice. A function that is not right
    there is `alone` from then on: it is asked where exactly its own names are refused. So are those
    that forbid nothing: where the refusals were undone, or in a sandbox that refuses nothing.
    """

    def __init__(self, forbidden: Mapping[str, Sequence[str]]) -> None:
        self._own = {function: tuple(sorted(set(names))) for function, names in forbidden.items()}
        self._shared = shared_names(forbidden)
        self._alone: set[str] = set()

    def own(self, function: str) -> Names:
        """What a function forbids."""
        return self._own.get(function, ())

    def refused_for(self, function: str) -> Names:
        """What the sandbox refuses in which a function is to be asked next."""
        own = self.own(function)
        return self._shared if own and function not in self._alone else own

    def leave_alone(self, function: str) -> None:
        """Have a function asked where nothing but its own names is refused."""
        self._alone.add(function)
