"""The same checks and the same submissions, graded by `grader grade` and by what others use.

Others are a fresh pytest process a submission, gradescope-utils' runner and `otter run`. Classes of
right, of wrong and of mixed submissions are graded apart, each at 1 and at 2 at a time, all in one
run and in turns: a shared machine's speed drifts, and only ratios within a run mean anything.
Nothing is asserted about time, only that every way passes what is right and fails what is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from classroom import (
    CLASSES,
    Mistakes,
    Pupil,
    caught_by_checks,
    check_names,
    copied_course,
    cut_course,
    hand_in,
    known_mistakes,
    make_class,
)
from measuring import (
    ROOT,
    BenchmarkError,
    Cost,
    Memory,
    adopt_orphans,
    at_a_time,
    beyond,
    finish,
    is_busy,
    line,
    once,
    start,
    watched_memory,
)
from others import Gradescope, NotInstalledError, Other, Otter, Pytest, Verdict

from grader.course import Course, load_course

SCOPES = ("losses", "course")
OURS = "grader grade"
ANEW = {"GRADER_CACHE": "off"}  # nothing that an earlier run has recorded of the checks


@dataclass(frozen=True)
class Sizes:
    """How many submissions are graded in each way."""

    large: int
    small: int
    others: int


@dataclass(frozen=True)
class Row:
    """One way of grading one class, so many at a time."""

    kind: str
    jobs: int
    name: str
    cost: Cost
    memory: Memory | None = None


@dataclass
class Scope:
    """What is graded: a course, its known mistakes, and the ways there are to grade it."""

    title: str
    course: Course
    mistakes: Mistakes
    others: list[Other]
    missing: list[str]  # ways that cannot be had here, and why
    folder: Path
    checks: int = field(init=False)
    places: int = 0

    def __post_init__(self) -> None:
        self.checks = len(check_names(self.course))

    def new_place(self) -> Path:
        """A folder's name that was not had before."""
        self.places += 1
        return self.folder / f"place-{self.places:04}"


def main() -> None:
    """Measure, and print a table for each scope."""
    options = arguments()
    torch.set_num_threads(1)
    adopt_orphans()
    try:
        with tempfile.TemporaryDirectory(prefix="graders-") as folder:
            for name in options.scopes:
                scope = prepared(name, options, Path(folder) / name)
                large = options.submissions if name == "losses" else options.submissions_of_course
                sizes = Sizes(large, options.small, options.others)
                rows = measure(scope, options.classes, options.at_a_time, sizes)
                print(table(scope, rows), flush=True)
    except BenchmarkError as error:
        sys.exit(f"graders: {error}")


def arguments() -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])

    def some(of: Sequence[str]) -> Callable[[str], list[str]]:
        def chosen(text: str) -> list[str]:
            names = text.split(",")
            if set(names) - set(of):
                raise argparse.ArgumentTypeError(f"{text!r}: must be of {','.join(of)}")
            return names

        return chosen

    def counts(text: str) -> list[int]:
        found = [int(each) for each in text.split(",")]
        if min(found) < 1:
            raise argparse.ArgumentTypeError(f"{text!r}: at least one at a time")
        return found

    parser.add_argument("--scopes", type=some(SCOPES), default=list(SCOPES))
    parser.add_argument("--classes", type=some(CLASSES), default=list(CLASSES))
    parser.add_argument("--at-a-time", type=counts, default=[1, 2], metavar="J,...")
    parser.add_argument("--checks", type=int, default=16, help="hidden checks of losses")
    parser.add_argument("--submissions", type=int, default=300, help="of losses, for the grader")
    parser.add_argument("--submissions-of-course", type=int, default=24, help="for the grader")
    parser.add_argument("--small", type=int, default=6, help="the class that start-up is told by")
    parser.add_argument("--others", type=int, default=3, help="submissions for each other way")
    parser.add_argument(
        "--mistakes", type=int, help="exercises that a wrong submission is wrong in (default: all)"
    )
    options = parser.parse_args()
    least = min(options.submissions, options.submissions_of_course)
    if not 3 <= options.small < least or options.others < 3:
        parser.error("three submissions at least, and fewer in the small class than in the large")
    return options


