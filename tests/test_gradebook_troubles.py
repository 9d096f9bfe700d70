"""What is in a gradebook's way is named in one sentence, and no grade that was shown is lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import postgres
import pytest
from books import ROOT, adding, begun, found, graded
from users import give, home_of, is_root, run_as

from grader.gradebook import Gradebook, GradebookError, database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "grades.sqlite"


def message_of(*arguments: Any, **options: Any) -> str:
    """What opening a gradebook is refused with: one line."""
    with pytest.raises(GradebookError) as raised:
        Gradebook(*arguments, **options)
    said = str(raised.value)
    assert len(said.splitlines()) == 1
    return said


# Locked


def test_a_locked_file_is_named_and_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with Gradebook(path) as gradebook:
        run = begun(gradebook)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(GradebookError, match=r"grades\.sqlite.* another process is using"):
                graded(gradebook, "ada", run=run)
            assert gradebook.latest() == []  # reading goes on
        graded(gradebook, "ada", run=run)
        assert found(gradebook, "ada") is not None


def test_a_locked_table_on_a_server_is_named(
    server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    import psycopg

    address = server.database()
    with Gradebook(address) as gradebook:
        run = begun(gradebook)
        with psycopg.connect(address) as other:
            other.execute("LOCK TABLE gradings IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(GradebookError, match="another process is using it"):
                graded(gradebook, "ada", run=run)
        graded(gradebook, "ada", run=run)
        assert len(gradebook.history("ada")) == 1


# Damaged, or somebody else's


def test_a_file_that_is_no_database_is_named_and_left_alone(path: Path) -> None:
    content = b"id,points\nalice,3\n" * 100
    path.write_bytes(content)
    for reading in (True, False):
        assert "grades.sqlite: it is damaged, or no gradebook" in message_of(path, reading=reading)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_a_database_of_something_else_is_left_alone(path: Path, server: postgres.Server) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
        other.commit()
    assert "a database, but no gradebook" in message_of(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    address = server.database()
    name = address.partition("@/")[2].partition("?")[0]
    server.run("CREATE TABLE photos (name TEXT)", name)
    Gradebook(address).close()  # a server's database may hold other tables, of other names
    taken = server.database()
    server.run("CREATE TABLE runs (miles INT)", taken.partition("@/")[2].partition("?")[0])
    assert "a database, but no gradebook" in message_of(taken)


@pytest.mark.parametrize("cut", [0.3, 0.8])
def test_a_damaged_file_is_named(path: Path, cut: float) -> None:
    with Gradebook(path) as gradebook:
        run = begun(gradebook)
        for number in range(50):
            graded(gradebook, f"student{number}", run=run, message="x" * 2000)
    data = bytearray(path.read_bytes())
    start = int(len(data) * cut)
    data[start : start + 40_000] = b"\xa5" * len(data[start : start + 40_000])
    path.write_bytes(data)
    with (
        pytest.raises(GradebookError, match=r"grades\.sqlite.*damaged.*restore a copy"),
        Gradebook(path) as gradebook,
    ):
        gradebook.latest()


def test_a_malformed_grade_is_named(path: Path) -> None:
    with Gradebook(path) as gradebook:
        graded(gradebook, "ada")
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE exercise_grades SET entry = '{'")
            other.commit()
        for ask in (gradebook.latest, lambda: found(gradebook, "ada")):
            with pytest.raises(GradebookError, match="damaged"):
                ask()


# No place


def test_a_folder_in_the_gradebooks_place_is_named(tmp_path: Path) -> None:
    for name in (tmp_path, str(tmp_path)):
        assert "is a folder: name a file in it" in message_of(name)


def test_a_place_that_cannot_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in (tmp_path / "file" / "grades.sqlite", f"sqlite:///{tmp_path}/file/grades.sqlite"):
        assert "cannot be made for the gradebook" in message_of(name)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("sqlite+nonsense:///grades.sqlite", "nonsense"),
        ("nonsense://host/grades", "nonsense"),
        ("://", "no SQLAlchemy URL"),
        ("postgresql://ada:secret@host:port/grades", "no SQLAlchemy URL"),
        ("mysql+pymysql://ada:secret@host/grades", "driver that is missing: install pymysql"),
        ("postgresql+pg8000://ada:secret@host/grades", "driver that is missing: install pg8000"),
        ("postgresql://ada:secret@127.0.0.1:1/grades", "the server cannot be reached"),
        ("postgresql://127.0.0.1:1/grades?user=ada&password=secret", "server cannot be reached"),
        ("postgres://ada:secret@127.0.0.1:1/grades", "the server cannot be reached"),
    ],
)
def test_a_wrong_address_is_named_without_its_password(address: str, said: str) -> None:
    message = message_of(address)
    assert said in message
    assert "secret" not in message


def test_who_is_not_let_in_is_told_without_the_password(server: postgres.Server) -> None:
    address = server.database()
    wrong = address.replace("pass%2Fword", "hunter2")
    assert wrong != address
    for one, said in ((wrong, "lets nobody in"), (server.url("nowhere"), "nowhere")):
        message = message_of(one)
        assert said in message and "***" in message
        assert "hunter2" not in message and "word" not in message.replace("password", "")


def test_what_a_server_does_not_allow_is_named(server: postgres.Server) -> None:
    with Gradebook(server.database()) as gradebook:
        graded(gradebook, "ada")
        own = gradebook._database._engine.url.database
    assert own is not None
    server.run("CREATE ROLE reader LOGIN PASSWORD 'reads'")
    server.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", own)
    address = server.url(own, "reader", "reads")
    with Gradebook(address, reading=True) as gradebook:
        assert len(gradebook.latest()) == 1
        with pytest.raises(GradebookError, match="its user may not do that"):
            begun(gradebook)


# Read-only


_READS = """
import sys
from grader.gradebook import Gradebook, GradebookError
for path in sys.argv[1:]:
    with Gradebook(path, reading=True) as gradebook:
        print(len(gradebook.latest()))
    try:
        Gradebook(path).seed(1)
    except GradebookError as error:
        print(error)
