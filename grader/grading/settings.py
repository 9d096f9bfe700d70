"""How a run grades, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from grader.course import Course

LEVELS = ("strict", "best-effort", "off")


@dataclass(frozen=True)
class RunSettings:
    """How a run grades; all but `jobs` and `fresh` is part of what makes a grade reusable.

    Without a seed the gradebook's own is taken, drawn when it was begun: who does not know it
    cannot know what will be asked.
    """

    course: Course
    seed: int | None = None
    device: str = "cpu"
    level: str = "strict"
    data: Path | None = None
    jobs: int = 1
    fresh: bool = False


class Progress(Protocol):
    """What hears of a run as it goes."""

    def began(self, submissions: int) -> None: ...

    def graded(self, grade: dict[str, Any], reused: bool, again: int | None = None) -> None:
        """Told of each grading; `reused` where nothing had to be examined for it.

        `again` is how many checks were put of what was graded before in this very submission.
        """
