"""What the reports of changes say, in the same words on a screen and on paper.

Names in what is returned may be of a course's or a student's: whoever shows them makes them
harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.changes.records import (
    NEGLIGIBLE,
    Cause,
    CheckChange,
    ExerciseChange,
    PartChange,
    SubmissionChange,
)
from grader.changes.summary import Around, Summary
from grader.grades import CheckGrade, Grade

HEADINGS = {
    "rejected": "Rejected now",
    "accepted": "No longer rejected",
    "appeared": "New",
    "disappeared": "No longer there",
    "down": "Lower",
    "up": "Higher",
    "changed": "The same points, earned otherwise",
}
_NAMES = {
    "submission": "the submission",
    "engine": "the grader",
    "torch": "torch",
    "seed": "the seed",
    "device": "the device",
    "sandbox": "the level of the sandbox",
    "data": "the folder with the images",
    "course": "the course, the grader or torch",
}
_MANY = 3
_LIMITED = ("timeout", "crashed")  # outcomes that may depend on what else the machine does


@dataclass(frozen=True)
class Labels:
    """What is compared, in the reader's words: `results/gradebook.db`, or a time."""

    before: str
    after: str


def points(value: float) -> str:
    """Points as a reader knows them; sums of fractions leave a dust that is not shown."""
    return f"{round(value, 6) + 0.0:g}"


def moved(value: float) -> str:
    """Points won or lost, with the sign."""
    if abs(value) < NEGLIGIBLE:
        return "±0"
    return f"+{points(value)}" if value > 0 else f"−{points(-value)}"


def total(grade: Grade | None) -> str:
    """What a submission earned in all: `87.5/100`, or how else it ended."""
    if grade is None:
        return "—"
    return f"{points(grade.points)}/{points(grade.max_points)}" if grade.graded else "rejected"


def outcome(check: CheckGrade | None) -> str:
    return "—" if check is None else check.outcome


def ended(check: CheckChange) -> str:
    """How a check ended before and ends now."""
    before, after = outcome(check.before), outcome(check.after)
    if before == after:
        return before
    if check.before is None:
        return f"new: {after}"
    return f"{before} → gone" if check.after is None else f"{before} → {after}"


def mistake(check: CheckChange) -> str | None:
    """What is said of the known mistake that a check was explained by, where it is another."""
    before = check.before.misconception if check.before else None
    after = check.after.misconception if check.after else None
    if before == after:
        return None
    if before is None:
        return f"explained now by the known mistake {after}"
    if after is None:
        return f"no longer explained by the known mistake {before}"
    return f"explained by the known mistake {after}, before by {before}"


def about(check: CheckChange) -> list[str]:
    """What else there is to say of a check that ended otherwise."""
    said = []
    if check.before is not None and check.after is not None and check.text_changed:
        said.append("the check itself changed")
    explained = mistake(check)
    return [*said, explained] if explained else said


def check_name(check: CheckChange) -> str:
    """The name of the test function."""
    return check.either.id.partition("/")[2] or check.either.id


# why


def rejections(change: SubmissionChange) -> list[str]:
    """The reasons for which a submission was or is rejected."""
    return [
        f"rejected {when}: {side.reason or 'no reason is given'}"
        for when, side in (("before", change.before), ("now", change.after))
        if side is not None and not side.graded
    ]


def why(exercise: ExerciseChange) -> str:
    """One sentence: what changed for an exercise, or that nothing did."""
    if not exercise.on_both_sides:
        missing = "before" if exercise.before is None else "now"
        return f"not graded {missing}"
    told = [f"{_cause(exercise.name, cause)} changed" for cause in exercise.causes]
    if told:
        return "; ".join(told)
    if exercise.unknown:
        names = ", ".join(condition_name(name, exercise.name) for name in exercise.unknown)
        return f"nothing known changed; whether these did is not recorded: {names}"
    said = "nothing changed: the same work was graded otherwise under the same conditions"
    outcomes = {outcome(grade) for check in exercise.checks for grade in _sides(check)}
    if outcomes & set(_LIMITED):
        return f"{said}; a limit of time or memory was met, perhaps by a busy machine"
    return f"{said}: a defect of the grader, or work that answers by chance"


def reasons(submission: SubmissionChange) -> list[tuple[str, list[str]]]:
    """Each reason, and the exercises that it holds for; exercises of one reason together."""
    found: dict[str, list[str]] = {}
    for exercise in submission.exercises:
        found.setdefault(why(exercise), []).append(exercise.name)
    return list(found.items())


def alike(submissions: Sequence[SubmissionChange]) -> list[list[SubmissionChange]]:
    """Those in which the very same moved, for the same reasons, together: told once for all."""
    found: dict[tuple[object, ...], list[SubmissionChange]] = {}
    for submission in submissions:
        key = tuple(
            (exercise.name, why(exercise), tuple(map(_told, exercise.checks)), exercise.unaccounted)
            for exercise in submission.exercises
        )
        # What has no exercise to tell of stands alone: it has a reason of its own.
        found.setdefault(key or (submission.id,), []).append(submission)
    return list(found.values())


def _told(check: CheckChange) -> tuple[object, ...]:
    return check.either.id, ended(check), check.points, *about(check)


