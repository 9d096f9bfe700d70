"""Which function a student is at, and which is next: they say when, nothing moves on by itself."""

from __future__ import annotations

from dataclasses import dataclass

from grader.student.standing import (
    CHANGED,
    FINISHED,
    NOT_RUN,
    ExerciseStanding,
)
from grader.watch.asking import Scope

Standings = list[ExerciseStanding]  # of the whole course: grader.student.standing.standing


@dataclass(frozen=True)
class Place:
    """A function of an exercise."""

    exercise: str
    function: str

    @property
    def scope(self) -> Scope:
        return Scope(self.exercise, self.function)


def of_exercise(standings: Standings, exercise: str) -> ExerciseStanding:
    (one,) = (each for each in standings if each.exercise.name == exercise)
    return one


def first_place(one: ExerciseStanding) -> Place:
    """The first function of an exercise that is not done; the first of all where each is."""
    left = [each for each in one.functions if each.state not in FINISHED]
    return Place(one.exercise.name, (left or one.functions)[0].name)


def place_after(standings: Standings, place: Place) -> Place | None:
    """The next function that is not done: of its exercise, from `place` on and then from the start,
    then of the exercises that follow, then of those before. None where there is no other."""
    names = [one.exercise.name for one in standings]
    own = names.index(place.exercise)
    functions = list(standings[own].functions)
    here = [each.name for each in functions].index(place.function) + 1
    around = [(standings[own], each) for each in functions[here:] + functions[: here - 1]]
    for one in standings[own + 1 :] + standings[:own]:
        around += [(one, each) for each in one.functions]
    left = ((one, each) for one, each in around if each.state not in FINISHED)
    return next((Place(one.exercise.name, each.name) for one, each in left), None)


def is_to_run(one: ExerciseStanding) -> bool:
    """Whether some function of an exercise was written, and not run since."""
    return not {each.state for each in one.functions}.isdisjoint({CHANGED, NOT_RUN})
