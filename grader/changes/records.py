"""What moved, as plain records: of a check, an exercise, a submission, a class.

Nothing here reads a gradebook or prints. Text in the grades is as it was handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from grader.grades import CheckGrade, ExerciseGrade, Grade

# Points are sums of binary fractions: what is less than this apart is the same.
NEGLIGIBLE = 1e-9
# Under which an exercise is graded, in the order in which a reader is told what changed.
# `course` is all of `checks`, `engine` and `torch`, where they were not kept apart.
CONDITIONS = (
    "submission",
    "checks",
    "course",
    "engine",
    "torch",
    "seed",
    "device",
    "sandbox",
    "data",
)


@dataclass(frozen=True)
class Graded:
    """A grade, and what is known of how it came about.

    `known` says by exercise under which conditions it was graded: those of `CONDITIONS` that are
    known, each with a value that is another one where it changed. `parts` says by exercise what
    the digest `checks` was made of (`grader.parts`), where that is known.
    """

    grade: Grade
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PartChange:
    """One part of an exercise that is another, new (`before` is None) or gone (`after` is None)."""

    kind: str  # of grader.parts
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Cause:
    """A condition that is another; of `checks` with the parts that are, where they are known."""

    condition: str
    before: str
    after: str
    parts: tuple[PartChange, ...] = ()

    @property
    def checks(self) -> list[PartChange]:
        """The checks whose text changed, appeared or disappeared."""
        return [part for part in self.parts if part.kind == "check"]


@dataclass(frozen=True)
class CheckChange:
    """One check that ended otherwise; None where it did not exist.

    `text_changed` says whether the check itself is another; None where that is not known.
    """

    before: CheckGrade | None
    after: CheckGrade | None
    text_changed: bool | None = None

    @property
    def either(self) -> CheckGrade:
        """The check as it is now, or as it was where it is gone."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def points(self) -> float:
        """The points that it gave, or took where this is negative."""
        before = self.before.points if self.before else 0.0
        return (self.after.points if self.after else 0.0) - before

    @property
    def reweighted(self) -> bool:
        """Whether it ended as before, and is worth another number of points."""
        before, after = self.before, self.after
        return (
            before is not None
            and after is not None
            and (before.outcome, before.misconception) == (after.outcome, after.misconception)
        )


@dataclass(frozen=True)
class ExerciseChange:
    """One exercise in which something moved, or that was graded on one side alone.

    `unknown` are the conditions of which nobody can say whether they changed.
    """

    name: str
    before: ExerciseGrade | None
    after: ExerciseGrade | None
    checks: tuple[CheckChange, ...]
    causes: tuple[Cause, ...]
    unknown: tuple[str, ...]

    @property
    def on_both_sides(self) -> bool:
        return self.before is not None and self.after is not None

    @property
    def points(self) -> float:
        """The points moved: none by an exercise that was graded on one side alone."""
        if self.before is None or self.after is None:
            return 0.0
        return self.after.points - self.before.points

    @property
    def unaccounted(self) -> float:
        """Points moved by none of the checks: there are none in what this grader wrote."""
        if not self.on_both_sides:
            return 0.0
        rest = self.points - sum(check.points for check in self.checks)
        return rest if abs(rest) > NEGLIGIBLE else 0.0

    @property
    def unexplained(self) -> bool:
        """Whether it moved although nothing is known to have changed."""
        return self.on_both_sides and not self.causes


# How a submission fared. Changed: some check ended otherwise, and the points are the same.
KINDS = ("up", "down", "changed", "unchanged", "appeared", "disappeared", "rejected", "accepted")


@dataclass(frozen=True)
class SubmissionChange:
    """One submission before and after; None where it was not there.

    `changed_under` is, by exercise, what is known to have changed, whether or not a check moved.
    `reworded` counts the checks of which only what they say is another.
    """

    before: Grade | None
    after: Grade | None
    exercises: tuple[ExerciseChange, ...] = ()
    changed_under: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    reworded: int = 0

    @property
    def id(self) -> str:
        found = self.after or self.before
        assert found is not None
        return found.id

    @property
    def points(self) -> float:
        """The points moved in the exercises that were graded on both sides."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        if self.before is None or self.after is None:
            return "appeared" if self.before is None else "disappeared"
        if self.before.graded != self.after.graded:
            return "accepted" if self.after.graded else "rejected"
        if abs(self.points) > NEGLIGIBLE:
            return "up" if self.points > 0 else "down"
        moved = self.exercises or self.before.reason != self.after.reason
        return "changed" if moved else "unchanged"


@dataclass(frozen=True)
class Changes:
    """What moved in a class: every submission of either side, sorted by id."""

    submissions: tuple[SubmissionChange, ...]

    @property
    def moved(self) -> list[SubmissionChange]:
        """All that is worth a line: everything but the unchanged."""
        return [each for each in self.submissions if each.kind != "unchanged"]

    def of_kind(self, *kinds: str) -> list[SubmissionChange]:
        return [each for each in self.submissions if each.kind in kinds]

    @property
    def checks(self) -> Iterator[CheckChange]:
        """Every check that moved, in the exercises that were graded on both sides."""
        for submission in self.submissions:
            for exercise in submission.exercises:
                if exercise.on_both_sides:
                    yield from exercise.checks
