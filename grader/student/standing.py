"""Where a student stands: each function's state, from the files as they are and the last outcomes.

Nothing is run. An outcome counts for the code that it was found with: where a function has changed
since, its checks are as good as not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.course import Course, Exercise
from grader.outcome import Check
from grader.student.places import shown
from grader.student.progress import Last, Progress
from grader.student.public import public_checks
from grader.student.unwritten import ToWrite
from grader.student.written import Written

DONE = "done"  # all of its public checks passed
WRITTEN = "written"  # and no public check asks for it
TO_MEND = "to mend"
TO_WRITE = "to write"
WAITS = "waits"  # written, but what it is built on is not
CHANGED = "changed"  # since its checks ran
NOT_RUN = "not run"  # none of its checks, or not all
UNREADABLE = "unreadable"  # the file cannot be read, or is no Python

FINISHED = (DONE, WRITTEN)


@dataclass(frozen=True)
class CheckStanding:
    """A check, how it ended last, and whether that was with the code as it is now."""

    check: Check
    last: Last | None
    current: bool

    @property
    def passed(self) -> bool:
        return self.current and self.last is not None and self.last.outcome == "passed"

    @property
    def failed(self) -> bool:
        return self.current and self.last is not None and self.last.outcome != "passed"


@dataclass(frozen=True)
class FunctionStanding:
    """A function's state; `line` is where it begins.

    `waits_for` is what it is built on and is a stub: `Optimizer`, or `losses.l1_loss` where that is
    of another exercise. `name` is also that of a stub that is none of the exercise's functions; it
    has no checks.
    """

    name: str
    state: str
    line: int | None
    checks: tuple[CheckStanding, ...] = ()
    waits_for: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        return sum(one.check.points for one in self.checks if one.passed)

    @property
    def possible(self) -> float:
        return sum(one.check.points for one in self.checks)

    @property
    def first_failed(self) -> CheckStanding | None:
        """The first check that failed, of the code as it is if there is one, else of before."""
        before = [one for one in self.checks if one.last and one.last.outcome != "passed"]
        return next((one for one in before if one.current), before[0] if before else None)


@dataclass(frozen=True)
class ExerciseStanding:
    """An exercise: its functions, other stubs in its file, and required exercises not yet done."""

    exercise: Exercise
    written: Written
    functions: tuple[FunctionStanding, ...]
    others: tuple[FunctionStanding, ...]
    after: tuple[str, ...]

    @property
    def earned(self) -> float:
        return sum(function.earned for function in self.functions)

    @property
    def possible(self) -> float:
        return sum(function.possible for function in self.functions)

    @property
    def finished(self) -> bool:
        return all(function.state in FINISHED for function in self.functions)

    @property
    def begun(self) -> bool:
        return any(function.state != TO_WRITE for function in self.functions)

    def function(self, name: str) -> FunctionStanding:
        """One of its functions, or of its other stubs; one that is written already is `written`."""
        for one in (*self.functions, *self.others):
            if one.name == name:
                return one
        return FunctionStanding(name, WRITTEN, self.written.line_of(name))

    def place_of(self, name: str) -> str:
        """file:line of a function, `l1_loss` or `losses.l1_loss`, or of what is wrong here."""
        other, _, function = name.rpartition(".")
        if other:
            file = self.written.file.with_name(f"{other}.py")
            return _place(file, Written.of(file).line_of(function))
        line = self.written.problem_line if self.written.problem else self.written.line_of(name)
        return _place(self.written.file, line)


@dataclass(frozen=True)
class Step:
    """What to do next: `verb` (write, mend, run) a function, or mend a file (`function` None)."""

    exercise: str
    verb: str
    function: str | None
    place: str
    problem: str | None = None  # of the file

    def __str__(self) -> str:
        if self.function is None:
            return f"{self.verb} {self.place} ({self.problem})"
        return f"{self.verb} {self.function} ({self.place})"


def standing(course: Course, progress: Progress | None = None) -> list[ExerciseStanding]:
    """Each exercise of the course, in its order."""
    progress = progress or Progress.read(course)
    found: dict[str, ExerciseStanding] = {}
    files = {exercise.name: Written.read(course, exercise) for exercise in course.exercises}
    to_write = ToWrite(course, {name: written.tree for name, written in files.items()})
    for exercise in course.exercises:
        after = tuple(
            name for name in exercise.requires if name in found and not found[name].finished
        )
        read = files[exercise.name], to_write
        found[exercise.name] = _exercise(course, exercise, progress, after, *read)
    return list(found.values())


def next_step(standings: list[ExerciseStanding]) -> Step | None:
    """The next step of the first exercise that is begun and not finished, else of the first that is
    not finished; None where all is done."""
    unfinished = [one for one in standings if not one.finished]
    begun = [one for one in unfinished if one.begun]
    return step_of((begun or unfinished)[0]) if unfinished else None


def step_of(standing: ExerciseStanding) -> Step | None:
    """What to do next in an exercise; None where it is finished."""
    name, written = standing.exercise.name, standing.written
    if written.problem:
        return Step(name, "mend", None, standing.place_of(""), written.problem)
    for function in standing.functions:
        if function.state in FINISHED:
            continue
        if function.waits_for:  # what it is built on comes first
            first = function.waits_for[0]
            other, _, plain = first.rpartition(".")
            return Step(other or name, "write", plain, standing.place_of(first))
        verb = {TO_WRITE: "write", TO_MEND: "mend", WAITS: "mend"}.get(function.state, "run")
        return Step(name, verb, function.name, standing.place_of(function.name))
    return None


def _exercise(
    course: Course,
    exercise: Exercise,
    progress: Progress,
    after: tuple[str, ...],
    written: Written,
    to_write: ToWrite,
) -> ExerciseStanding:
    checks = public_checks(course, exercise)
    functions = tuple(
        _function(
            name,
            written,
            [one for one in checks if one.function == name],
            progress,
            _waits_for(exercise.name, name, to_write),
        )
        for name in exercise.functions
    )
    others = tuple(
        FunctionStanding(name, TO_WRITE, written.line_of(name))
        for name in written.others_to_write(exercise)
    )
    return ExerciseStanding(exercise, written, functions, others, after)


def _waits_for(exercise: str, function: str, to_write: ToWrite) -> tuple[str, ...]:
    """What is to be written before a function, itself aside."""
    first = to_write.first(exercise, function)
    if first is None or (first.exercise, first.function) == (exercise, function):
        return ()
    own = first.exercise == exercise
    return (first.function if own else f"{first.exercise}.{first.function}",)


def _place(file: Path, line: int | None) -> str:
    return f"{shown(file)}:{line}" if line else shown(file)


def _function(
    name: str,
    written: Written,
    checks: list[Check],
    progress: Progress,
    waits_for: tuple[str, ...],
) -> FunctionStanding:
    digest = written.digest_of(name)
    standings = []
    for check in checks:
        last = progress.checks.get(check.id)
        standings.append(CheckStanding(check, last, last is not None and last.source == digest))
    state = _state(name, written, standings, bool(waits_for))
    return FunctionStanding(name, state, written.line_of(name), tuple(standings), waits_for)


def _state(name: str, written: Written, checks: list[CheckStanding], waits: bool) -> str:
    if written.problem:
        return UNREADABLE
    if written.is_to_write(name) or not written.binds(name):
        return TO_WRITE
    if waits or any(one.failed and one.last and one.last.outcome == "todo" for one in checks):
        return WAITS
    if any(one.failed for one in checks):
        return TO_MEND
    if not checks:
        return WRITTEN
    if all(one.passed for one in checks):
        return DONE
    return CHANGED if any(one.last and not one.current for one in checks) else NOT_RUN
