"""Gradebooks of an earlier format are brought to this one and keep their grades; later ones not."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from books import CONDITIONS, ROOT, found, graded
from sqlalchemy import create_engine, inspect, text

from grader.gradebook import Gradebook, GradebookError, schema
from grader.gradebook.opening import prepare

GRADEBOOKS = ROOT / "tests" / "gradebooks"
FORMAT_1 = (GRADEBOOKS / "format-1.sql").read_text(encoding="utf-8")


@pytest.fixture(params=[True, False], ids=["with settings", "without settings"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that the grader wrote which knew format 1; the first ones had no table of settings."""
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(FORMAT_1)
        if not request.param:
            database.execute("DROP TABLE gradebook_settings")
    return path


def old_grades() -> list[dict[str, Any]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(FORMAT_1)
        rows = database.execute("SELECT grade FROM grades ORDER BY number").fetchall()
    grades = [json.loads(grade) for (grade,) in rows]
    return [{key: grade[key] for key in grade if key != "layers"} for grade in grades]


def test_an_old_gradebook_keeps_its_grades(old: Path) -> None:
    first, bela, last = old_grades()
    with Gradebook(old) as gradebook:
        assert [one.entry for one in gradebook.history("ada")] == [first, last]
        assert gradebook.latest() == sorted([bela, last], key=lambda grade: grade["id"])
        early, late = gradebook.runs()
        assert (early.seed, early.device, early.sandbox) == (7, "cpu", "strict")
        assert (late.seed, late.device, late.sandbox) == (2**60, "cuda", "best-effort")
        assert [one.run for one in gradebook.history("ada")] == [early.number, late.number]
        result = gradebook.history("ada")[0].exercises[0]
        assert (result.name, result.layers) == ("losses", ("rlimits", "landlock", "seccomp"))
        assert (result.conditions.checks, result.conditions.seed) == ("c" * 64, 7)
        grades = gradebook.class_grades()
        assert (grades.seed, grades.course, grades.torch) == (2**60, "unknown", "unknown")
        assert found(gradebook, "ada") is None
        added = graded(gradebook, "ada")
        assert gradebook.newest_and_previous()[0][1] != added


def test_a_gradebook_of_format_2_keeps_its_results_and_they_are_reused_as_a_whole(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript((GRADEBOOKS / "format-2.sql").read_text(encoding="utf-8"))
    with Gradebook(path) as gradebook:
        reused = found(gradebook, "ada")
        assert reused is not None and reused.entry["points"] == 2
        assert [one.status for one in gradebook.history("bela")] == ["graded", "rejected"]
        assert gradebook.parts(CONDITIONS.checks) == {"check losses/test_it": "1"}
        assert gradebook.grounds(CONDITIONS) is None
        gradebook.keep_grounds(CONDITIONS, {"asked": {"losses/test_it": "1"}})
        gradebook.keep_grounds(CONDITIONS, {"asked": {}})  # of another run: the first stays
        assert gradebook.grounds(CONDITIONS) == {"asked": {"losses/test_it": "1"}}
    assert path.with_name("gradebook.format-2.db").exists()


def test_the_seed_of_an_old_gradebook_is_kept(old: Path) -> None:
    with closing(sqlite3.connect(old)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    with Gradebook(old) as gradebook:
        assert gradebook.seed(17) == (7 if "gradebook_settings" in tables else 2**60)


def test_a_copy_of_an_old_gradebook_is_kept_beside_it(old: Path) -> None:
    before = list(sqlite3.connect(old).iterdump())
    Gradebook(old).close()
    copy = old.with_name("gradebook.format-1.db")
    assert sorted(path.name for path in old.parent.iterdir()) == [old.name, copy.name]
    assert list(sqlite3.connect(copy).iterdump()) == before
    shutil.copyfile(copy, old)  # who goes back to it, and opens it once more
    Gradebook(old, reading=True).close()
    assert old.with_name("gradebook.format-1-2.db").exists()


def test_an_old_gradebook_is_left_as_it_was_where_it_cannot_be_brought_over(old: Path) -> None:
    with closing(sqlite3.connect(old)) as database:
        database.execute("UPDATE grades SET grade = '{' WHERE number = 3")
        database.commit()
        before = list(database.iterdump())
    with pytest.raises(GradebookError, match=r"damaged.*the grade number 3 in it is malformed"):
        Gradebook(old)
    with closing(sqlite3.connect(old)) as database:
        assert list(database.iterdump()) == before


_OPENS = """
import sys
from grader.gradebook import Gradebook
print("ready", flush=True)
sys.stdin.readline()
with Gradebook(sys.argv[1]) as gradebook:
    print(len(gradebook.newest()), gradebook.seed(17))
"""


def test_processes_that_open_an_old_gradebook_at_once_all_read_its_grades(tmp_path: Path) -> None:
    old = tmp_path / "gradebook.db"
    with closing(sqlite3.connect(old)) as database:
        database.executescript(FORMAT_1)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENS, str(old)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = {process.communicate()[0] for process in processes}
    assert said == {"2 7\n"}
    assert len(list(old.parent.glob("*format-1*"))) == 1


def test_an_old_gradebook_on_a_server_is_brought_over(server: Any) -> None:
    address = server.database()
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for statement in _tables_of_format_1():
            connection.execute(text(statement))
        for row in _rows_of_format_1():
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO grades ({names}) VALUES ({values})"), row)
        connection.execute(text("INSERT INTO gradebook_version VALUES (1)"))
        connection.execute(text("INSERT INTO gradebook_settings VALUES ('seed', '7')"))
    with Gradebook(address) as gradebook:
        assert [one.entry for one in gradebook.history("ada")] == old_grades()[::2]
        assert gradebook.seed(17) == 7
        graded(gradebook, "ada")  # the numbers of new rows go on after those brought over
    with engine.connect() as connection:
        assert "grades" not in inspect(connection).get_table_names()
    engine.dispose()


def _tables_of_format_1() -> list[str]:
    statements = [part.strip() for part in FORMAT_1.split(";\n")]
    tables = [part for part in statements if part.startswith("CREATE TABLE")]
    return [
        part.replace("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "SERIAL PRIMARY KEY")
        .replace("DATETIME", "TIMESTAMP WITH TIME ZONE")
        .replace("TEXT(16777216)", "TEXT")
        for part in tables
    ]


def _rows_of_format_1() -> list[dict[str, Any]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(FORMAT_1)
        database.row_factory = sqlite3.Row
        return [
            dict(row) for row in database.execute("SELECT * FROM grades ORDER BY number").fetchall()
        ]


def test_migrations_lead_to_the_tables_that_are_used(address: str | Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with Gradebook(address) as gradebook, gradebook._database.reading() as connection:
        options = {"version_table": "gradebook_migrations", "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []


@pytest.mark.parametrize("reading", [True, False])
def test_a_later_format_is_refused_in_one_sentence(address: str | Path, reading: bool) -> None:
    with Gradebook(address) as gradebook:
        graded(gradebook, "ada")
        with gradebook._database.writing() as connection:
            connection.execute(schema.version.update().values(version=schema.FORMAT + 1))
        said = f"has the gradebook format {schema.FORMAT + 1}, and this grader knows"
        with pytest.raises(GradebookError, match=said):
            prepare(gradebook._database, reading=reading)
        assert len(gradebook.newest()) == 1


def test_a_grader_of_format_1_refuses_this_format(tmp_path: Path) -> None:
    """What it looks at: a table `gradebook_version` whose only row is its own format."""
    path = tmp_path / "gradebook.db"
    Gradebook(path).close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT version FROM gradebook_version").fetchall() == [(3,)]
