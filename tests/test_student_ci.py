"""`pytest exercises` in CI: every problem once in full, and once more as one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from conftest import ROOT


def test_the_short_summary_has_one_line_a_check_however_long_lines_may_be(tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "course.toml", tmp_path / "course.toml")
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    wrong = "\ndef l1_loss(input, target, reduction='mean'):\n    return input.sum()\n"
    with (tmp_path / "exercises" / "losses.py").open("a", encoding="utf-8") as file:
        file.write(wrong)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "exercises/test_losses.py"],
        cwd=tmp_path,
        env={**os.environ, "CI": "true"},  # pytest shortens no line then
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    panels, summary = done.stdout.split("short test summary info")
    first, *lines, last, step = summary.strip("= \n").splitlines()
    failed = [line for line in [first, *lines] if line.startswith("FAILED")]
    assert failed and len(failed) == len([first, *lines]), summary
    assert all(".py::test_l1_loss" in line and " - " in line for line in failed)
    assert "got " in panels and "got " not in summary
    assert "todo in" in last
    assert step.startswith("next: mend l1_loss (exercises/losses.py:")
