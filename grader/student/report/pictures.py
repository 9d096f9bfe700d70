"""Which pictures there are, and which function of the course each is of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import Course


@dataclass(frozen=True)
class Picture:
    """A picture of what one function does, which takes no longer than `limit` seconds."""

    name: str
    exercise: str
    function: str
    limit: float = 20.0

    def file(self, course: Course) -> Path:
        """The student's file that the function is in."""
        return course.stubs / course.exercise(self.exercise).file_name


@dataclass(frozen=True)
class Descent:
    """A picture of the way that an optimizer takes, with these settings."""

    title: str
    settings: dict[str, float]


LOSSES = Picture("losses", "training", "train", 30.0)
KERNELS = Picture("kernels", "convnets", "CifarNet", 60.0)  # five where nothing else runs
DESCENTS = {
    Picture("sgd", "optimizers", "SGD"): Descent("SGD", {"lr": 0.36}),
    Picture("momentum", "optimizers", "SGD"): Descent("Momentum", {"lr": 0.05, "momentum": 0.9}),
    Picture("adam", "optimizers", "Adam"): Descent("Adam", {"lr": 0.3}),
}
PICTURES = {picture.name: picture for picture in (LOSSES, KERNELS, *DESCENTS)}


@dataclass(frozen=True)
class Answer:
    """What came of one picture's experiment.

    `outcome` is drawn (`data` is what it gave), todo (`said` names the function), missing, wrong
    (`said` is what is wrong with what came), error (`said` is the exception), import (the file
    could not be imported), data (there are no images), timeout or crashed. `line` is of the
    student's file. What is in `said` may be a student's text.
    """

    outcome: str
    said: str = ""
    line: int | None = None
    data: Any = None


def pictures_of(course: Course) -> list[Picture]:
    """The pictures that can be drawn of a course: those whose function it asks for."""
    return [
        picture
        for picture in PICTURES.values()
        if picture.exercise in course.names
        and picture.function in course.exercise(picture.exercise).functions
    ]
