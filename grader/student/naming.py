"""What a student means by a name: `l1_loss`, `losses.l1_loss`, `losses`; else the nearest names."""

from __future__ import annotations

import difflib

from grader.course import Course, CourseError, Exercise
from grader.student.pristine import stub_names

_NEAREST = 3  # names that an error offers


def find_function(course: Course, name: str) -> tuple[Exercise, str]:
    """The function that is meant, and its exercise; CourseError where it is none, or several."""
    wanted, _, function = name.rpartition(".")
    if wanted:
        exercise = _exercise(course, wanted, name)
        if function in _names(course, exercise):
            return exercise, function
        raise _unknown(name, [f"{exercise.name}.{one}" for one in _names(course, exercise)])
    found = [one for one in course.exercises if function in one.functions]
    found = found or [one for one in course.exercises if function in _names(course, one)]
    if len(found) == 1:
        return found[0], function
    if found:
        each = " or ".join(f"{one.name}.{function}" for one in found)
        raise CourseError(f"{len(found)} exercises have a {function}: say {each}")
    if function in course.names:
        first = course.exercise(function).functions[0]
        raise CourseError(
            f"{function} is an exercise: name one of its functions, such as {function}.{first}"
        )
    raise _unknown(name, [one for each in course.exercises for one in each.functions])


def find(course: Course, name: str) -> tuple[Exercise, str | None]:
    """The function or the whole exercise (None) that is meant; `losses.py` is always the latter."""
    plain = name.removesuffix(".py")
    if plain != name:
        return _exercise(course, plain, name), None
    if name not in course.names:
        try:
            return find_function(course, name)
        except CourseError:
            if "." in name or any(name in _names(course, one) for one in course.exercises):
                raise
        raise _unknown(name, [*course.names, *(f for e in course.exercises for f in e.functions)])
    if any(name in exercise.functions for exercise in course.exercises):
        owner, _ = find_function(course, name)
        raise CourseError(
            f"{name} is an exercise and a function: say {name}.py or {owner.name}.{name}"
        )
    return course.exercise(name), None


def find_exercise(course: Course, name: str) -> Exercise:
    """The exercise that is meant, `losses` or `losses.py`; CourseError where it is none."""
    return _exercise(course, name.removesuffix(".py"), name)


def _exercise(course: Course, wanted: str, name: str) -> Exercise:
    if wanted not in course.names:
        raise _unknown(name, course.names, "exercise")
    return course.exercise(wanted)


def _names(course: Course, exercise: Exercise) -> list[str]:
    """The functions of an exercise, and what else is a stub in it: `Optimizer` of optimizers."""
    return [*exercise.functions, *stub_names(course, exercise)]


def _unknown(name: str, known: list[str], kind: str = "function") -> CourseError:
    plain = {_plain(one): one for one in known}
    near = difflib.get_close_matches(_plain(name), plain, n=_NEAREST, cutoff=0.5)
    meant = f"did you mean {' or '.join(plain[one] for one in near)}? " if near else ""
    return CourseError(f"there is no {kind} {name!r}: {meant}`grader list` shows them all")


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