"""


def test_who_may_not_write_to_a_file_or_its_folder_reads_it() -> None:
    with home_of("ordinary user") as home:
        paths = [home / "open" / "grades.sqlite", home / "closed" / "grades.sqlite"]
        for path in paths:
            with Gradebook(path) as gradebook:
                graded(gradebook, "ada")
            path.chmod(0o444)
        give("ordinary user", home)
        paths[1].parent.chmod(0o555)
        done = run_as("ordinary user", [sys.executable, "-c", _READS, *paths], home)
        paths[1].parent.chmod(0o755)
    assert not done.stderr
    for read, refused in zip(*[iter(done.stdout.splitlines())] * 2, strict=True):
        assert read == "1"
        assert "it may not be written to: check the permissions" in refused
    assert done.stdout.count("\n") == 4


def test_a_read_only_file_is_read_where_another_process_has_grades_waiting(tmp_path: Path) -> None:
    """The newest grades are in the log beside the file: they are read, or it is said they cannot
    be; a reader never takes the file alone for the whole."""
    if not is_root:
        pytest.skip("another user is needed, who may not write")
    with home_of("root") as home, Gradebook(home / "grades.sqlite") as gradebook:
        graded(gradebook, "ada")
        assert (home / "grades.sqlite-wal").stat().st_size
        reads = _READS.partition("    try:")[0]
        command = [sys.executable, "-c", reads, home / "grades.sqlite"]
        done = run_as("ordinary user", command, home)
        assert done.stdout == "1\n" or "cannot be opened" in done.stderr, done.stderr


# Full


@pytest.mark.skipif(not is_root, reason="only root can mount a disk")
def test_a_full_disk_is_named_and_loses_no_grade(tmp_path: Path) -> None:
    """A real one, of 1 MiB, mounted where nobody else sees it."""
    script = f"""
        mount -t tmpfs -o size=1m tmpfs {tmp_path} || exit 77
        {sys.executable} -c 'import sys; sys.path.insert(0, "{ROOT}/tests")
import books; process = books.adding("{tmp_path}/grades.sqlite", "student", 0)
sys.stdout.write(process.communicate(chr(10))[0])'
        cp -r {tmp_path} {tmp_path}-after
    """
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    *ids, error = done.stdout.splitlines()
    assert "the disk is full: free some space" in error and "grades.sqlite" in error
    after = Path(f"{tmp_path}-after")
    with Gradebook(after / "grades.sqlite") as gradebook:
        assert [grade["id"] for grade in gradebook.latest()] == ids
    shutil.rmtree(after)
    assert len(ids) > 20


def test_a_file_that_may_not_grow_is_named_and_loses_no_grade(path: Path) -> None:
    prelude = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))\n"
    process = adding(path, "student", 0, prelude)
    output, _ = process.communicate("\n")
    *ids, error = output.splitlines()
    assert "the disk" in error and "free" in error and str(path) in error
    with Gradebook(path) as gradebook:
        assert [grade["id"] for grade in gradebook.latest()] == ids
    assert len(ids) > 5


def test_without_room_for_a_copy_an_old_gradebook_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript((ROOT / "tests" / "gradebooks" / "format-1.sql").read_text("utf-8"))
        old.execute("UPDATE grades SET grade = replace(grade, 'passed', ?)", ["x" * 50_000])
        old.commit()
    size = path.stat().st_size // 2
    opens = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
from grader.gradebook import Gradebook, GradebookError
try:
    Gradebook(sys.argv[1])
except GradebookError as error:
    print(error)
"""
    command = [sys.executable, "-c", opens, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert "has an earlier format, and no copy can be kept beside it" in done.stdout, done.stderr
    with closing(sqlite3.connect(path)) as old:
        assert old.execute("SELECT count(*) FROM grades").fetchone() == (3,)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
