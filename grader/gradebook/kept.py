"""Grades that stay in a gradebook, and are read a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from grader.gradebook.records import Grading
from grader.grades import Grade


class KeptGrades(Sequence[Grade]):
    """The grades of gradings with these numbers, read anew each time that one goes over them."""

    def __init__(
        self,
        read: Callable[[Sequence[int]], Iterator[Grading]],
        numbers: Sequence[int],
        outlines: bool = False,
    ) -> None:
        """`outlines` are grades without the checks of their exercises."""
        self._read = read
        self._numbers = numbers
        self._outlines = outlines

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Grade]:
        return map(self._grade, self._read(self._numbers))

    @overload
    def __getitem__(self, place: int) -> Grade: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Grade]: ...
    def __getitem__(self, place: int | slice) -> Grade | Sequence[Grade]:
        if isinstance(place, slice):
            return KeptGrades(self._read, self._numbers[place], self._outlines)
        (grading,) = self._read([self._numbers[place]])
        return self._grade(grading)

    def _grade(self, grading: Grading) -> Grade:
        return grading.outline if self._outlines else grading.grade
