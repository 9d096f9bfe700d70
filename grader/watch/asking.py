"""What the watching process asks of a warm one: which checks to run, and where the output goes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from grader.course import Course
from grader.outcome import Check


@dataclass(frozen=True)
class Scope:
    """What a run checks: a function, all of an exercise (no function), or the course (neither)."""

    exercise: str | None = None
    function: str | None = None

    def holds(self, check: Check) -> bool:
        return self.exercise in (None, check.exercise) and self.function in (None, check.function)

    def files(self, course: Course) -> list[str]:
        """The files of public checks, as pytest is given them: those that are not there too."""
        names = course.names if self.exercise is None else [self.exercise]
        files = [course.stubs / f"test_{name}.py" for name in names]
        return [str(file) for file in files if self.exercise is not None or file.exists()]

    def __str__(self) -> str:
        return self.function or self.exercise or "everything"


@dataclass(frozen=True)
class Request:
    """One run. `output` and `trace` are files to write: what pytest shows, and where Python was
    when it crashed or its time was up. `seconds` is the wall time of each check."""

    run: int
    exercise: str | None
    function: str | None
    arguments: tuple[str, ...]
    output: str
    trace: str
    columns: int
    seconds: float

    @property
    def scope(self) -> Scope:
        return Scope(self.exercise, self.function)

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @staticmethod
    def of(line: bytes) -> Request:
        found = json.loads(line)
        return Request(**{**found, "arguments": tuple(found["arguments"])})
