"""What a check holds: an exercise and its functions, wherever the student's code runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.checking.expectations import Expectation
from grader.checking.question import Question


class Subject:
    """One function of an exercise; assert_matches and its kin put questions to it.

    `examine(question, expectation)` puts one and raises where the answer is not as expected.
    """

    def __init__(
        self, exercise: str, name: str, examine: Callable[[Question, Expectation], None]
    ) -> None:
        self.exercise = exercise
        self.name = name
        self.examine = examine

    def question(self, probe: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Question:
        return Question(self.exercise, self.name, probe, args, kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"a check does not call {self.exercise}.{self.name} itself: it hands it to "
            "assert_matches or assert_raises, with what it is compared to"
        )

    def __repr__(self) -> str:
        return f"{self.exercise}.{self.name}"


class StandIn:
    """What the fixture named after an exercise gives: its functions as attributes."""

    def __init__(self, exercise: str, examine: Callable[[Question, Expectation], None]) -> None:
        self._exercise = exercise
        self._examine = examine

    def __getattr__(self, name: str) -> Subject:
        if name.startswith("_"):  # Python, pytest and hypothesis look for their own names
            raise AttributeError(name)
        return Subject(self._exercise, name, self._examine)

    def __repr__(self) -> str:
        return self._exercise
