"""The parts of `grader watch`: saves, keys, places, runs, the screen and the command."""

from __future__ import annotations

import io
import os
import queue
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from rich.console import Console
from typer.testing import CliRunner
from watching import PATIENCE, environment, put, student_folder, write

from grader.cli import app
from grader.course import Course, load_course
from grader.outcome import Check, Result
from grader.student.progress import Progress
from grader.student.public import public_checks
from grader.student.written import Written
from grader.watch.asking import Request, Scope
from grader.watch.keys import END, Key, keyboard
from grader.watch.place import Place, Standings, first_place, is_to_run, place_after
from grader.watch.runs import Run
from grader.watch.saves import Saved, Saves
from grader.watch.screen import Screen


@pytest.fixture
def student(tmp_path: Path) -> Course:
    return load_course(student_folder(tmp_path))


# saves


class Heard:
    """What is heard of saves, until some file is among them."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def of(self, file: Path) -> int:
        """Wait until a file is named; how often anything was."""
        for number in range(1, 1000):
            saved = self.events.get(timeout=PATIENCE)
            assert isinstance(saved, Saved)
            if str(file) in saved.files:
                return number
        raise AssertionError(f"{file} was not heard of")


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_a_save_is_heard_however_it_is_written(student: Course, heard: Heard) -> None:
    losses = student.stubs / "losses.py"
    with Saves(student, heard.events):
        losses.write_text("# in its place", encoding="utf-8")
        heard.of(losses)
        put(losses, "# renamed into its place")
        heard.of(losses)
        losses.unlink()
        heard.of(losses)
        losses.write_text("# made again", encoding="utf-8")
        heard.of(losses)


def test_folders_may_come_go_and_be_replaced(student: Course, heard: Heard) -> None:
    with Saves(student, heard.events):
        inside = student.stubs / "mine" / "tools.py"
        inside.parent.mkdir()
        inside.write_text("", encoding="utf-8")
        heard.of(inside)
        other = student.root / "other"
        shutil.copytree(student.stubs, other)
        shutil.rmtree(student.stubs)
        other.rename(student.stubs)
        heard.of(inside)
        inside.write_text("# in the new folder", encoding="utf-8")
        heard.of(inside)


def test_many_saves_at_once_are_few_events(student: Course, heard: Heard) -> None:
    losses = student.stubs / "losses.py"
    with Saves(student, heard.events):
        for number in range(200):
            losses.write_text(f"# {number}", encoding="utf-8")
        put(student.root / "course.toml", "# last")
        assert heard.of(student.root / "course.toml") < 50


def test_what_is_no_source_is_not_heard(student: Course, heard: Heard) -> None:
    with Saves(student, heard.events):
        cache = student.stubs / "__pycache__"
        cache.mkdir()
        for file in (cache / "losses.py", student.stubs / ".#losses.py", student.stubs / "a.swp"):
            file.write_text("", encoding="utf-8")
        (student.stubs / "losses.py").touch()
        assert heard.events.get(timeout=PATIENCE) == Saved(
            frozenset({str(student.stubs / "losses.py")})
        )


# keys


@pytest.mark.skipif(sys.platform == "win32", reason="descriptor 0 is replaced")
def test_without_a_terminal_a_line_is_a_key(heard: Heard) -> None:
    reading, writing = os.pipe()
    before = os.dup(0)
    try:
        os.dup2(reading, 0)
        with keyboard(heard.events) as single_keys:
            assert not single_keys
            os.write(writing, b"next\n\nH\nqu")
            os.close(writing)
            keys = [heard.events.get(timeout=PATIENCE) for _ in range(4)]
        assert keys == [Key("n"), Key("h"), Key("q"), Key(END)]
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(reading)


# places


def done(course: Course, *exercises: str) -> None:
    """Note that all checks of these exercises passed, on the course's own solutions."""
    progress = Progress.read(course)
    for name in exercises:
        exercise = course.exercise(name)
        shutil.copyfile(ROOT / "solutions" / exercise.file_name, course.stubs / exercise.file_name)
        written = {name: Written.read(course, exercise)}
        checks = public_checks(course, exercise)
        progress.add([Result(check, "passed", None, 0.0) for check in checks], written)
    progress.write()


