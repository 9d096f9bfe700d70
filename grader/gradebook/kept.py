"""Grades that stay in a gradebook, and are read a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, overload

from grader.gradebook.records import Grading
from grader.grades import Grade


class Book(Protocol):
    """What grades are read from."""

    def numbered(self, numbers: Sequence[int]) -> Iterator[Grading]:
        """The gradings with these numbers, in this order."""

    def disconnect(self) -> None:
        """Close all connections; the next use opens a new one."""


class KeptGrades(Sequence[Grade]):
    """The grades of gradings with these numbers, read anew each time that one goes over them."""

    def __init__(self, book: Book, numbers: Sequence[int], outlines: bool = False) -> None:
        """`outlines` are grades without the checks of their exercises."""
        self._book = book
        self._numbers = numbers
        self._outlines = outlines

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Grade]:
        return map(self._grade, self._book.numbered(self._numbers))

    @overload
    def __getitem__(self, place: int) -> Grade: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Grade]: ...
    def __getitem__(self, place: int | slice) -> Grade | Sequence[Grade]:
        if isinstance(place, slice):
            return KeptGrades(self._book, self._numbers[place], self._outlines)
        (grading,) = self._book.numbered([self._numbers[place]])
        return self._grade(grading)

    def disconnect(self) -> None:
        """Leave no connection open, as before a fork."""
        self._book.disconnect()

    def _grade(self, grading: Grading) -> Grade:
        return grading.outline if self._outlines else grading.grade
