"""Which function a student is at, and which is next: they say when, nothing moves on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course import Course
from grader.student.progress import Progress
from grader.student.standing import (
    CHANGED,
    FINISHED,
    NOT_RUN,
    ExerciseStanding,
    next_step,
    standing,
)
from grader.watch.asking import Scope


class Standings:
    """How the exercises stand at one moment, each found out when it is asked for: a verdict seldom
    needs more than one."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._progress = Progress.read(course)
        self._found: dict[str, ExerciseStanding] = {}

    def of(self, exercise: str) -> ExerciseStanding:
        if exercise not in self._found:
            (one,) = standing(self._course.only([exercise]), self._progress)
            self._found[exercise] = one
        return self._found[exercise]

    def all(self) -> list[ExerciseStanding]:
        return standing(self._course, self._progress)


@dataclass(frozen=True)
class Place:
    """A function of an exercise."""

    exercise: str
    function: str

    @property
    def scope(self) -> Scope:
        return Scope(self.exercise, self.function)


def first_place(one: ExerciseStanding) -> Place:
    """The first function of an exercise that is not done; the first of all where each is."""
    left = [each for each in one.functions if each.state not in FINISHED]
    return Place(one.exercise.name, (left or one.functions)[0].name)


def place_after(standings: Standings, place: Place) -> Place | None:
    """The next function that is not done: of its exercise, from `place` on and then from the start;
    then what `grader list` calls next. None where there is no other."""
    functions = standings.of(place.exercise).functions
    names = [each.name for each in functions]
    here = names.index(place.function) if place.function in names else -1
    for each in functions[here + 1 :] + functions[: max(here, 0)]:
        if each.state not in FINISHED:
            return Place(place.exercise, each.name)
    others = [one for one in standings.all() if one.exercise.name != place.exercise]
    step = next_step(others)
    return None if step is None else first_place(standings.of(step.exercise))


def is_to_run(one: ExerciseStanding) -> bool:
    """Whether some function of an exercise was written, and not run since."""
    return not {each.state for each in one.functions}.isdisjoint({CHANGED, NOT_RUN})