def prepared(name: str, options: argparse.Namespace, folder: Path) -> Scope:
    """The course that is graded, its mistakes, and the other ways, all ready."""
    whole = load_course(ROOT).graded()
    if name == "losses":
        course = cut_course(whole, folder / "checked", name, options.checks)
        mistakes = caught_by_checks(course)
        title = f"{options.checks} hidden checks of {name}"
    else:
        course = copied_course(whole, folder / "checked").graded()
        wrong_in = course.names[: options.mistakes]
        mistakes = known_mistakes(course, wrong_in)
        title = f"the whole course, {len(check_names(course))} checks"
    others: list[Other] = [Pytest(course)]
    missing = []
    for kind in (Gradescope, Otter):
        try:
            others.append(kind(course, folder / kind.__name__))
        except NotInstalledError as reason:
            missing.append(f"{kind.name}: cannot be installed here ({reason})")
    return Scope(title, course, mistakes, others, missing, folder)


# measuring


def measure(
    scope: Scope, kinds: Sequence[str], at_a_times: Sequence[int], sizes: Sizes
) -> list[Row]:
    """Every class in every way; the memory apart, as watching it takes time, and first, as the
    first run of everything is slower than the next."""
    rows = []
    pupils = {kind: make_class(kind, scope.course, scope.mistakes, sizes.large) for kind in kinds}
    memories = {jobs: memory_of(scope, pupils[kinds[-1]], jobs) for jobs in at_a_times}
    for kind in kinds:
        for jobs in at_a_times:
            rows += measured_class(scope, kind, pupils[kind], jobs, sizes, memories[jobs])
    return rows


def measured_class(
    scope: Scope,
    kind: str,
    pupils: Sequence[Pupil],
    jobs: int,
    sizes: Sizes,
    memories: dict[str, Memory],
) -> list[Row]:
    """One class, so many at a time: the others, and between them ours."""
    rows, small, large = [], [], None
    for number, other in enumerate(scope.others):
        cost = by_other(scope, other, pupils[: sizes.others], jobs)
        rows.append(Row(kind, jobs, other.name, cost, memories[other.name]))
        if number == 0:
            large = by_grader(scope, pupils, jobs)
        small.append(by_grader(scope, pupils[: sizes.small], jobs))
    assert large is not None
    rows.append(Row(kind, jobs, f"{OURS}, start-up included", large, memories[OURS]))
    rows.append(Row(kind, jobs, f"{OURS}, each further one", beyond(large, small)))
    return rows


def memory_of(scope: Scope, pupils: Sequence[Pupil], jobs: int) -> dict[str, Memory]:
    """The most memory of each way at one moment, so many at a time."""
    memories = {}
    for other in scope.others:
        with watched_memory() as memories[other.name]:
            by_other(scope, other, pupils[:jobs], jobs)
    with watched_memory() as memories[OURS]:
        by_grader(scope, pupils[: 4 * jobs], jobs)
    return memories


def by_other(scope: Scope, other: Other, pupils: Sequence[Pupil], jobs: int) -> Cost:
    """Submissions graded in another way, so many processes at a time."""
    places = [other.ready(pupil, scope.new_place()) for pupil in pupils]
    cost, verdicts = at_a_time(other.grade, places, jobs)
    for pupil, verdict in zip(pupils, verdicts, strict=True):
        require(scope, other.name, pupil, verdict)
    return cost


