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
    """The next function of the course that is not done, from `place` on and then from the start;
    None where there is no other."""
    everything = [
        (Place(one.exercise.name, each.name), each.state in FINISHED)
        for one in standings
        for each in one.functions
    ]
    places = [each for each, _ in everything]
    start = places.index(place) + 1 if place in places else 0
    around = everything[start:] + everything[:start]
    return next((each for each, is_done in around if not is_done and each != place), None)


def is_to_run(one: ExerciseStanding) -> bool:
    """Whether some function of an exercise was written, and not run since."""
    return not {each.state for each in one.functions}.isdisjoint({CHANGED, NOT_RUN})
