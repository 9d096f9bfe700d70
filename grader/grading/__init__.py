"""Submissions to grades: in parallel, each committed as it is made, resumed where a run ended.

The names are imported when they are first asked for: how a run grades is settled before the warm
pair is started, and the rest, with its database, is imported while that starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["FORMAT", "LEVELS", "FinishedRun", "Progress", "Run", "RunGrade", "RunSettings"]

if TYPE_CHECKING:
    from grader.grading.finished import FORMAT, FinishedRun, RunGrade
    from grader.grading.run import Run
    from grader.grading.settings import LEVELS, Progress, RunSettings
else:

    def __getattr__(name: str) -> Any:
        if name in ("LEVELS", "Progress", "RunSettings"):
            import grader.grading.settings as settings

            return getattr(settings, name)
        if name == "Run":
            from grader.grading.run import Run

            return Run
        if name in __all__:
            import grader.grading.finished as finished

            return getattr(finished, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
