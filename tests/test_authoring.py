"""docs/authoring.md, followed to the letter, makes an exercise that passes the audit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from grader.cli import app
from grader.stubs import write_stubs

PAGE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^    grader audit huber\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORBIDDEN = re.compile(r"^```toml\n(\[exercises.forbidden\]\n.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course in which the page was followed up to its first step."""
    own = tmp_path_factory.mktemp("course")
    for part in ("exercises", "solutions", "grader/checks", "grader/misconceptions"):
        shutil.copytree(ROOT / part, own / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", own)
    (command,) = re.findall(r"^    grader (new .*)$", PAGE, re.MULTILINE)
    arguments = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', command)]
    result = CliRunner().invoke(app, [*arguments, "--course", str(own)])
    assert result.exit_code == 0, result.output
    return own


def audit(folder: Path) -> tuple[int, str]:
    """`grader audit huber`, run as an author runs it: its exit status, and what it says."""
    command = [sys.executable, "-m", "grader.cli", "audit", "huber", "--course", str(folder)]
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_the_scaffold_passes_the_audit_as_it_stands(folder: Path) -> None:
    status, said = audit(folder)
    assert status == 0, said
    assert re.search(r"huber +1 +1 +1 +(\d+) +\1 +0", said), said


def test_the_page_followed_to_the_letter_passes_the_audit(folder: Path) -> None:
    *files, (equivalents, reasons) = FILE.findall(PAGE)
    assert len(files) == 6
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    with (folder / "course.toml").open("a", encoding="utf-8") as manifest:
        manifest.write("\n" + FORBIDDEN.findall(PAGE)[0])
    write_stubs(folder / "solutions", folder / "exercises")
    status, said = audit(folder)
    assert status == 1
    shown = [line.strip() for line in SHOWN.findall(PAGE)[0].splitlines() if line.strip()]
    assert shown == [line.strip() for line in said.splitlines() if line.strip()]

    (folder / equivalents).write_text(reasons, encoding="utf-8")
    status, said = audit(folder)
    assert status == 0, said


def test_what_is_missing_is_found(folder: Path) -> None:
    """Weaker checks, a stub that is none, a list that is wrong: each is said, and the status 1."""
    checks = folder / "grader" / "checks"
    replace(checks / "test_huber.py", ', {"delta": 0.5}, {"delta": 2.0}', "")
    replace(folder / "exercises" / "huber.py", "NotImplementedError", "TypeError")
    hints = folder / "exercises" / "hints" / "huber.toml"
    replace(hints, "idea = ", "code = ")
    status, said = audit(folder)
    assert status == 1
    assert f"huber: {hints}: huber_loss.code: is no hint; there are nudge, idea and" in said
    assert "huber_as_smooth_l1 (a wrong huber_loss) passes every hidden check" in said
    assert "a mutant of huber_loss passes every hidden check" in said
    assert "the stub: huber/test_huber_loss_matches_torch is error, not todo" in said

    replace(checks / "equivalent_huber.toml", "error < delta, 0.5", "error <= delta, 1.0")
    _, said = audit(folder)
    assert "huber: listed as equivalent, but huber/test_huber_loss_matches_torch fails it" in said
    replace(checks / "equivalent_huber.toml", "1.0 * error**2", "7.0 * error**2")
    _, said = audit(folder)
    assert "equivalent_huber.toml lists a mutant of huber_loss there is not" in said
    replace(checks / "equivalent_huber.toml", "reason = ", "why = ")
    status, said = audit(folder)
    assert status == 2
    assert "equivalent_huber.toml" in said


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
