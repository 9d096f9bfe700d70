"""What is left of a run when it has ended: little of each submission, and all of it as JSON.

Everything else is in the gradebook, from which the JSON is read and written a few at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.gradebook import Gradebook, Grading, held_by_all
from grader.untrusted import json_stream

FORMAT = 1


@dataclass(frozen=True, slots=True)
class RunGrade:
    """What a run keeps of one submission; `number` is that of its grading in the gradebook."""

    id: str
    number: int
    status: str
    points: float
    max_points: float


@dataclass(frozen=True)
class FinishedRun:
    """A run that has ended; `grades` are sorted by id."""

    course: str
    seed: int
    device: str
    torch: str
    level: str
    layers: tuple[str, ...]
    seconds: float
    grades: Sequence[RunGrade]

    def document(self, gradebook: Gradebook) -> Iterator[str]:
        """The JSON of the command in parts, read from the gradebook that the run added to."""
        head = {
            "format": FORMAT,
            "course": self.course,
            "seed": self.seed,
            "device": self.device,
            "torch": self.torch,
            "sandbox": {"level": self.level, "layers": list(self.layers)},
            "seconds": self.seconds,
        }
        gradings = gradebook.numbered([grade.number for grade in self.grades])
        return json_stream(head, "submissions", map(shown, gradings))


def shown(grading: Grading) -> dict[str, Any]:
    """The grading's entry in the JSON, whose form is fixed: what else is known is in the book."""
    entry = grading.entry
    for exercise in entry["exercises"]:
        exercise.pop("curves", None)
    return entry


class Tally:
    """Gathers what is left of a run, as gradings come; each submission has one."""

    def __init__(self) -> None:
        self._grades: list[RunGrade] = []
        # The few lists of layers that there are, each with where in the class it is first.
        self._layers: dict[tuple[str, ...], tuple[str, int]] = {}

    def add(self, grading: Grading) -> None:
        id = grading.submission_id
        self._grades.append(
            RunGrade(id, grading.number, grading.status, grading.points, grading.max_points)
        )
        for position, exercise in enumerate(grading.exercises):
            place = (id, position)
            first = self._layers.setdefault(exercise.layers, place)
            self._layers[exercise.layers] = min(first, place)

    @property
    def layers(self) -> tuple[str, ...]:
        """Those that held for everything that was graded."""
        by_place = sorted(self._layers.items(), key=lambda each: each[1])
        return held_by_all([layers for layers, _ in by_place])

    @property
    def grades(self) -> list[RunGrade]:
        """What was added, sorted by id."""
        return sorted(self._grades, key=lambda grade: grade.id)
