"""Which of a check's questions follow from the seed: what is drawn cannot be known beforehand."""

from __future__ import annotations

import pytest
from hypothesis import is_hypothesis_test

from grader.plugin import DRAWN


def is_drawn_by_hypothesis(item: pytest.Item) -> bool:
    """Whether hypothesis draws a check's inputs, and can look for smaller ones."""
    return isinstance(item, pytest.Function) and is_hypothesis_test(item.function)


class Novelty:
    """Says of each question of a check, as it is asked, whether its inputs follow from the seed.

    Those that hypothesis draws do. Of the others those before which something was drawn with the
    fixture `drawn`: a check may ask about chosen inputs too, the same in every run.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._always = is_drawn_by_hypothesis(item)
        self._times = 0

    def __call__(self) -> bool:
        before, drawn = self._times, self._item.stash.get(DRAWN, None)
        self._times = drawn.times if drawn is not None else 0
        return self._always or self._times > before
