"""What a run has to do for one submission: what the gradebook knows of it, and what it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.course import Course
from grader.gradebook import Conditions, Gradebook, GradedExercise
from grader.grading.earlier import Earlier
from grader.submissions import Found, Submission, read_submission


@dataclass(frozen=True)
class Work:
    """A submission, in memory, and the exercises in which it is to be examined.

    `known` are its results in the others. A submission that is rejected has none of either.
    `earlier` are results of the missing ones from before the course changed, and `kept` what of
    them may still hold, as plain data for the examiner.
    """

    submission: Submission
    known: Mapping[str, GradedExercise]
    missing: Sequence[str]
    earlier: Mapping[str, GradedExercise] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class LookUp:
    """Reads submissions, and asks the gradebook whether this very work was graded before."""

    def __init__(
        self,
        gradebook: Gradebook,
        course: Course,
        conditions: Mapping[str, Conditions],
        earlier: Earlier,
        fresh: bool = False,
    ) -> None:
        """`conditions` are those that a result must have been made under; `fresh` knows none."""
        self._gradebook = gradebook
        self._names = course.names
        self._stubs = course.stub_files()
        self._conditions = conditions
        self._earlier = earlier
        self._fresh = fresh

    def work(self, found: Found) -> Work:
        """What is to be done for a submission."""
        submission = read_submission(found, self._names, self._stubs)
        if submission.reason is not None:
            return Work(submission, {}, ())
        if self._fresh:
            return Work(submission, {}, self._names)
        whose = submission.id, submission.digest
        known = self._gradebook.find(*whose, self._conditions)
        changed = {name: self._conditions[name] for name in self._names if name not in known}
        earlier = self._gradebook.find_earlier(*whose, changed) if changed else {}
        known |= {name: one for name, one in earlier.items() if self._earlier.is_same(one)}
        missing = [name for name in self._names if name not in known]
        earlier = {name: earlier[name] for name in missing if name in earlier}
        kept = {name: self._earlier.kept(one) for name, one in earlier.items()}
        holding = {name: one for name, one in kept.items() if one is not None}
        return Work(submission, known, missing, earlier, holding)