def test_the_next_place_is_in_the_same_exercise_first_and_then_what_the_list_says(
    student: Course,
) -> None:
    standings = Standings(student)
    assert first_place(standings.of("losses")) == Place("losses", "l1_loss")
    assert place_after(standings, Place("losses", "nll_loss")) == Place("losses", "cross_entropy")
    # what was passed over comes before another exercise
    assert place_after(standings, Place("losses", "cross_entropy")) == Place("losses", "l1_loss")
    done(student, "linear_regression", "losses")
    standings = Standings(student)
    after = place_after(standings, Place("losses", "cross_entropy"))
    assert after == Place("layers", "linear")
    assert first_place(standings.of("losses")) == Place("losses", "l1_loss")


def test_where_all_is_done_nothing_is_next(student: Course) -> None:
    done(student, *student.names)
    assert place_after(Standings(student), Place("losses", "l1_loss")) is None


def test_what_was_written_and_not_run_is_run_first(student: Course) -> None:
    assert not is_to_run(Standings(student).of("losses"))
    write(student.stubs / "losses.py", "l1_loss", "return input")
    assert is_to_run(Standings(student).of("losses"))


# runs


CHECK = Check("losses/test_l1_loss", "losses", "l1_loss", "It is right.", 1.0, False)


def lost(student: Course, ended: int, trace: str) -> tuple[str, str]:
    run = Run(1, Scope("losses", "l1_loss"), student.root / "output", student.root / "trace")
    run.trace.write_text(trace, encoding="utf-8")
    run.hear({"check": vars(CHECK)})
    run.hear({"ended": ended})
    assert run.is_lost
    return run.loss(student, 30.0)


def test_how_a_run_was_lost_is_said_with_the_students_own_line(student: Course) -> None:
    library = '  File "/usr/lib/python3/threading.py", line 5 in wait\n'
    own = f'  File "{student.stubs / "losses.py"}", line 12 in l1_loss\n'
    check = f'  File "{student.stubs / "test_losses.py"}", line 22 in test_l1_loss\n'
    place = f"{student.stubs / 'losses.py'}:12, in l1_loss"
    trace = f"Timeout (0:00:30)!\nThread 0x1 (most recent call first):\n{library}{own}{check}"
    assert lost(student, 1, trace) == (
        "timeout",
        f"it did not end: after 30 s it was still running, at {place}",
    )
    trace = f"Fatal Python error: Segmentation fault\n\n{library}{own}{check}"
    assert lost(student, -11, trace) == ("crashed", f"Python crashed (SIGSEGV), at {place}")
    trace = f"Windows fatal exception: access violation\n\n{own}"
    said = f"Python crashed (access violation), at {place}"
    assert lost(student, 0xC0000005, trace) == ("crashed", said)
    memory = "the system ended it (SIGKILL): it may have taken all the memory"
    assert lost(student, -9, "") == ("crashed", memory)
    assert lost(student, 7, "") == ("crashed", "it ended Python itself, with exit status 7")


def test_a_request_is_read_as_it_was_written() -> None:
    request = Request(3, "losses", None, ("a b", "-q"), "o", "t", 80, 30.0)
    assert Request.of(request.line()) == request
    assert request.scope.holds(CHECK)
    assert not Scope("layers").holds(CHECK) and not Scope("losses", "mse_loss").holds(CHECK)


# the screen


def test_on_a_terminal_the_last_line_is_written_over_and_elsewhere_nothing_moves() -> None:
    for is_terminal in (True, False):
        file = io.StringIO()
        console = Console(file=file, force_terminal=is_terminal, width=80, no_color=True)
        screen = Screen(console)
        screen.going_on("checking l1_loss")
        screen.output("1 passed")
        screen.keys()
        screen.close()
        written = file.getvalue()
        assert ("\x1b[2K" in written) is is_terminal
        assert ("checking" in written) is is_terminal
        assert "1 passed\n" in written and "q" in written


def test_the_keys_fit_eighty_columns() -> None:
    file = io.StringIO()
    Screen(Console(file=file, width=80), single_keys=False).keys()
    assert max(map(len, file.getvalue().splitlines())) <= 80


# the command


def test_piped_it_takes_lines_and_ends_with_its_input(student: Course) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "watch", "l1_loss"],
        cwd=student.root,
        env=environment(),
        input="list\nx\nhint\nquit\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "0 of 58 functions done" in done.stdout and "1 nudge" in done.stdout
    assert "\x1b" not in done.stdout


def test_what_is_no_exercise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    refused = CliRunner().invoke(app, ["watch", "looses"])
    assert refused.exit_code == 2 and "'looses'" in refused.output and "losses" in refused.output


def test_without_watchfiles_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    refused = CliRunner().invoke(app, ["watch"])
    assert refused.exit_code == 2 and "pip install watchfiles" in refused.output
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
