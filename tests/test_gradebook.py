"""Grades are kept for good: found again, through kills and crowds, and damage is named."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from grader.gradebook import Gradebook, GradebookError, GradeKey

ROOT = Path(__file__).parents[1]
KEY = GradeKey("a" * 64, "b" * 64, seed=0, device="cpu", sandbox="strict")

# Adds grades to the gradebook argv[1] under ids that start with argv[2], argv[3] of them or until
# it is refused or killed, and reports each once it is committed.
ADDS = """
import itertools, sys
from grader.gradebook import Gradebook, GradebookError, GradeKey
key = GradeKey("a" * 64, "b" * 64, seed=0, device="cpu", sandbox="strict")
with Gradebook(sys.argv[1]) as gradebook:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in itertools.islice(itertools.count(), int(sys.argv[3]) or None):
        id = f"{sys.argv[2]}{number:06}"
        grade = {"id": id, "status": "graded", "points": 1.0, "max_points": 2.0, "x": "x" * 5000}
        try:
            gradebook.add(id, key, grade)
        except GradebookError as error:
            print(error, flush=True)
            break
        print(id, flush=True)
"""


def grade_of(id: str, points: float = 1.5) -> dict[str, Any]:
    return {"id": id, "status": "graded", "reason": None, "points": points, "max_points": 100.0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "grades.sqlite"


@pytest.fixture
def gradebook(path: Path) -> Iterator[Gradebook]:
    with Gradebook(path) as gradebook:
        yield gradebook


def adding(path: Path, prefix: str, number: int, prelude: str = "") -> subprocess.Popen[str]:
    """A process that has opened the gradebook and waits for a line before it adds."""
    process = subprocess.Popen(
        [sys.executable, "-c", prelude + ADDS, str(path), prefix, str(number)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


# What is added is found


def test_a_grade_is_found_again_by_id_and_key(gradebook: Gradebook) -> None:
    grade = grade_of("alice") | {
        "exercises": [{"name": "losses", "checks": [{"message": "é\ud800"}]}]
    }
    gradebook.add("alice", KEY, grade)
    assert gradebook.find("alice", KEY) == grade
    assert gradebook.find("bob", KEY) is None


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, submission_digest="c" * 64),
        replace(KEY, checks_digest="c" * 64),
        replace(KEY, seed=2**70),
        replace(KEY, device="cuda"),
        replace(KEY, sandbox="off"),
    ],
)
def test_a_grade_is_not_reused_under_another_key(gradebook: Gradebook, other: GradeKey) -> None:
    gradebook.add("alice", KEY, grade_of("alice", 1))
    assert gradebook.find("alice", other) is None
    gradebook.add("alice", other, grade_of("alice", 2))
    assert gradebook.find("alice", KEY) == grade_of("alice", 1)
    assert gradebook.find("alice", other) == grade_of("alice", 2)


def test_the_newest_grade_counts_and_older_ones_are_kept(path: Path, gradebook: Gradebook) -> None:
    for points in (1.0, 3.0, 2.0):
        gradebook.add("alice", KEY, grade_of("alice", points))
    gradebook.add("alice", replace(KEY, seed=7), grade_of("alice", 4.0))
    gradebook.add("Bob", KEY, grade_of("Bob"))
    assert gradebook.find("alice", KEY) == grade_of("alice", 2.0)
    assert gradebook.latest() == [grade_of("Bob"), grade_of("alice", 4.0)]
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT submission_id, status, points, max_points, graded_at FROM grades"
        ).fetchall()
    connection.close()
    assert [row[2] for row in rows] == [1.0, 3.0, 2.0, 4.0, 1.5]
    assert rows[0][:4] == ("alice", "graded", 1.0, 100.0)
    graded_at = datetime.fromisoformat(rows[0][4]).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - graded_at) < timedelta(minutes=5)


def test_an_empty_gradebook_has_no_grades(gradebook: Gradebook) -> None:
    assert gradebook.latest() == []


def test_grades_outlive_the_gradebook(tmp_path: Path) -> None:
    path = tmp_path / "results" / "deep" / "grades.sqlite"
    with Gradebook(path) as gradebook:
        gradebook.add("alice", KEY, grade_of("alice"))
    for name in (path, str(path), f"sqlite:///{path}"):
        with Gradebook(name) as gradebook:
            assert gradebook.latest() == [grade_of("alice")]


def test_a_commit_waits_for_the_disk_and_readers_for_nobody(gradebook: Gradebook) -> None:
    with gradebook._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL


# Kills and crowds


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_what_was_reported_as_committed_survives_a_kill(path: Path) -> None:
    process = adding(path, "student", 0)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    reported = [process.stdout.readline() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    reported += rest.splitlines(keepends=True)
    ids = {line.removesuffix("\n") for line in reported if line.endswith("\n")}
    with Gradebook(path) as gradebook:
        kept = {grade["id"] for grade in gradebook.latest()}
        gradebook.add("afterwards", KEY, grade_of("afterwards"))
    assert len(ids) >= 25
    assert ids <= kept
    assert len(kept - ids) <= 1  # committed, and killed before it could say so


def test_two_processes_that_add_at_once_lose_nothing(path: Path) -> None:
    processes = [adding(path, prefix, 40) for prefix in ("ada", "bob")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    reported = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    with Gradebook(path) as gradebook:
        assert [grade["id"] for grade in gradebook.latest()] == sorted(chain(*reported))
    assert [len(ids) for ids in reported] == [40, 40]


def test_two_gradebooks_see_each_others_grades(path: Path, gradebook: Gradebook) -> None:
    with Gradebook(path) as other:
        assert other.latest() == []
        gradebook.add("alice", KEY, grade_of("alice"))
        assert other.find("alice", KEY) == grade_of("alice")


# What is in the way is named


def test_a_locked_gradebook_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.gradebook.BUSY_SECONDS", 0.05)
    with Gradebook(path) as gradebook:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match=r"grades\.sqlite.* another process is using it"):
            gradebook.add("alice", KEY, grade_of("alice"))
        assert gradebook.latest() == []  # reading goes on
        other.close()
        gradebook.add("alice", KEY, grade_of("alice"))
        assert gradebook.latest() == [grade_of("alice")]


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    content = b"id,points\nalice,3\n" * 100
    path.write_bytes(content)
    with pytest.raises(GradebookError, match=r"grades\.sqlite.*damaged, or no gradebook"):
        Gradebook(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photos (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(GradebookError, match="a database, but no gradebook"):
        Gradebook(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    connection.close()


@pytest.mark.parametrize("cut", [0.3, 0.8])
def test_a_damaged_gradebook_is_named(path: Path, cut: float) -> None:
    with Gradebook(path) as gradebook:
        for number in range(50):
            gradebook.add(f"student{number}", KEY, grade_of("x") | {"x": "x" * 2000})
    data = bytearray(path.read_bytes())
    start = int(len(data) * cut)
    data[start : start + 40_000] = b"\xa5" * len(data[start : start + 40_000])
    path.write_bytes(data)
    with (
        pytest.raises(GradebookError, match=r"grades\.sqlite.*damaged.*restore a copy"),
        Gradebook(path) as gradebook,
    ):
        gradebook.latest()


def test_a_malformed_grade_is_named(path: Path, gradebook: Gradebook) -> None:
    gradebook.add("alice", KEY, grade_of("alice"))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE grades SET grade = '{'")
    connection.commit()
    connection.close()
    for ask in (gradebook.latest, lambda: gradebook.find("alice", KEY)):
        with pytest.raises(GradebookError, match="damaged"):
            ask()


def test_another_format_is_named(path: Path) -> None:
    Gradebook(path).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE gradebook_version SET version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(GradebookError, match="format 99, and this grader knows 1"):
        Gradebook(path)


def test_a_folder_in_the_gradebooks_place_is_named(tmp_path: Path) -> None:
    for name in (tmp_path, str(tmp_path)):
        with pytest.raises(GradebookError, match="is a folder: name a file in it"):
            Gradebook(name)


def test_a_place_that_cannot_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GradebookError, match="cannot be made"):
        Gradebook(tmp_path / "file" / "grades.sqlite")
    with pytest.raises(GradebookError, match="cannot be opened"):
        Gradebook(f"sqlite:///{tmp_path}/nowhere/grades.sqlite")


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(path: Path) -> None:
    path.parent.chmod(0o500)
    with pytest.raises(GradebookError, match="cannot be opened: check that its folder"):
        Gradebook(path)
    path.parent.chmod(0o700)


def test_a_read_only_gradebook_is_read_and_not_written(path: Path) -> None:
    with Gradebook(path) as gradebook:
        gradebook.add("alice", KEY, grade_of("alice"))
        with (
            pytest.raises(GradebookError, match="may not be written to"),
            Gradebook(f"sqlite:///file:{path}?mode=ro&uri=true") as reader,
        ):
            assert reader.latest() == [grade_of("alice")]
            reader.add("bob", KEY, grade_of("bob"))


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_a_full_disk_is_named_and_loses_no_grade(path: Path) -> None:
    prelude = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
    process = adding(path, "student", 0, prelude)
    output, _ = process.communicate("\n")
    *ids, error = output.splitlines()
    assert "the disk" in error and "free" in error and str(path) in error
    with Gradebook(path) as gradebook:
        assert [grade["id"] for grade in gradebook.latest()] == ids
    assert len(ids) > 5


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite+nonsense:///grades.sqlite", "nonsense"),
        ("nonsense://host/grades", "nonsense"),
        ("://", "no SQLAlchemy URL"),
        ("mysql+pymysql://ada:secret@host/grades", "driver that is missing: install pymysql"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(url: str, message: str) -> None:
    with pytest.raises(GradebookError, match=message) as caught:
        Gradebook(url)
    assert "secret" not in str(caught.value)


def test_a_seed_is_drawn_once_for_each_gradebook(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "grades.sqlite") as gradebook:
        assert gradebook.seed(17) == 17
        assert gradebook.seed(18) == 17
    with Gradebook(tmp_path / "grades.sqlite") as reopened:
        assert reopened.seed(19) == 17


def test_a_gradebook_begun_with_a_given_seed_goes_on_with_it(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "grades.sqlite") as gradebook:
        gradebook.add("alice", replace(KEY, seed=7), grade_of("alice", 4.0))
        assert gradebook.seed(17) == 7


def test_a_gradebook_without_settings_gets_them(tmp_path: Path) -> None:
    file = tmp_path / "grades.sqlite"
    Gradebook(file).close()
    with sqlite3.connect(file) as database:
        database.execute("drop table gradebook_settings")
    with Gradebook(file) as gradebook:
        assert gradebook.seed(17) == 17
