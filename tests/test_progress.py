"""The record of progress: what a run of `pytest exercises` keeps, and when it keeps nothing."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from studying import write, write_handout

from grader.checking.check import check_of
from grader.course import Course, load_course
from grader.outcome import Check, Result
from grader.student.progress import Progress
from grader.student.public import public_checks
from grader.student.standing import standing
from grader.student.written import Written

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked from this process")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    import torch  # once, for all the runs that are forked  # noqa: F401

    made = write_handout(tmp_path)
    write(made, "double", "return x * x")
    write(made, "halve", "return x / 2", "halving")
    return made


def run(course: Course, *arguments: str, plugin: object = None) -> tuple[int, str]:
    """Run pytest in the course, in a fork: its exit status, and what it said."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        said = io.StringIO()
        status = 70
        try:
            os.chdir(course.root)
            with redirect_stdout(said), redirect_stderr(said):
                options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-q", *arguments]
                status = int(pytest.main(options, [plugin] if plugin else []))
        except BaseException:
            traceback.print_exc(file=said)
        with os.fdopen(writer, "w", encoding="utf-8") as file:
            file.write(said.getvalue())
        os._exit(status)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as file:
        text = file.read()
    _, wait_status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(wait_status), text


def outcomes(course: Course) -> dict[str, str]:
    return {name: last.outcome for name, last in Progress.read(course).checks.items()}


def states(course: Course) -> dict[str, str]:
    return {each.name: each.state for one in standing(course) for each in one.functions}


EVERYTHING = {
    "doubling/test_double_of_two": "passed",
    "doubling/test_double_of_nothing": "passed",
    "doubling/test_doubler_counts": "failed",
    "doubling/test_again_of_two": "todo",
    "halving/test_halve_of_two": "passed",
}


def test_a_run_keeps_how_every_check_ended(course: Course) -> None:
    status, said = run(course, "exercises")
    assert status == 1, said
    assert outcomes(course) == EVERYTHING
    last = Progress.read(course).checks["doubling/test_doubler_counts"]
    assert (last.function, last.title) == ("Doubler", "It needs no arguments.")
    assert last.message is not None and "ValueError" in last.message
    assert states(course) == {
        "double": "done",
        "Doubler": "to write",
        "again": "to write",
        "halve": "done",
    }
    assert (course.root / ".grader" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert "progress" not in said


def test_a_run_of_some_checks_leaves_the_others_as_they_were(course: Course) -> None:
    run(course, "exercises")
    (course.stubs / "halving.py").write_text("def halve(x):\n    return x\n", encoding="utf-8")
    run(course, "exercises/test_halving.py")
    assert outcomes(course) == EVERYTHING | {"halving/test_halve_of_two": "failed"}
    assert states(course)["double"] == "done"
    assert states(course)["halve"] == "to mend"


def test_a_run_that_stops_early_keeps_what_it_saw(course: Course) -> None:
    run(course, "exercises", "-x")
    assert outcomes(course) == {
        name: EVERYTHING[name]
        for name in (
            "doubling/test_double_of_two",
            "doubling/test_double_of_nothing",
            "doubling/test_doubler_counts",
        )
    }


@pytest.mark.parametrize("arguments", [("--collect-only",), ("-k", "nothing_matches")])
def test_a_run_that_runs_nothing_keeps_nothing(course: Course, arguments: tuple[str, ...]) -> None:
    run(course, "exercises", *arguments)
    assert not (course.root / ".grader").exists()


def test_a_file_saved_during_the_run_counts_as_changed_since(course: Course) -> None:
    file = course.stubs / "halving.py"
    source = "from pathlib import Path\n\nPath(__file__).write_text({!r})\n\n\n{}"
    right = "def halve(x):\n    return x / 2\n"
    file.write_text(source.format(right.replace("2", "3"), right), encoding="utf-8")
    run(course, "exercises/test_halving.py")
    assert outcomes(course) == {"halving/test_halve_of_two": "passed"}
    assert states(course)["halve"] == "changed"


def test_a_folder_that_cannot_be_written_to_fails_no_run(course: Course) -> None:
    (course.root / ".grader").write_text("a file", encoding="utf-8")
    status, said = run(course, "exercises/test_halving.py")
    assert status == 0, said
    (line,) = (line for line in said.splitlines() if "could not be kept" in line)
    assert line.startswith("your progress could not be kept: ")
    assert (course.root / ".grader").read_text(encoding="utf-8") == "a file"


class Worker:
    """What pytest-xdist makes of a process of its own: its results go elsewhere."""

    def pytest_configure(self, config: Any) -> None:
        config.workerinput = {}


def test_a_worker_of_xdist_leaves_the_record_to_the_one_who_started_it(course: Course) -> None:
    status, said = run(course, "exercises", plugin=Worker())
    assert status == 1, said
    assert not (course.root / ".grader").exists()


class Carried:
    """Sends every report to another process and back, as pytest-xdist does, before it is heard."""

    def __init__(self) -> None:
        self.count = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: Any) -> Any:
        report = yield
        if not hasattr(report, "grader_result"):
            return report
        self.count += 1
        data = item.config.hook.pytest_report_to_serializable(config=item.config, report=report)
        data = json.loads(json.dumps(data))
        carried = item.config.hook.pytest_report_from_serializable(config=item.config, data=data)
        sent, come = report.grader_result, carried.grader_result
        assert (come, come.problem) == (sent, sent.problem)
        assert (sent.problem is None) == (sent.outcome == "passed")
        return carried

    def pytest_sessionfinish(self) -> None:
        assert self.count == len(EVERYTHING)


def test_results_travel_from_a_worker_to_the_one_who_started_it(course: Course) -> None:
    status, said = run(course, "exercises", plugin=Carried())
    assert status == 1, said
    assert outcomes(course) == EVERYTHING
    assert "INTERNALERROR" not in said


@pytest.mark.skipif("PROGRESS_WITH_XDIST" not in os.environ, reason="PROGRESS_WITH_XDIST is unset")
def test_a_run_in_two_processes_keeps_the_same(course: Course) -> None:
    import subprocess

    command = [sys.executable, "-m", "pytest", "exercises", "-n", "2", "-q"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert outcomes(course) == EVERYTHING


def test_whatever_a_message_says_is_read_again(tmp_path: Path) -> None:
    course = write_handout(tmp_path)
    message = "expected 二 \x1b[31m\u2028 \ud800"
    check = Check("halving/test_halve_of_two", "halving", "halve", "Half.", 1.0, hidden=False)
    progress = Progress.read(course)
    written = {"halving": Written.read(course, course.exercise("halving"))}
    progress.add([Result(check, "failed", message, 0.1)], written)
    progress.write()
    assert Progress.read(course).checks == progress.checks


@pytest.mark.parametrize("name", load_course(ROOT).names)
def test_checks_are_read_from_their_file_as_pytest_collects_them(name: str) -> None:
    real = load_course(ROOT)
    file = real.stubs / f"test_{name}.py"
    spec = importlib.util.spec_from_file_location(f"collected_{name}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = [(each, test) for each, test in vars(module).items() if each.startswith("test_")]
    collected = [check_of(real, file, each, test) for each, test in tests]
    assert public_checks(real, real.exercise(name)) == collected
