"""What the checks of one run asked, and which answers were wrong: what a diagnosis starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.checking.diagnosis import Evidence
    from grader.checking.expectations import Expectation
    from grader.checking.question import Question


class Evidences:
    """What every check so far asked, and which answers were wrong."""

    def __init__(self) -> None:
        self._earlier: list[tuple[str, Evidence]] = []
        self._running: tuple[str, Evidence] | None = None

    def begin(self) -> None:
        """The next check."""
        if self._running is not None:
            self._earlier.append(self._running)
        self._running = None

    def add(
        self, question: Question, expectation: Expectation, wrong: dict[str, Any] | None
    ) -> None:
        from grader.checking.diagnosis import Evidence

        if self._running is None:
            self._running = question.function, Evidence()
        self._running[1].add(question, expectation, wrong)

    def of_running(self) -> tuple[Evidence | None, list[Evidence]]:
        """Of the check that runs, and of the earlier checks of its function."""
        if self._running is None:
            return None, []
        function, evidence = self._running
        return evidence, [other for name, other in self._earlier if name == function]
