"""A class of hand-ins of every shape: each is graded for what is right in it, or rejected with one
clear reason; nothing else is read, nothing is written, and nobody else's grade suffers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from shapes_of_folders import CANARY
from test_untrusted import is_command, is_harmless
from users import as_params, command_as, home_of, run_as

MEMORY_MIB = (
    300  # of the process that grades: about 100 for Python and SQLAlchemy, 200 for all else
)

# The command, which says at its end how much memory the process that grades took at most.
MEASURED = """
import sys
from grader.cli import main
try:
    main()
finally:
    with open("/proc/self/status") as status, open("memory", "w") as file:
        file.write(status.read().split("VmHWM:")[1].split()[0])
"""


@dataclass(frozen=True)
class Rejected:
    """With a reason that says this."""

    says: str


@dataclass(frozen=True)
class Broken:
    """Graded, and nothing in it can be used: the message says this."""

    says: str


@dataclass(frozen=True)
class ByUser:
    """What root may read, others may not."""

    root: Any
    other: Any


FULL = "full points"
LINK = Rejected("it is a link, which is not followed: name the folder or file")
NO_FILE = Rejected("'losses.py' is a link or a special file: hand in the file itself")
NO_EXERCISE = Rejected("it holds no exercise file (losses.py)")
SPECIAL = Rejected("is a pipe, socket or device, which is not read: hand in the file itself")
DAMAGED = Rejected("the archive is damaged (")
LEADS_OUT = Rejected("a path that leads out of it: pack it anew")
LARGE = Rejected("losses.py' is larger than 1 MiB: leave data out")
UNREADABLE = Rejected("could not be read (Permission denied): check its permissions")

IN_FOLDERS = {
    "alice": FULL,
    # names
    "new\\nline\\r\\x1b[2J": FULL,
    "quotes'\"`": FULL,
    "🎓🔥": FULL,
    "\\u202eevil": FULL,
    "x" * 255: FULL,
    "--help": FULL,
    "-rf": FULL,
    "<script>alert(1)<script>": FULL,
    "=cmd|' C calc'!A0": FULL,
    "%s%n{0}": FULL,
    "\\udcff\\udcfe": FULL,
    "José": FULL,
    "Jose\\u0301": FULL,
    "case": FULL,
    "CASE": FULL,
    "\\x20": FULL,
    "a b\\x20": FULL,
    "[red]": FULL,
    "::error::x": FULL,
    "con": FULL,
    # what lies beside right work
    "huge data": FULL,
    "litter": FULL,
    "venv": FULL,
    "venv above the work": FULL,
    "shadows": FULL,
    "links beside": FULL,
    "pipes beside": FULL,
    "unreadable beside": FULL,
    "unreadable above": FULL,
    "odd sources beside": FULL,
    "many files beside": FULL,
    "deep beside": FULL,
    "linked copy": FULL,
    "5,001 files": Rejected("holds more than 5,000 files and folders: hand in the exercises alone"),
    "201 sources": Rejected("202 Python files; 200 is the most: hand in the exercises alone"),
    # sources
    "bom": FULL,
    "crlf": FULL,
    "cr": FULL,
    "form feeds": FULL,
    "no last line end": FULL,
    "latin-1": FULL,
    "giant constants": FULL,
    "giant line": FULL,
    "latin-1 unsaid": Broken("losses.py could not be imported: SyntaxError: "),
    "utf-16": Broken("losses.py could not be imported: "),
    "unknown coding": Broken("losses.py could not be imported: SyntaxError: unknown encoding"),
    "nul": Broken("losses.py could not be imported: "),
    "binary": Broken("losses.py could not be imported: "),
    "empty": Broken("losses.py has no l1_loss: is it misspelt, or was it deleted?"),
    "10,000 parentheses": Broken("too many nested parentheses"),
    "100,000 terms": Broken("losses.py could not be imported: RecursionError"),
    "50,000 signs": Broken("losses.py could not be imported: "),
    "10,000 attributes": Broken("losses.py could not be imported: RecursionError"),
    # what is in the place of losses.py
    "source is a link": NO_FILE,
    "source is another's": NO_FILE,
    "source is a pipe": NO_FILE,
    "source is a socket": NO_FILE,
    "source is outside": NO_EXERCISE,
    "source is a hard link": ByUser(
        Rejected("'losses.py' is a hard link to somebody else's file: hand in a copy"), NO_EXERCISE
    ),
    "source is a folder": Rejected("'losses.py' is a folder: hand in losses.py as a file"),
    "source is a package": Rejected("'losses' is a folder: hand in losses.py as a file"),
    "source is compiled": Rejected("no exercise file (losses.py), only 'losses.pyc'"),
    "source in other letters": Rejected("no exercise file (losses.py), only 'Losses.py'"),
    "source of 200 MB": LARGE,
    "source unreadable": ByUser(FULL, UNREADABLE),
    "unreadable": ByUser(FULL, UNREADABLE),
    "nothing": NO_EXERCISE,
    "too deep": NO_EXERCISE,
}
FILES = {
    "linked": LINK,
    "link_losses.py": LINK,
    "link.zip": LINK,
    "pipe_losses.py": SPECIAL,
    "pipe.zip": SPECIAL,
    "socket_losses.py": SPECIAL,
    "sparse_losses.py": LARGE,
    "sparse.zip": DAMAGED,
    "sparse.tar": NO_EXERCISE,
    "packed_losses.py": Broken("losses.py could not be imported: "),
    "good_losses.py": FULL,
}
ARCHIVES = {
    **{f"plain.{suffix}": FULL for suffix in ("zip", "tar.gz")},
    **{
        f"{name}.{suffix}": LEADS_OUT
        for name in ("slip", "absolute", "drive", "share", "backslashes")
        for suffix in ("zip", "tar.gz")
    },
    **{
        f"{name}.{suffix}": FULL
        for name in ("case", "unicode", "data twice", "litter", "odd names", "link beside")
        for suffix in ("zip", "tar.gz")
    },
    "twice.zip": Rejected("the archive holds 'losses.py' twice: leave one out"),
    "twice.tar.gz": Rejected("the archive holds 'losses.py' twice: leave one out"),
    "nothing.zip": NO_EXERCISE,
    "nothing.tar.gz": NO_EXERCISE,
    "zero bytes.zip": Rejected("is empty, 0 bytes long: hand it in again"),
    "zero bytes.tar.gz": Rejected("is empty, 0 bytes long: hand it in again"),
    "windows.zip": FULL,
    "link inside.zip": NO_FILE,
    "link inside.tar.gz": NO_FILE,
    "hard link.tar.gz": NO_FILE,
    "device.tar.gz": NO_FILE,
    "pipe.tar.gz": NO_FILE,
    "encrypted.zip": Rejected("the archive is encrypted: make it without a password"),
    "aes.zip": Rejected("the archive is encrypted: make it without a password"),
    "encrypted data.zip": FULL,
    "bomb.zip": LARGE,
    "bomb beside.zip": FULL,
    "bomb.tar.gz": Rejected("the archive unpacks to more than 2,048 MiB: leave data out"),
    "100,001 members.zip": Rejected("the archive holds more than 100,000 members: leave data out"),
    "overlapping.zip": FULL,
    "nested.zip": NO_EXERCISE,
    "inner.zip": FULL,
    "a tar.zip": FULL,
    "a plain tar.zip": FULL,
    "a zip.tar.gz": FULL,
    "a rar.zip": Rejected("is a RAR archive, which is not read: make a .zip or .tar.gz of it"),
    "also.7z": Rejected("is an archive of a kind that is not read: make a .zip or .tar.gz of it"),
    "a page.zip": DAMAGED,
    "truncated.zip": DAMAGED,
    "truncated.tar.gz": DAMAGED,
    "flipped.zip": DAMAGED,
    "flipped.tar.gz": DAMAGED,
    "litter after.zip": FULL,
    "litter after.tar.gz": FULL,
    "litter before.zip": FULL,
}
EXPECTED: dict[str, Any] = {**IN_FOLDERS, **FILES, **ARCHIVES}


@dataclass(frozen=True)
class Outcome:
    """What a run over all shapes left."""

    who: str
    json: dict[str, Any]
    shown: str
    done: subprocess.CompletedProcess[str]
    before: str
    after: str
    left: set[str]
    memory_mib: float

    def of(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = next(s for s in self.json["submissions"] if s["id"] == id)
        return found


@pytest.fixture(scope="module", params=as_params())
def run(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    """All shapes, made and graded by that user in one run."""
    who: str = request.param
    with home_of(who) as home:
        try:
            yield graded(who, home)
        finally:
            remove(home / "class")


def graded(who: str, home: Path) -> Outcome:
    made = run_as(who, [sys.executable, ROOT / "tests" / "shapes.py", home], home)
    assert made.returncode == 0, made.stderr
    before = listing(home)
    command = [sys.executable, "-c", MEASURED, "grade", "class", "--course", "course"]
    command += ["--json", "run.json"]
    done = subprocess.run(
        command_as(who, command, home), capture_output=True, text=True, timeout=600
    )
    assert (home / "run.json").exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return Outcome(
        who,
        json.loads((home / "run.json").read_text(encoding="ascii")),
        done.stdout + done.stderr,
        done,
        before,
        listing(home),
        {entry.name for entry in home.iterdir()},
        int((home / "memory").read_text()) / 1024,
    )


def listing(home: Path) -> str:
    """Everything in the class and outside of it: kind, owner, permissions, size, time, name."""
    command = ["find", "class", "course", "outside", "-printf", r"%y %u %m %s %T@ %p -> %l\n"]
    found = subprocess.run(command, cwd=home, capture_output=True, check=True, timeout=60)
    return "\n".join(sorted(found.stdout.decode("utf-8", "backslashreplace").split("\n")))


def remove(folder: Path) -> None:
    """What shutil.rmtree cannot: it recurses, and stops at a folder that may not be entered."""
    subprocess.run(["chmod", "-R", "u+rwX", folder], capture_output=True, timeout=60)
    subprocess.run(["rm", "-rf", folder], check=True, timeout=60)


def expected(run: Outcome, id: str) -> Any:
    found = EXPECTED[id]
    if isinstance(found, ByUser):
        return found.root if run.who == "root" else found.other
    return found


@pytest.mark.parametrize("id", EXPECTED)
def test_a_shape_is_graded_for_what_is_right_in_it_or_rejected_with_a_reason(
    run: Outcome, id: str
) -> None:
    grade, wanted = run.of(id), expected(run, id)
    if isinstance(wanted, Rejected):
        assert (grade["status"], grade["points"]) == ("rejected", 0)
        assert wanted.says in grade["reason"]
        assert is_harmless(grade["reason"]) and len(grade["reason"]) < 300
        return
    assert (grade["status"], grade["reason"]) == ("graded", None)
    (exercise,) = grade["exercises"]
    outcomes = {check["outcome"] for check in exercise["checks"]}
    if wanted == FULL:
        assert grade["points"] == grade["max_points"] == 100, exercise
        return
    assert (grade["points"], outcomes) == (0, {"error"}), exercise
    assert any(wanted.says in check["message"] for check in exercise["checks"]), exercise


def test_every_hand_in_is_accounted_for_and_the_run_ends_well(run: Outcome) -> None:
    assert [grade["id"] for grade in run.json["submissions"]] == sorted(EXPECTED)
    assert run.done.returncode == 1  # some could not be graded
    assert run.done.stderr == ""
    assert run.json["sandbox"]["level"] == "strict"


def test_nothing_outside_of_the_class_is_read(run: Outcome) -> None:
    for text in (run.shown, json.dumps(run.json)):
        assert CANARY not in text
        assert "root:x:" not in text


def test_nothing_is_written_but_results(run: Outcome) -> None:
    assert run.after == run.before
    assert run.left == {"class", "course", "outside", "results", "run.json", "memory"}
    assert not list(Path("/tmp").glob("*torchgrade-slip*"))


def test_the_memory_of_the_grading_process_stays_bounded(run: Outcome) -> None:
    assert 20 < run.memory_mib < MEMORY_MIB


def test_no_name_is_obeyed_where_the_run_is_shown(run: Outcome) -> None:
    lines = run.shown.split("\n")
    assert all(map(is_harmless, lines))
    assert not any(map(is_command, lines))
