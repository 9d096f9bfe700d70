"""One function that hangs, dies or misbehaves costs its own checks, and nobody else's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.examiner.engine import Engine, EngineSettings
from grader.examiner.folder import locked_folder

Files = Mapping[str, bytes]
L1 = "def l1_loss(input, target, reduction='mean'):\n"


def graded(engine: Engine, solutions: Files, exercise: str, **change: str) -> dict[str, Any]:
    """The grade of one exercise of the solutions with text put before or after it."""
    source = solutions[f"{exercise}.py"].decode()
    if "before" in change:
        source = change["before"] + source.replace("from __future__ import annotations\n", "")
    source += change.get("after", "")
    (grade,) = engine.examine({**solutions, f"{exercise}.py": source.encode()}, [exercise])
    return grade


def outcomes(grade: dict[str, Any]) -> dict[str, set[str]]:
    """The outcomes of each function's checks."""
    found: dict[str, set[str]] = {}
    for check in grade["checks"]:
        found.setdefault(check["function"], set()).add(check["outcome"])
    return found


def message(grade: dict[str, Any], outcome: str) -> str:
    return next(c["message"] for c in grade["checks"] if c["outcome"] == outcome)


def others_pass(found: dict[str, set[str]], function: str) -> bool:
    return all(seen == {"passed"} for name, seen in found.items() if name != function)


