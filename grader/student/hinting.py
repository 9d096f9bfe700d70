"""`grader hint`: one more of a function's three hints each time; which were shown is remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import Course, Exercise
from grader.hints import LEVELS, read_hints
from grader.kept import FOLDER, made_folder
from grader.student.naming import find_function
from grader.student.printing import as_rich, painted, wrapped
from grader.student.standing import FINISHED, ExerciseStanding, FunctionStanding, standing
from grader.untrusted import terminal
from grader.writing import write_whole

if TYPE_CHECKING:
    from rich.text import Text

FORMAT = 1


@dataclass(frozen=True)
class Advice:
    """What there is to say of one function: its hints so far, the last one new, and how it stands.

    `given` are pairs of a level (nudge, idea, formula) and its text; `left` counts those to come.
    """

    exercise: Exercise
    function: str
    place: str
    standing: FunctionStanding
    given: tuple[tuple[str, str], ...]
    new: int  # of those given, the last so many were not shown before
    left: int

    @property
    def done(self) -> bool:
        return self.standing.state in FINISHED

    @property
    def failing(self) -> str | None:
        """The title of the first check that failed when the function last ran."""
        first = self.standing.first_failed
        return first.check.title if first else None

    @property
    def diagnosed(self) -> str | None:
        """The hint of the known mistake that the last run recognised."""
        for one in self.standing.checks:
            if one.last is not None and one.last.outcome != "passed" and one.last.hint:
                return one.last.hint
        return None

    @property
    def is_old(self) -> bool:
        """Whether the function has changed since what `failing` and `diagnosed` are of."""
        first = self.standing.first_failed
        return first is not None and not first.current


@dataclass
class Shown:
    """How many hints of each function were shown, by `losses.l1_loss`: `.grader/hints.json`."""

    file: Path
    counts: dict[str, int]

    @staticmethod
    def read(course: Course) -> Shown:
        """What is kept; nothing where nothing, or nothing readable, is kept."""
        file = course.root / FOLDER / "hints.json"
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            counts = {str(name): int(count) for name, count in data["shown"].items()}
            return Shown(file, counts if data["format"] == FORMAT else {})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Shown(file, {})

    def write(self) -> None:
        """Keep it; OSError passes."""
        made_folder(self.file.parent.parent)
        document: dict[str, Any] = {"format": FORMAT, "shown": self.counts}
        write_whole(self.file, json.dumps(document, ensure_ascii=False, indent=1))


def advice(course: Course, name: str, more: int = 1) -> Advice:
    """The hints of a function shown so far and `more` new ones, which count as shown from now on.

    CourseError for a name that is no function's, and where its hints are not as they should be;
    OSError where it cannot be remembered that they were shown.
    """
    exercise, function = find_function(course, name)
    hints = read_hints(course, exercise).get(function, [])
    shown = Shown.read(course)
    key = f"{exercise.name}.{function}"
    before = min(max(shown.counts.get(key, 0), 0), len(hints))
    now = min(before + more, len(hints))
    if now != before:
        shown.counts[key] = now
        shown.write()
    one = _standing_of(course, exercise)
    return Advice(
        exercise,
        function,
        one.place_of(function),
        one.function(function),
        tuple(zip(LEVELS[:now], hints[:now], strict=True)),
        now - before,
        len(hints) - now,
    )


def shown_advice(advice: Advice, width: int = 80) -> Text:
    """`painted_advice`, for a screen that is rich's."""
    return as_rich(painted_advice(advice, width))


def painted_advice(advice: Advice, width: int = 80) -> str:
    """What a student reads: where the function stands, its hints, and what is left."""
    lines = [f"{painted(advice.function, 'bold')}  {advice.place}  {advice.standing.state}"]
    lines += [painted(line, "yellow") for line in _of_the_last_run(advice, width)]
    for number, (level, text) in enumerate(advice.given, start=1):
        is_new = number > len(advice.given) - advice.new
        lines += ["", painted(f"{number} {level}", "bold" if is_new else "dim")]
        said = wrapped(terminal(text), width, "  ", keep_lines=level == LEVELS[-1])
        lines += said if is_new else [painted(line, "dim") for line in said]
    lines += ["", *(painted(line, "dim") for line in wrapped(_what_is_left(advice), width))]
    return "\n".join(lines)


def _of_the_last_run(advice: Advice, width: int) -> list[str]:
    if advice.standing.waits_for:
        first = advice.standing.waits_for[0]
        return wrapped(f"first: {first}, which it is built on, is still to write", width)
    if advice.done or advice.failing is None:
        return []
    when = "before you changed it, " if advice.is_old else ""
    said = wrapped(f"{when}the first check to fail: {terminal(advice.failing)}", width)
    if advice.diagnosed is not None:
        said += wrapped(f"{when}a known mistake: {terminal(advice.diagnosed)}", width)
    return said


def _what_is_left(advice: Advice) -> str:
    if not advice.given and not advice.left:
        return f"there are no hints for it; its docstring says what it does: {advice.place}"
    if not advice.left:
        return f"these are all; the docstring says the rest: {advice.place}"
    return f"for {' and '.join(LEVELS[-advice.left :])}: grader hint {advice.function}"


def _standing_of(course: Course, exercise: Exercise) -> ExerciseStanding:
    (one,) = (each for each in standing(course) if each.exercise.name == exercise.name)
    return one
