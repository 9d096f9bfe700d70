"""Panels on pytest's own terminal: its options, colours, encodings and habits hold."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from rich.cells import cell_len
from warm_pytest import Run

WRONG = """

def l1_loss(input, target, reduction="mean"):
    print("输入 \\x1b[31mred", 模型_ein_langer_name(input))
    return (input - target).sum()


def 模型_ein_langer_name(输入):
    return "🙂" * 3


def nll_loss(input, target, weight=None, ignore_index=-100, reduction="mean"):
    raise ValueError("形状 🙂")  # 模型
"""
FILE = "exercises/test_losses.py"
BOTH = (FILE, "-k", "l1_loss_of or nll_loss")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "course.toml", root / "course.toml")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "exercises", root / "exercises", ignore=ignored)
    with (root / "exercises" / "losses.py").open("a", encoding="utf-8") as file:
        file.write(WRONG)
    return root


def headings(run: Run) -> list[str]:
    return [line for line in run.lines if line.startswith(("── ", "-- "))]


def test_on_80_columns_every_line_keeps_within_and_nothing_is_told_twice(root, warm, tmp_path):
    file = tmp_path / "junit.xml"
    run = warm.run(root, *BOTH, f"--junitxml={file}", width=80, environment={"NO_COLOR": "1"})
    assert run.status == 1
    assert [line.split()[1] for line in headings(run)] == ["losses.l1_loss", "losses.nll_loss"]
    ours = run.lines[run.lines.index("=" * 35 + " FAILURES " + "=" * 35) :]
    wide = [line for line in ours if cell_len(line) > 80]
    assert all(line.startswith(("again ", "- generated xml")) for line in wide)
    assert "\x1b" not in run.text
    assert "输入 \\x1b[31mred 🙂🙂🙂" in run.plain
    assert "got       ValueError: 形状 🙂" in run.plain
    assert "short test summary" not in run.plain and "Error: 形状" in run.plain
    assert run.lines[-1].startswith("next: mend l1_loss (exercises/losses.py:")
    assert re.fullmatch(r"=+ 2 failed, 6 deselected in [\d.]+s =+", run.lines[-2])
    told = [failure.text or "" for failure in ElementTree.parse(file).iter("failure")]
    assert len(told) == 2 and "got       torch.tensor(-2.0)" in told[0]


def test_a_terminal_that_cannot_say_it_gets_other_signs_in_pytests_colours(root, warm):
    run = warm.run(root, *BOTH, "-q", "--color=yes", width=60, encoding="ascii")
    assert run.status == 1
    assert headings(run)[0].startswith("-- losses.l1_loss --")
    assert re.search(r"^losses +[.]+ +0/1  mend: l1_loss, nll_loss$", run.plain, re.MULTILINE)
    assert "\\u5f62\\u72b6 \\U0001f642" in run.plain
    assert "\\x1b[31mred" in run.plain
    assert "\x1b[31mgot" in run.text and "\x1b[32mexpected" in run.text


def test_quieter_still_there_is_what_failed_and_what_is_next(root, warm):
    run = warm.run(root, *BOTH, "-qq", "--tb=line")
    assert [line.partition(": ")[2] for line in run.lines if line.startswith("exercises/")] == [
        "l1_loss: The mean of |1 - 1|, |2 - 2| and |3 - 5| is 2/3; their sum is 2.",
        "nll_loss: The loss of one sample is minus its target's log-probability.",
    ]
    assert not any(line.startswith("losses ") for line in run.lines)
    assert run.lines[-1].startswith("next: mend l1_loss ")


def test_without_tracebacks_or_in_short_the_checks_are_told_as_asked(root, warm):
    none = warm.run(root, *BOTH, "--tb=no", "-rf")
    assert "FAILURES" not in none.plain and "expected" not in none.plain
    assert sum(line.startswith(f"FAILED {FILE}::test_") for line in none.lines) == 2
    short = warm.run(root, *BOTH, "--tb=short", "--show-capture=no")
    assert headings(short) == []
    assert "losses.l1_loss: The mean of |1 - 1|" in short.plain
    assert sum(line.startswith("expected  ") for line in short.lines) == 2
    assert "Captured" not in short.plain


def test_a_log_of_ci_holds_every_panel_and_a_line_a_check_without_colour(root, warm):
    run = warm.run(root, FILE, "-rA", environment={"CI": "1"})
    assert len(headings(run)) == 3
    assert "more check" not in run.plain
    assert sum(line.startswith("FAILED ") for line in run.lines) == 3
    assert "\x1b" not in run.text


@pytest.mark.skipif("GRADER_THOROUGH" not in os.environ, reason="each process imports torch anew")
def test_other_processes_of_xdist_bring_their_panels(root, warm):
    run = warm.run(root, *BOTH, "-n", "2")
    assert [line.split()[1] for line in headings(run)] == ["losses.l1_loss", "losses.nll_loss"]
    assert "got       torch.tensor(-2.0)" in run.plain
    assert "got       ValueError: 形状 🙂" in run.plain
    assert run.lines[-1].startswith("next: mend l1_loss ")


def test_what_is_asked_of_pytest_otherwise_is_as_ever(root, warm):
    collected = warm.run(root, FILE, "--co", "-q")
    assert collected.status == 0
    assert "next:" not in collected.plain and f"{FILE}::test_l1_loss_is_torchs" in collected.lines
    silent = warm.run(root, *BOTH, "-p", "no:terminal")
    assert (silent.status, silent.text) == (1, "")
    live = warm.run(root, *BOTH, "-s", "-x")
    assert "输入 \x1b[31mred" in live.text
    assert len(headings(live)) == 1 and "stopping after 1 failures" in live.plain


def test_what_a_written_function_needs_is_said(root, warm, tmp_path):
    other = tmp_path / "course"
    shutil.copytree(root, other)
    losses = other / "exercises" / "losses.py"
    stub = 'raise NotImplementedError("TODO: mse_loss")'
    source = losses.read_text(encoding="utf-8").replace(stub, "return cross_entropy(input, target)")
    losses.write_text(source, encoding="utf-8")
    run = warm.run(other, FILE, "-k", "mse_loss")
    assert re.search(r"^mse_loss needs cross_entropy, which is still to write", run.plain, re.M)
    assert re.search(r"^losses .* waits: mse_loss$", run.plain, re.MULTILINE)
    assert run.lines[-1].startswith("next: write cross_entropy (exercises/losses.py:")


def test_code_that_is_stopped_says_where_it_was(root, warm, tmp_path):
    other = tmp_path / "course"
    shutil.copytree(root, other)
    with (other / "exercises" / "losses.py").open("a", encoding="utf-8") as file:
        file.write("\n\ndef l1_loss(*given, **named):\n    raise KeyboardInterrupt  # Ctrl-C\n")
    run = warm.run(other, FILE, "-k", "l1_loss")
    assert run.status == pytest.ExitCode.INTERRUPTED
    line = len((other / "exercises" / "losses.py").read_text(encoding="utf-8").splitlines())
    assert f"stopped at exercises/losses.py:{line}  raise KeyboardInterrupt" in run.plain
