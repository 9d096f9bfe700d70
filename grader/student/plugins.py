"""The plugins that make a run of pytest a student's own."""

from __future__ import annotations

import pytest

from grader.course import Course
from grader.student.carrying import Carrying
from grader.student.collecting import Collecting
from grader.student.display import StudentDisplay
from grader.student.keeping import Keeping
from grader.student.session import StudentSession


def register(config: pytest.Config, course: Course) -> None:
    """Give pytest what a student's run needs: running, choosing, keeping and showing."""
    plugins = config.pluginmanager
    plugins.register(StudentSession(course), "grader-student")
    plugins.register(Collecting(course), "grader-collecting")
    plugins.register(Keeping(course), "grader-progress")
    plugins.register(StudentDisplay(course), "grader-student-display")
    plugins.register(Carrying(), "grader-carrying")
    report = config.getoption("--report")
    if report is not None and not hasattr(config, "workerinput"):  # no process of pytest-xdist
        from grader.student.report.session import ReportSession

        plugins.register(ReportSession(course, report), "grader-report")
