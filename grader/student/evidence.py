"""What the checks of one run asked, and which answers were wrong: what a diagnosis starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.checking.diagnosis import Evidence
    from grader.checking.expectations import Expectation
    from grader.checking.question import Question


@dataclass
class Heard:
    """What one check asked of a function; `again` is what its recorded examples asked after it."""

    check: str
    function: str
    evidence: Evidence
    again: Evidence | None = None


class Evidences:
    """What every check so far asked, and which answers were wrong."""

    def __init__(self) -> None:
        self._earlier: list[Heard] = []
        self._check = ""
        self._running: Heard | None = None

    def begin(self, check: str) -> None:
        """The next check, by the name of its test function."""
        if self._running is not None:
            self._earlier.append(self._running)
        self._check, self._running = check, None

    def add(
        self, question: Question, expectation: Expectation, wrong: dict[str, Any] | None
    ) -> None:
        """Note a question of the running check; `wrong` is the answer where it was not right."""
        from grader.checking.diagnosis import Evidence

        if self._running is None:
            self._running = Heard(self._check, question.function, Evidence())
        heard = self._running
        (heard.evidence if heard.again is None else heard.again).add(question, expectation, wrong)

    def ask_again(self) -> None:
        """What the running check asks from now on is kept apart: it asks its recorded examples."""
        from grader.checking.diagnosis import Evidence

        if self._running is not None:
            self._running.again = Evidence()

    def of_running(self) -> tuple[Heard | None, list[Heard]]:
        """Of the check that runs, and of the earlier checks of its function."""
        if self._running is None:
            return None, []
        function = self._running.function
        return self._running, [heard for heard in self._earlier if heard.function == function]