def by_grader(scope: Scope, pupils: Sequence[Pupil], jobs: int) -> Cost:
    """`grader grade` on a class, from its start to its end."""
    place = scope.new_place()
    submissions = hand_in(pupils, place / "submissions")
    command = [sys.executable, "-P", "-m", "grader.cli", "grade", str(submissions), "--seed", "0"]
    command += ["--course", str(scope.course.root), "--jobs", str(jobs)]
    command += ["--out", str(place / "results"), "--json", str(place / "run.json")]
    wall, cpu, (status, output) = once(lambda: finish(start(command, scope.folder, ANEW)))
    if status != 0:
        raise BenchmarkError(f"grader grade ended with {status}:\n{output}")
    graded = json.loads((place / "run.json").read_text(encoding="utf-8"))["submissions"]
    for pupil, submission in zip(pupils, graded, strict=True):
        failed = {}
        for exercise in submission["exercises"]:
            wrong = sum(check["outcome"] != "passed" for check in exercise["checks"])
            failed.update({exercise["name"]: wrong} if wrong else {})
        checks = sum(len(exercise["checks"]) for exercise in submission["exercises"])
        require(scope, OURS, pupil, Verdict(checks, failed))
    return Cost(len(pupils), wall, cpu)


def require(scope: Scope, way: str, pupil: Pupil, verdict: Verdict) -> None:
    """Every check was run, what is right passed, and exactly what is wrong failed."""
    if verdict.checks != scope.checks:
        raise BenchmarkError(f"{way} ran {verdict.checks} checks, not {scope.checks}")
    if set(verdict.failed) != set(pupil.mistakes):
        wrong = ", ".join(f"{known} in {name}" for name, known in pupil.mistakes.items())
        found = ", ".join(f"{count} of {name}" for name, count in verdict.failed.items())
        raise BenchmarkError(
            f"{way}: {pupil.name} has {wrong or 'no mistake'}; checks failed: {found or 'none'}"
        )


# the table


def table(scope: Scope, rows: Sequence[Row]) -> str:
    """A line for each way of grading each class, and what was to be reached."""
    heads = ("graded", "a minute", "× others", "CPU s each", "CPU ÷", "peak MiB")
    lines = [line(scope.title, *heads)]
    for kind, jobs in dict.fromkeys((row.kind, row.jobs) for row in rows):
        lines += ["", f"{kind}, {jobs} at a time"]
        together = [row for row in rows if (row.kind, row.jobs) == (kind, jobs)]
        fastest, least = best_of_others(together)
        for row in together:
            cost = row.cost
            ours = row.name.startswith(OURS)
            cells = (
                str(cost.submissions),
                f"{cost.a_minute:.1f}",
                f"{cost.a_minute / fastest:.1f}" if ours else "",
                f"{cost.cpu_each:.3f}",
                f"{least / cost.cpu_each:.1f}" if ours else "",
                row.memory.text if row.memory else "",
            )
            lines.append(line(f"  {row.name}", *cells))
    return "\n".join([*lines, "", *scope.missing, *reached(rows), ""])


def best_of_others(rows: Sequence[Row]) -> tuple[float, float]:
    """The most submissions a minute, and the least processor time for one, of any other way."""
    others = [row.cost for row in rows if not row.name.startswith(OURS)]
    return max(cost.a_minute for cost in others), min(cost.cpu_each for cost in others)


def reached(rows: Sequence[Row]) -> list[str]:
    """How `grader grade` stands to the best of the others at the most jobs there were."""
    most = max(row.jobs for row in rows)
    said = []
    for kind in dict.fromkeys(row.kind for row in rows):
        together = [row for row in rows if (row.kind, row.jobs) == (kind, most)]
        fastest, least = best_of_others(together)
        ours, further = [row.cost for row in together if row.name.startswith(OURS)]
        said.append(
            f"{kind}, {most} at a time: {ours.a_minute / fastest:.1f} times the best of the "
            f"others, {further.a_minute / fastest:.1f} without the start-up; "
            f"by processor time {least / ours.cpu_each:.1f} and {least / further.cpu_each:.1f}"
        )
    if is_busy():
        said.append("This machine has other work: a minute is not what it would be; go by CPU.")
    return said


if __name__ == "__main__":
    main()