def processes_below(parent: int) -> list[int]:
    """The pids of all live descendants of a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [parent]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


def test_an_endless_loop_is_a_timeout_of_its_own_function(engine: Engine, solutions: Files) -> None:
    grade = graded(engine, solutions, "losses", after=f"\n{L1}    while True:\n        pass\n")
    found = outcomes(grade)
    assert found["l1_loss"] == {"timeout"}
    assert others_pass(found, "l1_loss")
    assert "endless loop" in message(grade, "timeout")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("    import os\n    os._exit(0)\n", "exit status 0"),
        ("    import ctypes\n    ctypes.string_at(0)\n", "SIGSEGV"),
        ("    import os\n    os.abort()\n", "ended"),
    ],
    ids=["exit", "segfault", "abort"],
)
def test_a_function_that_ends_the_process_has_crashed(
    engine: Engine, solutions: Files, body: str, said: str
) -> None:
    grade = graded(engine, solutions, "losses", after=f"\n{L1}{body}")
    found = outcomes(grade)
    assert found["l1_loss"] == {"crashed"}
    assert others_pass(found, "l1_loss")
    assert said in message(grade, "crashed")


def test_ending_the_process_while_imported_crashes_that_exercise_alone(
    engine: Engine, solutions: Files
) -> None:
    source = b"import os\nos._exit(0)\n"
    losses, training = engine.examine({**solutions, "losses.py": source}, ["losses", "training"])
    assert losses["status"] == "error"
    assert {check["outcome"] for check in losses["checks"]} == {"crashed"}
    assert training["status"] == "passed"


def test_an_endless_loop_while_imported_is_paid_for_once(engine: Engine, solutions: Files) -> None:
    grade = graded(engine, solutions, "losses", after="\nwhile True:\n    pass\n")
    assert outcomes(grade).keys() and {s for o in outcomes(grade).values() for s in o} == {
        "timeout"
    }
    assert sum(check["seconds"] > 2.5 for check in grade["checks"]) == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"def l1_loss(input, target:\n", "line 1"),
        (b"import nothing_of_that_name\n", "ModuleNotFoundError"),
        (b"raise SystemExit(0)\n", "SystemExit"),
        (b"raise KeyboardInterrupt\n", "KeyboardInterrupt"),
        (b"\x00\x01", "could not be imported"),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "has no"),
        ("\ufeffx = 'é'\n".encode(), "has no"),
        (b"x = " + b"(" * 10_000 + b")" * 10_000, "could not be imported"),
    ],
    ids=["syntax", "import", "exit", "interrupt", "binary", "latin-1", "bom", "nested"],
)
def test_what_cannot_be_imported_is_an_error_with_its_reason(
    engine: Engine, solutions: Files, source: bytes, said: str
) -> None:
    (grade,) = engine.examine({**solutions, "losses.py": source}, ["losses"])
    assert {check["outcome"] for check in grade["checks"]} == {"error"}
    assert grade["points"] == 0
    assert said in grade["checks"][0]["message"]


def test_a_missing_file_is_an_error_that_names_it(engine: Engine, solutions: Files) -> None:
    files = {name: source for name, source in solutions.items() if name != "training.py"}
    losses, training = engine.examine(files, ["losses", "training"])
    assert losses["status"] == "passed"
    assert {check["outcome"] for check in training["checks"]} == {"error"}
    assert training["checks"][0]["message"] == "training.py is missing from this submission"


def test_a_megabyte_of_output_changes_nothing(engine: Engine, solutions: Files) -> None:
    noise = "import sys\nprint('x' * 1_000_000)\nsys.stderr.write('y' * 1_000_000)\n"
    assert graded(engine, solutions, "losses", before=noise)["status"] == "passed"


def test_a_function_that_takes_all_memory_fails_alone(engine: Engine, solutions: Files) -> None:
    body = "    return [bytearray(1 << 30) for _ in range(1000)]\n"
    found = outcomes(graded(engine, solutions, "losses", after=f"\n{L1}{body}"))
    assert "passed" not in found["l1_loss"]
    assert others_pass(found, "l1_loss")


def test_torchs_switches_left_the_other_way_cost_nobody_else(
    engine: Engine, solutions: Files
) -> None:
    spoiling = (
        f"\n_right = l1_loss\n\n{L1}"
        "    torch.set_grad_enabled(False)\n"
        "    torch.set_default_dtype(torch.float64)\n"
        "    torch.manual_seed(1)\n"
        "    torch.Tensor.exp = torch.Tensor.log_softmax = torch.Tensor.gather = None\n"
        "    return input.sum()\n"
    )
    found = outcomes(graded(engine, solutions, "losses", after=spoiling))
    assert "failed" in found["l1_loss"]
    assert others_pass(found, "l1_loss")


def test_no_process_outlives_its_submission(engine: Engine, solutions: Files) -> None:
    warm = set(processes_below(os.getpid()))
    body = "    import os, threading\n    os.fork()\n    return input\n"
    graded(engine, solutions, "losses", after=f"\n{L1}{body}")
    graded(engine, solutions, "losses", after=f"\n{L1}    import os\n    os._exit(3)\n")
    assert set(processes_below(os.getpid())) == warm


def test_closing_the_engine_leaves_neither_process_nor_folder(course: Course) -> None:
    before = set(processes_below(os.getpid()))
    with Engine(EngineSettings(course.only(["convnets"]))) as engine:
        folder = engine.folder
        assert folder.exists()
        assert set(processes_below(os.getpid())) > before
    assert set(processes_below(os.getpid())) == before
    assert not folder.exists()


def test_the_next_engine_removes_what_a_killed_one_left(course: Course, engine: Engine) -> None:
    places = (tempfile.gettempdir(), engine.folder.parent)
    left = [Path(tempfile.mkdtemp(prefix="torchgrade-", dir=place)) for place in places]
    for folder in left:
        (folder / "1234").mkdir()
    with Engine(EngineSettings(course.only(["convnets"]))):
        assert not any(folder.exists() for folder in left)
        assert engine.folder.exists(), "an engine that runs keeps its folder"


def test_sandboxes_have_their_folders_in_memory_unless_the_user_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    folder, lock = locked_folder()
    os.close(lock)
    folder.rmdir()
    room = os.statvfs("/dev/shm")
    spacious = room.f_bavail * room.f_frsize >= 1 << 30
    assert folder.parent == Path("/dev/shm" if spacious else tempfile.gettempdir())
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder, lock = locked_folder()
    os.close(lock)
    assert folder.parent == tmp_path
