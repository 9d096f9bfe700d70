"""Two gradings of a class to what moved between them, and why. Pure: records in, records out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.changes.records import (
    CONDITIONS,
    NEGLIGIBLE,
    Cause,
    Changes,
    CheckChange,
    ExerciseChange,
    Graded,
    PartChange,
    SubmissionChange,
)
from grader.grades import CheckGrade, ExerciseGrade
from grader.parts import CHECK, FILE, SOLUTION


def compare(before: Iterable[Graded], after: Iterable[Graded]) -> Changes:
    """What moved; ValueError where a side has two grades of one submission."""
    then, now = _by_id(before), _by_id(after)
    ids = sorted(then.keys() | now.keys())
    return Changes(tuple(_submission(then.get(id), now.get(id)) for id in ids))


def _by_id(side: Iterable[Graded]) -> dict[str, Graded]:
    found: dict[str, Graded] = {}
    for graded in side:
        if graded.grade.id in found:
            raise ValueError(f"there are two grades of {graded.grade.id!r}")
        found[graded.grade.id] = graded
    return found


def _submission(before: Graded | None, after: Graded | None) -> SubmissionChange:
    if before is None or after is None:
        return SubmissionChange(before.grade if before else None, after.grade if after else None)
    if not (before.grade.graded and after.grade.graded):
        return SubmissionChange(before.grade, after.grade)
    then = {exercise.name: exercise for exercise in before.grade.exercises}
    now = {exercise.name: exercise for exercise in after.grade.exercises}
    names = list(dict.fromkeys([*now, *then]))
    under = {name: _causes(name, before, after) for name in names if name in then and name in now}
    unknown = {name: tuple(_unknown(name, before, after)) for name in names}
    exercises = [
        ExerciseChange(
            name,
            then.get(name),
            now.get(name),
            tuple(_checks(then.get(name), now.get(name), under.get(name, ()), unknown[name])),
            under.get(name, ()),
            unknown[name],
        )
        for name in names
    ]
    return SubmissionChange(
        before.grade,
        after.grade,
        tuple(each for each in exercises if _moved(each)),
        under,
        sum(_reworded(then[name], now[name]) for name in under),
    )


def _moved(exercise: ExerciseChange) -> bool:
    return not exercise.on_both_sides or bool(exercise.checks) or abs(exercise.points) > NEGLIGIBLE


def _checks(
    before: ExerciseGrade | None,
    after: ExerciseGrade | None,
    causes: Sequence[Cause],
    unknown: Sequence[str],
) -> Iterable[CheckChange]:
    """The checks that ended otherwise; none where only one side was graded at all."""
    if before is None or after is None:
        return
    then = {check.id: check for check in before.checks}
    now = {check.id: check for check in after.checks}
    for id in dict.fromkeys([*now, *then]):
        old, new = then.get(id), now.get(id)
        if old is None or new is None or _verdict(old) != _verdict(new):
            yield CheckChange(old, new, _text_changed(id, causes, unknown))


def _verdict(check: CheckGrade) -> tuple[str, float, str | None]:
    return check.outcome, check.points, check.misconception


def _text_changed(id: str, causes: Sequence[Cause], unknown: Sequence[str]) -> bool | None:
    """Whether the check itself is another; None where that is not known."""
    for cause in causes:
        if cause.condition == "course":
            return None
        if cause.condition == "checks":
            return any(part.name == id for part in cause.checks) if cause.parts else None
    return None if "checks" in unknown else False


def _reworded(before: ExerciseGrade, after: ExerciseGrade) -> int:
    """How many checks ended as before and say something else."""
    then = {check.id: check for check in before.checks}
    count = 0
    for check in after.checks:
        old = then.get(check.id)
        if old is not None and _verdict(old) == _verdict(check):
            count += (old.message, old.hint) != (check.message, check.hint)
    return count


# why


def _causes(name: str, before: Graded, after: Graded) -> tuple[Cause, ...]:
    """What is known to have changed for an exercise of a submission."""
    then, now = before.known.get(name, {}), after.known.get(name, {})
    causes = []
    for condition in CONDITIONS:
        if condition in then and condition in now and then[condition] != now[condition]:
            parts: Iterable[PartChange] = ()
            if condition == "checks":
                parts = _parts(name, before.parts.get(name), after.parts.get(name))
            causes.append(Cause(condition, then[condition], now[condition], tuple(parts)))
    return tuple(causes)


def _unknown(name: str, before: Graded, after: Graded) -> Iterable[str]:
    """The conditions that one side does not tell, so that nobody can say whether they changed."""
    then, now = before.known.get(name, {}), after.known.get(name, {})
    for condition in CONDITIONS:
        told_as_one = condition in ("checks", "engine", "torch") and "course" in then.keys() & now
        if condition == "course" or told_as_one:
            continue
        if condition not in then or condition not in now:
            yield condition


def _parts(
    exercise: str, before: Mapping[str, str] | None, after: Mapping[str, str] | None
) -> Iterable[PartChange]:
    """The parts that differ; of files only those of which nothing smaller is known to differ."""
    if not before or not after:
        return
    differing = [
        PartChange(kind, name, before.get(part), after.get(part))
        for part in dict.fromkeys([*after, *before])
        if before.get(part) != after.get(part)
        for kind, _, name in [part.partition(" ")]
    ]
    kinds = {part.kind for part in differing}
    smaller = {f"test_{exercise}.py"} if CHECK in kinds else set()
    if SOLUTION in kinds:
        smaller.add(f"solutions/{exercise}.py")
    for part in differing:
        told_smaller = part.name in smaller or part.name.rpartition("/")[2] in smaller
        if part.kind != FILE or not told_smaller:
            yield part