@dataclass(frozen=True)
class Together:
    """Checks of one exercise of which the same is to be told: `12 checks`, `passed → error`."""

    checks: str
    how: str
    points: float


def told(exercise: ExerciseChange) -> tuple[list[Together], list[CheckChange]]:
    """What there is to tell of an exercise: many checks at once, and single ones by function.

    Many are told at once where a whole exercise ended in one way, before or now: it could not be
    imported, or was not written yet. So are those that ended as before and are worth another
    number of points.
    """
    single = [check for check in exercise.checks if not check.reweighted]
    grouped: dict[str, list[CheckChange]] = {}
    for side in (exercise.before, exercise.after):
        outcomes = {check.outcome for check in side.checks} if side else set()
        if len(outcomes) == 1 and outcomes != {"passed"}:
            for check in single:
                grouped.setdefault(ended(check), []).append(check)
            break
    many = {how: checks for how, checks in grouped.items() if len(checks) >= _MANY}
    groups = [Together(_counted(checks), how, _sum(checks)) for how, checks in many.items()]
    same = [check for check in exercise.checks if check.reweighted]
    if same:
        groups.append(Together(f"{_counted(same)} as before", "worth more or less", _sum(same)))
    if exercise.unaccounted:
        groups.append(Together("no check", "edited by hand", exercise.unaccounted))
    rest = [check for check in single if ended(check) not in many]
    order = list(dict.fromkeys(check.either.function for check in rest))
    return groups, sorted(rest, key=lambda check: order.index(check.either.function))


def _counted(checks: Sequence[CheckChange]) -> str:
    return "1 check" if len(checks) == 1 else f"{len(checks)} checks"


def _sum(checks: Sequence[CheckChange]) -> float:
    return sum(check.points for check in checks)


def condition_name(condition: str, exercise: str) -> str:
    return _NAMES.get(condition) or f"what the course asks in {exercise}"


def _cause(exercise: str, cause: Cause) -> str:
    if cause.condition != "checks":
        name = condition_name(cause.condition, exercise)
        shown = cause.condition in ("torch", "seed", "device", "sandbox")
        return f"{name} ({cause.before} → {cause.after})" if shown else name
    kinds = list(dict.fromkeys(_kind(part, exercise) for part in cause.parts))
    return _list(kinds) if kinds else f"the checks, solution or known mistakes of {exercise}"


def _kind(part: PartChange, exercise: str) -> str:
    if part.kind == "check":
        return f"the checks of {exercise}"
    if part.kind == "solution" or part.name.startswith("solutions/"):
        return f"the solution of {exercise}"
    if part.kind == "setting":
        return f"the settings of {exercise}"
    if "/misconceptions/" in part.name:
        return f"the known mistakes of {exercise}"
    return f"the file {part.name}"


def _sides(check: CheckChange) -> Iterator[CheckGrade]:
    yield from (side for side in (check.before, check.after) if side is not None)


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# what changed around the submissions


def around(one: Around) -> tuple[str, list[str]]:
    """A line that says what changed, and lines that say what of it."""
    cause, count = one.cause, students(one.submissions)
    if cause.condition == "submission":
        return f"{count} changed", []
    if cause.condition == "checks":
        exercise = one.exercises[0]
        if not cause.parts:
            return f"{exercise}: checks, solution or known mistakes; which is not recorded", []
        return f"{exercise}:", [part(each) for each in cause.parts]
    return f"{_cause('', cause)} changed ({count})", []


def part(change: PartChange) -> str:
    """One part that is another: `check test_l1_loss_gradient changed`."""
    kind = "known mistakes" if "/misconceptions/" in change.name else change.kind
    name = change.name
    if change.kind in ("check", "solution"):
        name = name.partition("/")[2]
    if change.before is None:
        return f"{kind} {name} is new"
    if change.after is None:
        return f"{kind} {name} is gone"
    if change.kind == "setting":
        return f"{kind} {name}: {change.before} → {change.after}"
    return f"{kind} {name} changed"


# in all


def students(count: int) -> str:
    return "1 submission" if count == 1 else f"{count} submissions"


def in_all(summary: Summary) -> list[str]:
    """The sentences at the end."""
    kinds = summary.kinds
    said = [
        f"{students(summary.compared)} compared: {kinds['up']} higher, {kinds['down']} lower, "
        f"{kinds['changed']} otherwise with the same points, {kinds['unchanged']} unchanged."
    ]
    if kinds["rejected"] or kinds["accepted"]:
        said.append(f"{kinds['rejected']} rejected now, {kinds['accepted']} no longer rejected.")
    if kinds["appeared"] or kinds["disappeared"]:
        said.append(f"{kinds['appeared']} new, {kinds['disappeared']} no longer there.")
    if summary.points_up or summary.points_down:
        said.append(
            f"Points: {moved(summary.points_up)} and {moved(summary.points_down)}, "
            f"{moved(summary.points_up + summary.points_down)} in all."
        )
    if summary.reworded:
        checks = "1 check ends" if summary.reworded == 1 else f"{summary.reworded} checks end"
        said.append(f"{checks} as before, with another message or hint.")
    if summary.unexplained:
        said.append(f"{students(summary.unexplained)} moved and nothing known explains it.")
    return said
