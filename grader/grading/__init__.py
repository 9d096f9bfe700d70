"""Submissions to grades: in parallel, each committed as it is made, resumed where a run ended."""

from __future__ import annotations

from grader.grading.finished import FORMAT, FinishedRun, RunGrade
from grader.grading.run import Run
from grader.grading.settings import LEVELS, Progress, RunSettings

__all__ = ["FORMAT", "LEVELS", "FinishedRun", "Progress", "Run", "RunGrade", "RunSettings"]
