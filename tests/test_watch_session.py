"""`grader watch` in a terminal: a whole session, and how it ends."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from watching import (
    PATIENCE,
    Terminal,
    below,
    body,
    environment,
    gone,
    put,
    write,
)

from grader.course import HandoutPolicy, Policy, load_course
from grader.handout import make_handout
from grader.student.progress import Progress

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

SUM = "return (input - target).abs().sum()"
REDUCED = """\
if input.shape != target.shape or reduction not in ("mean", "sum", "none"):
    raise ValueError("bad arguments")
loss = {}
return loss if reduction == "none" else getattr(loss, reduction)()
"""
L1 = REDUCED.format("(input - target).abs()")
MSE = REDUCED.format("(input - target) ** 2")
CRASH = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
# More than there is: promised by Linux all the same, and then everything is slow.
MEMORY = "import os\nbytearray(os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE'))"
FOREVER = "import threading\nthreading.Event().wait()"


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    policy = Policy(handout=HandoutPolicy(hints="none"))  # to record them takes its time
    course = replace(load_course(ROOT), policy=policy)
    return make_handout(course, tmp_path_factory.mktemp("made") / "course").folder


@pytest.fixture
def root(tmp_path: Path, handout: Path) -> Path:
    """What a student has unpacked."""
    return Path(shutil.copytree(handout, tmp_path / "course"))


def test_a_session_from_all_todo_to_a_finished_exercise(root: Path) -> None:
    losses = root / "exercises" / "losses.py"
    terminal = Terminal(root, "losses")

    terminal.ready("write l1_loss (exercises/losses.py:")
    terminal.press("h")  # a hint, on demand
    assert "1 nudge" in terminal.ready("nudge")
    terminal.press("h")
    terminal.ready("2 idea")

    write(losses, "l1_loss", SUM)  # a wrong turn
    shown = terminal.ready("next: mend l1_loss (exercises/losses.py:")
    assert "torch.tensor(0.6666667)" in shown and "torch.tensor(2.0)" in shown

    put(losses, body(losses, "l1_loss", "return (input - target).abs().mean("))
    assert "SyntaxError" in terminal.ready("next: mend losses.py (exercises/losses.py:")
    write(losses, "l1_loss", CRASH)
    terminal.ready("l1_loss: Python crashed (SIGSEGV), at exercises/losses.py:")
    write(losses, "l1_loss", "import os\nos._exit(3)")
    terminal.ready("l1_loss: it ended Python itself, with exit status 3")
    write(losses, "l1_loss", MEMORY)
    assert "MemoryError" in terminal.ready("next: mend l1_loss (exercises/losses.py:")
    write(losses, "l1_loss", FOREVER)
    terminal.sees("checking l1_loss", "a save, a key or Ctrl-C ends it")
    terminal.press("\x03")
    assert "stopped at exercises/losses.py:" in terminal.ready("l1_loss: the run was ended")
    manifest = (root / "course.toml").read_text(encoding="utf-8")
    put(root / "course.toml", f"{manifest}\n[limits]\nwall_seconds = 4\n")
    terminal.ready("l1_loss: it did not end: after 4 s it was still running")
    put(root / "course.toml", manifest)
    terminal.sees("checking l1_loss", "a save, a key or Ctrl-C ends it")

    # Another process puts the stub back, which is a save like any other; it ends the endless run.
    command = [sys.executable, "-m", "grader.cli", "reset", "l1_loss"]
    subprocess.run(command, cwd=root, env=environment(), check=True, timeout=PATIENCE)
    terminal.ready("write l1_loss (exercises/losses.py:")

    write(losses, "l1_loss", L1)
    terminal.ready("l1_loss is done: n goes on to mse_loss")
    terminal.press("n")  # nothing moved on by itself
    terminal.ready("write mse_loss (exercises/losses.py:")
    for number in range(9):  # saves in a row: the last one counts
        write(losses, "mse_loss", f"return input * {number}")
    write(losses, "mse_loss", MSE)
    terminal.ready("mse_loss is done: n goes on to binary_cross_entropy")

    shutil.move(losses, root / "away")  # and back
    assert "No module named 'losses'" in terminal.ready("next: mend losses.py")
    shutil.move(root / "away", losses)
    terminal.ready("mse_loss is done: n goes on to binary_cross_entropy")
    exercises = root / "exercises"  # the whole folder, as git does on another branch
    shutil.copytree(exercises, root / "other")
    shutil.rmtree(exercises)
    (root / "other").rename(exercises)
    terminal.ready("mse_loss is done: n goes on to binary_cross_entropy")

    terminal.press("n")
    terminal.ready("write binary_cross_entropy (exercises/losses.py:")
    put(losses, (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8"))
    terminal.ready("binary_cross_entropy is done: n goes on to nll_loss")
    terminal.press("n")
    terminal.ready("nll_loss is done: n goes on to cross_entropy")
    terminal.press("n")
    terminal.ready("cross_entropy is done: n goes on to l1_loss")  # of another body than before
    terminal.press("n")
    terminal.ready("l1_loss is done: n goes on to mse_loss")
    terminal.press("n")
    shown = terminal.ready("mse_loss is done: n goes on to predict of linear_regression")
    assert "5 of 5 functions done" in shown

    terminal.press("l")
    terminal.ready("5 of 58 functions done")
    outcomes = Progress.read(load_course(root)).checks
    assert {last.outcome for last in outcomes.values()} == {"passed"} and len(outcomes) == 8
    terminal.press("q")
    assert terminal.ends() == 0


def test_without_fork_it_is_the_same_screen(root: Path) -> None:
    losses = root / "exercises" / "losses.py"
    write(losses, "mse_loss", FOREVER)
    terminal = Terminal(root, "mse_loss", "--no-fork")
    terminal.sees("a save, a key or Ctrl-C ends it")
    write(losses, "mse_loss", MSE)
    terminal.ready("mse_loss is done: n goes on to binary_cross_entropy")
    write(losses, "mse_loss", FOREVER)
    terminal.sees("a save, a key or Ctrl-C ends it")
    started = below(terminal.child.pid)
    terminal.child.kill(signal.SIGKILL)
    gone(started)
    terminal.child.close()


def test_asked_to_end_it_gives_the_terminal_back(root: Path) -> None:
    terminal = Terminal(root, "losses")
    terminal.sees("starting")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.ends() == 143


def test_it_reads_a_check_that_changed_and_killed_leaves_no_process_behind(root: Path) -> None:
    losses, checks = root / "exercises" / "losses.py", root / "exercises" / "test_losses.py"
    write(losses, "l1_loss", L1)
    terminal = Terminal(root, "l1_loss")
    terminal.ready("l1_loss is done")
    put(checks, checks.read_text(encoding="utf-8").replace("(2 / 3)", "(0.625)"))
    assert "torch.tensor(0.625)" in terminal.ready("next: mend l1_loss")
    write(losses, "l1_loss", FOREVER)
    terminal.sees("a save, a key or Ctrl-C ends it")
    started = below(terminal.child.pid)
    assert len(started) == 2  # the warm process and its fork
    terminal.child.kill(signal.SIGKILL)
    gone(started)
    terminal.child.close()
