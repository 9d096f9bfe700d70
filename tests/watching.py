"""A student's folder and `grader watch` in a terminal of its own, for the tests of watch."""

from __future__ import annotations

import os
import re
import select
import shutil
import sys
import termios
import time
from collections.abc import Iterable
from pathlib import Path

import pexpect
from conftest import ROOT

PATIENCE = 120.0  # seconds, on a machine that does much else
OURS = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON", "COLUMNS", "LINES", "NO_COLOR")


def student_folder(root: Path) -> Path:
    """The exercises untouched, as a handout has them."""
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "exercises", root / "exercises", ignore=ignored)
    return root


def environment(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    return kept | {"TERM": "xterm-256color"} | more


def body(file: Path, function: str, lines: str) -> str:
    """The file with this in the place of a function's body; its docstring stays."""
    source = file.read_text(encoding="utf-8")
    found = re.search(rf"^def {function}\((?:.|\n)*?\n    \"\"\"(?:.|\n)*?\"\"\"\n", source, re.M)
    assert found, function
    rest = source[found.end() :]
    end = re.search(r"^\S", rest, re.M)
    after = rest[end.start() :] if end else ""
    written = "".join(f"    {line}\n" for line in lines.splitlines())
    return f"{source[: found.end()]}{written}\n\n{after}"


def write(file: Path, function: str, lines: str) -> None:
    """Write a function as some editors save: in the file itself."""
    file.write_text(body(file, function, lines), encoding="utf-8")


def put(file: Path, text: str) -> None:
    """Save as other editors do: a new file is put in the place of the old one."""
    unfinished = file.with_name(f"{file.name}~")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


class Terminal:
    """`grader watch` on a terminal of 100 columns; every wait is for something that is shown."""

    def __init__(self, root: Path, *arguments: str, **more: str) -> None:
        command = ["-m", "grader.cli", "watch", *arguments]
        self.child = pexpect.spawn(
            sys.executable,
            command,
            cwd=str(root),
            env=environment(**more),
            dimensions=(50, 100),
            encoding="utf-8",
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None
        self._before = self.settings()
        self.processes: set[int] = set()

    def settings(self) -> list[object]:
        """How the terminal treats keys: as lines or one by one, shown or not."""
        return termios.tcgetattr(self.child.child_fd)[:4]

    def sees(self, *texts: str) -> str:
        """Wait for these texts, one after another; what was shown until the last one."""
        shown = ""
        for text in texts:
            if self.child.expect_exact([text, pexpect.TIMEOUT, pexpect.EOF]):
                raise AssertionError(f"{text!r} is not shown, but\n{plain(self.child.before)}")
            shown += self.child.before + self.child.after
        self.processes |= set(below(self.child.pid))
        return plain(shown)

    def ready(self, verdict: str) -> str:
        """Wait for a verdict and the keys below it."""
        return self.sees(verdict, "quit")

    def press(self, key: str) -> None:
        self.child.send(key)

    def ends(self) -> int:
        """Wait for its end: how it exited, or minus the signal. The terminal is as it was."""
        self.child.expect(pexpect.EOF)
        assert self.settings() == self._before
        self.child.close()
        gone(self.processes)
        if self.child.signalstatus is not None:
            return -self.child.signalstatus
        return int(self.child.exitstatus)


def plain(text: str) -> str:
    """Without colours and what moves the cursor."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


def below(process: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        started = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return found
    for one in started:
        found += [one, *below(one)]
    return found


def gone(processes: Iterable[int]) -> None:
    """Wait until these are gone, and fail where one stays."""
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        try:
            descriptor = os.pidfd_open(process)
        except ProcessLookupError:
            continue
        try:
            left = max(0.0, deadline - time.monotonic())
            assert select.select([descriptor], [], [], left)[0], f"{process} was left behind"
        finally:
            os.close(descriptor)
