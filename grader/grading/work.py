"""What a run has to do for one submission: what the gradebook knows of it, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.course import Course
from grader.gradebook import Conditions, Gradebook, GradedExercise
from grader.submissions import Found, Submission, read_submission


@dataclass(frozen=True)
class Work:
    """A submission, in memory, and the exercises in which it is to be examined.

    `known` are its results in the others. A submission that is rejected has none of either.
    """

    submission: Submission
    known: Mapping[str, GradedExercise]
    missing: Sequence[str]


class LookUp:
    """Reads submissions, and asks the gradebook whether this very work was graded before."""

    def __init__(
        self,
        gradebook: Gradebook,
        course: Course,
        conditions: Mapping[str, Conditions],
        fresh: bool = False,
    ) -> None:
        """`conditions` are those that a result must have been made under; `fresh` knows none."""
        self._gradebook = gradebook
        self._names = course.names
        self._stubs = course.stub_files()
        self._conditions = conditions
        self._fresh = fresh

    def work(self, found: Found) -> Work:
        """What is to be done for a submission."""
        submission = read_submission(found, self._names, self._stubs)
        if submission.reason is not None:
            return Work(submission, {}, ())
        known: Mapping[str, GradedExercise] = {}
        if not self._fresh:
            known = self._gradebook.find(submission.id, submission.digest, self._conditions)
        return Work(submission, known, [name for name in self._names if name not in known])
