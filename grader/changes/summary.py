"""What moved in a class, counted: students, points, checks, and what changed around them."""

from __future__ import annotations

from dataclasses import dataclass

from grader.changes.records import KINDS, Cause, Changes, CheckChange


@dataclass(frozen=True)
class MovedCheck:
    """A check, and how many students gained or lost points by it, or had it end otherwise."""

    id: str
    title: str
    gained: int
    lost: int
    otherwise: int  # another outcome or mistake, and the same points
    points: float

    @property
    def students(self) -> int:
        return self.gained + self.lost + self.otherwise


@dataclass(frozen=True)
class Around:
    """What changed around the submissions: the same change in these exercises of so many.

    `cause.before` and `cause.after` are those of one submission where the submission is what
    changed, for each has its own.
    """

    exercises: tuple[str, ...]
    cause: Cause
    submissions: int


@dataclass(frozen=True)
class Summary:
    """`kinds` counts submissions by how they fared; points are sums over submissions."""

    kinds: dict[str, int]
    points_up: float
    points_down: float
    reworded: int
    unexplained: int  # submissions in which something moved that nothing known explains
    checks: tuple[MovedCheck, ...]  # that moved most students first
    around: tuple[Around, ...]

    @property
    def compared(self) -> int:
        """Submissions that are on both sides."""
        return sum(self.kinds.values()) - self.kinds["appeared"] - self.kinds["disappeared"]


def summarise(changes: Changes) -> Summary:
    """The counts."""
    moves = [each.points for each in changes.of_kind("up", "down")]
    return Summary(
        kinds={kind: len(changes.of_kind(kind)) for kind in KINDS},
        points_up=sum(points for points in moves if points > 0),
        points_down=sum(points for points in moves if points < 0),
        reworded=sum(each.reworded for each in changes.submissions),
        unexplained=sum(
            any(exercise.unexplained for exercise in each.exercises) for each in changes.submissions
        ),
        checks=_checks(changes),
        around=_around(changes),
    )


def _checks(changes: Changes) -> tuple[MovedCheck, ...]:
    """What each check moved."""
    found: dict[str, list[CheckChange]] = {}
    for change in changes.checks:
        found.setdefault(change.either.id, []).append(change)
    moved = [
        MovedCheck(
            id,
            each[0].either.title,
            gained=sum(change.points > 0 for change in each),
            lost=sum(change.points < 0 for change in each),
            otherwise=sum(change.points == 0 for change in each),
            points=sum(change.points for change in each),
        )
        for id, each in found.items()
    ]
    return tuple(sorted(moved, key=lambda check: (-check.students, check.id)))


def _around(changes: Changes) -> tuple[Around, ...]:
    """What changed, each change once: with its exercises, and for how many submissions."""
    exercises: dict[tuple[object, ...], list[str]] = {}
    submissions: dict[tuple[object, ...], set[str]] = {}
    first: dict[tuple[object, ...], Cause] = {}
    for submission in changes.submissions:
        for name, causes in submission.changed_under.items():
            for cause in causes:
                key = _key(name, cause)
                first.setdefault(key, cause)
                submissions.setdefault(key, set()).add(submission.id)
                if name not in exercises.setdefault(key, []):
                    exercises[key].append(name)
    return tuple(
        Around(tuple(exercises[key]), cause, len(submissions[key])) for key, cause in first.items()
    )


def _key(exercise: str, cause: Cause) -> tuple[object, ...]:
    if cause.condition == "submission":
        return (cause.condition,)
    if cause.condition == "checks":
        return (cause, exercise)  # each exercise has its own
    return (cause,)
