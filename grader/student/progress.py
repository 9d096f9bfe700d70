"""How far a student is: the last outcome of every check, kept beside the course between runs.

`.grader/progress.json` in the course's folder. It decides nothing: what is lost or damaged comes
back with the next run of `pytest exercises`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grader.course import Course
from grader.kept import FOLDER, made_folder
from grader.outcome import Result
from grader.student.written import Written

FORMAT = 1


@dataclass(frozen=True)
class Last:
    """How a check ended when it last ran.

    `source` is the digest of its function then (`Written.digest_of`).
    """

    exercise: str
    function: str
    title: str
    points: float
    outcome: str
    message: str | None
    hint: str | None
    misconception: str | None
    source: str


@dataclass
class Progress:
    """The last outcome of each check that has run, by the check's id."""

    file: Path
    checks: dict[str, Last]

    @staticmethod
    def read(course: Course) -> Progress:
        """What is kept beside the course; nothing where nothing, or nothing readable, is kept."""
        file = course.root / FOLDER / "progress.json"
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            known = {name: Last(**last) for name, last in data["checks"].items()}
            return Progress(file, known if data["format"] == FORMAT else {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Progress(file, {})

    def add(self, results: Iterable[Result], written: Mapping[str, Written]) -> None:
        """Take in how checks have just ended; `written` are the exercises' files, by name, as they
        were when the checks ran."""
        for result in results:
            check = result.check
            self.checks[check.id] = Last(
                check.exercise,
                check.function,
                check.title,
                check.points,
                result.outcome,
                result.message,
                result.hint,
                result.misconception,
                written[check.exercise].digest_of(check.function),
            )

    def write(self) -> None:
        """Keep it, whole or not at all; git is told to leave the folder alone."""
        from grader.writing import write_whole

        made_folder(self.file.parent.parent)
        checks: dict[str, Any] = {name: asdict(last) for name, last in self.checks.items()}
        text = json.dumps({"format": FORMAT, "checks": checks}, indent=1)
        write_whole(self.file, text)
