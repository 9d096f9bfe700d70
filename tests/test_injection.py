"""What a submission writes into its feedback is shown to people and machines, and acts on none."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from books import CONDITIONS, WORK, begun
from conftest import ROOT
from corpus import Attack, attacks
from rich.console import Console
from test_untrusted import is_command, is_harmless

from grader.examiner.engine import Engine
from grader.gradebook import EVIDENCE, Gradebook, MadeExercise, NewGrading
from grader.grading import FinishedRun, RunGrade
from grader.screen import Screen
from grader.untrusted import json_document

Files = Mapping[str, bytes]
INJECTIONS = {attack.name: attack for attack in attacks() if attack.name.startswith("inject/")}
# What rich itself writes: colours, and lines that are erased or left.
RICH = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[\d*[AK]|\x1b\[2K|\r")
# A command of the log that stands first in a line: nothing but the file's own name is before it.
NAMED = {
    "losses.py": b"import importlib\n"
    b"other = importlib.import_module('::error title=graded::full points')\n"
    b"def l1_loss(*args, **kwargs):\n    other.fail()\n",
    "::error title=graded::full points.py": b"def fail():\n    raise RuntimeError\n",
}

FINISHED = FinishedRun("", 0, "cpu", "2", "strict", (), 0.1, [RunGrade("eve", 1, "graded", 1, 1)])


def graded(engine: Engine, attack: Attack, solutions: Files) -> dict[str, Any]:
    """The grade of one attack, as the command keeps it, under a name that is an attack too."""
    return grade_of(engine, attack.submission(solutions["losses.py"]))


def grade_of(engine: Engine, files: Files) -> dict[str, Any]:
    exercises = engine.examine(files, ["losses"])
    numbers = {
        key: sum(exercise[key] for exercise in exercises) for key in ("points", "max_points")
    }
    id = "::error::eve [red]\\x1b[/] =1+1"
    return {"id": id, "status": "graded", "reason": None, **numbers, "exercises": exercises}


def run_of(grade: dict[str, Any]) -> dict[str, Any]:
    return {
        "seed": 0,
        "device": "cpu",
        "torch": "2",
        "sandbox": {"level": "strict", "layers": []},
        "seconds": 0.1,
        "submissions": [grade],
    }


def shown(grade: dict[str, Any], *, colours: bool) -> str:
    """All that the command shows of a run over one submission; `colours` as on a terminal."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=colours, width=80, highlight=False)
    for told in (grade, {**grade, "status": "rejected", "reason": "::error::[/]"}):
        screen = Screen(console=console)
        screen.began(1)
        with screen:
            screen.graded(told, reused=False)
        screen.summary(FINISHED, "results/gradebook.db")
    return file.getvalue()


def messages(grade: dict[str, Any]) -> list[str]:
    checks = [check for exercise in grade["exercises"] for check in exercise["checks"]]
    return [check["message"] for check in checks if check["message"]]


def assert_harmless(grade: dict[str, Any], marker: str) -> None:
    for message in messages(grade):
        lines = message.split("\n")
        assert all(map(is_harmless, lines)), message
        assert len(lines) < 40 and len(message) < 12_000
        # The submission's own words stand where they are seen to be its own.
        own = [line for line in lines if marker in line or "full points" in line]
        starts = "got  ", "  ", "changed", "losses.py could not be imported: ", "l1_loss used "
        assert all(line.startswith((*starts, "not expected: ")) for line in own), message
        assert sum(line.startswith("expected  ") for line in lines) <= 1, message
        assert not any(line.startswith("hint") for line in lines), message
    for colours in (False, True):
        text = shown(grade, colours=colours)
        assert colours == ("\x1b[" in text)
        lines = RICH.sub("", text).split("\n") if colours else text.split("\n")
        assert all(map(is_harmless, lines)), text
        assert not any(map(is_command, lines)), text
    document = json_document(run_of(grade))
    assert document.isascii() and document.replace("\n", "").isprintable()
    assert not any(map(is_command, document.splitlines()))
    json.loads(document)["submissions"][0]["id"].encode()


@pytest.mark.parametrize("name", INJECTIONS)
def test_nothing_in_the_feedback_is_obeyed_or_taken_for_the_graders(
    engine: Engine, solutions: Files, tmp_path: Path, name: str
) -> None:
    attack = INJECTIONS[name]
    grade = graded(engine, attack, solutions)
    checks = [check for exercise in grade["exercises"] for check in exercise["checks"]]
    attacked = [check for check in checks if check["function"] in attack.functions]
    assert all(check["outcome"] in attack.outcomes for check in attacked)
    others = [check for check in checks if check["function"] not in attack.functions]
    assert all(check["outcome"] == "passed" for check in others)
    assert_harmless(grade, attack.marker)
    with Gradebook(tmp_path / "gradebook.db") as gradebook:
        run = begun(gradebook)
        (entry,) = grade["exercises"]
        made = MadeExercise("losses", CONDITIONS, [], entry)
        gradebook.add(NewGrading(run, grade["id"], WORK, None, [made]))
        shown = {name: part for name, part in entry.items() if name != EVIDENCE}
        assert gradebook.latest() == [{**grade, "exercises": [shown]}]
        assert gradebook.find(grade["id"], WORK, {"losses": CONDITIONS})["losses"].entry == entry


def test_the_name_of_a_file_is_no_command_where_it_stands_first(engine: Engine) -> None:
    grade = grade_of(engine, NAMED)
    assert any("::error title=graded" in message for message in messages(grade))
    assert_harmless(grade, "full points")


def test_a_terminal_shows_a_name_as_it_is_and_obeys_nothing_in_it(tmp_path: Path) -> None:
    """The command itself, on a terminal: nothing to grade, but every name is shown."""
    name = b"\x1b]0;pwned\x07\x9b2J\r::error::[red]\xff" + "\u202eevil\u0301\u0301".encode()
    for folder in (name, b"::error::" * 20, b":skull: [bold] [link=https:a.example] \\\\"):
        os.mkdir(os.path.join(os.fsencode(tmp_path), folder))
    command = [sys.executable, "-m", "grader.cli", "grade", str(tmp_path), "--only", "losses"]
    command += ["--out", str(tmp_path.with_name("out"))]
    seen = on_a_terminal(command)
    assert b"\x1b[35m" in seen  # colours were on
    lines = RICH.sub("", seen.decode()).split("\n")
    assert all(map(is_harmless, lines)), seen
    assert not any(map(is_command, lines)), seen
    assert ":skull: [bold]" in "".join(lines)


def on_a_terminal(command: list[str]) -> bytes:
    """What a command writes to a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "FORCE_COLOR": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 1 << 16):
            seen += chunk
    except OSError:  # the terminal's way to say that nobody writes any more
        pass
    os.close(ours)
    assert process.wait(timeout=100) == 1, seen
    return seen
