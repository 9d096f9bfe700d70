"""`grader export`: what is asked for, to where it is asked, with an exit status that tells."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import lms
import pytest
from books import begun, graded, rejected
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.gradebook import Gradebook

ROOT = Path(__file__).parent.parent
POINTS = {"ada": 2.0, "bob": 1.5, "李 小龍": 0.5}  # of 2
ROSTER = """\
submission,name,email,id
ada,Ada Łukasz,ada@x,1
,"Bob, ""the"" B.",bob@x,bob
,李 小龍,li@x,3
,Zoë,zoe@x,4
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with three grades and one rejection; exports only read it."""
    out = tmp_path_factory.mktemp("class") / "results"
    with Gradebook(out / "gradebook.db") as gradebook:
        run = begun(gradebook)
        for id, points in POINTS.items():
            graded(gradebook, id, points, run=run, message="SECRET counterexample")
        rejected(gradebook, "broken", "is no zip", run)
    return out


def export(results: Path, *asked: str) -> Result:
    command = ["export", "--out", str(results), "--course", str(ROOT), *asked]
    return CliRunner().invoke(app, command)


def test_every_format_comes_out_on_standard_output(results: Path) -> None:
    table = export(results, "csv")
    assert table.exit_code == 0
    header, *rows = lms.rows(table.stdout)
    at = header.index("points")
    assert {row[0]: float(row[at]) for row in rows} == {**POINTS, "broken": 0}
    for name in ("json", "junit", "markdown"):
        found = export(results, name)
        assert found.exit_code == 0 and found.stdout and not found.stderr
    for name in ("gradescope", "github", "exercism", "markdown"):
        found = export(results, name, "--submission", "bob")
        assert found.exit_code == 0 and found.stdout and "SECRET" not in found.stdout


def test_the_result_of_a_runner_is_one_line_for_its_output(results: Path) -> None:
    found = export(results, "github", "--submission", "bob", "--encoded").stdout
    assert json.loads(base64.b64decode(found, validate=True))["max_score"] == 2
    assert lms.report_to_classroom({"A": found})[:2] == (1.5, 2)


def test_a_roster_with_a_missing_and_an_unknown_student_is_told_of(
    results: Path, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(ROSTER, encoding="utf-8-sig")
    to = tmp_path / "moodle.csv"
    found = export(results, "moodle", "--roster", str(roster), "--to", str(to))
    assert found.exit_code == 1 and found.stdout == ""
    said = found.stderr.splitlines()
    assert said == [
        "grader: missing: 'Zoë' has no submission",
        "grader: unknown: 'broken' is nobody's in the roster",
        "grader: 4 students in roster.csv: 3 graded, 1 missing, 1 unknown",
    ]
    assert to.read_bytes().startswith(b"\xef\xbb\xbfEmail address,")  # Excel reads it as UTF-8
    users = {mail: mail for mail in ("ada@x", "bob@x", "li@x", "zoe@x")}
    grades = lms.import_into_moodle(to.read_text("utf-8-sig"), users, "Email address")
    assert grades == {"ada@x": 2, "bob@x": 1.5, "li@x": 0.5}


def test_a_folder_holds_a_file_a_submission_and_is_written_anew(
    results: Path, tmp_path: Path
) -> None:
    to = tmp_path / "new" / "gradescope"
    for _ in range(2):
        assert export(results, "gradescope", "--to", str(to)).exit_code == 0
        scores = sorted(json.loads(file.read_text())["score"] for file in to.iterdir())
        assert scores == sorted([*POINTS.values(), 0])
    assert len(list(to.parent.iterdir())) == 1
    (to / "notes.txt").write_text("mine")
    found = export(results, "gradescope", "--to", str(to))
    assert found.exit_code == 2 and "notes.txt" in found.stderr
    assert (to / "notes.txt").read_text() == "mine" and len(list(to.iterdir())) == 5


def test_lateness_reaches_who_it_is_about_and_nothing_else(results: Path, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        (ROOT / "course.toml").read_text().replace("# due", "due").replace("# late_p", "late_p")
    )
    times = tmp_path / "times.csv"
    times.write_text("submission,time\nada,2027-01-30T12:00Z\nbob,2027-02-01T12:00Z\n")
    asked = ("--times", str(times), "--course", str(tmp_path))
    one = export(results, "gradescope", "--submission", "bob", *asked)
    assert (one.exit_code, one.stderr, json.loads(one.stdout)["score"]) == (0, "", 1.35)
    table = export(results, "csv", *asked)
    assert table.exit_code == 1
    assert table.stderr.endswith("no time is known of 1, which count as in time: '李 小龍'\n")
    none = export(results, "gradescope", "--submission", "bob", "--course", str(tmp_path))
    assert none.exit_code == 1 and "no time is known of any submission" in none.stderr
    quiet = export(results, "json", "--course", str(tmp_path))
    assert (quiet.exit_code, quiet.stderr) == (0, "")


def test_of_a_class_of_one_the_ending_tells_a_file_from_a_folder(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "gradebook.db") as gradebook:
        graded(gradebook, "ada")
    file, folder = tmp_path / "results.json", tmp_path / "results"
    for to in (file, folder):
        assert export(tmp_path, "gradescope", "--to", str(to)).exit_code == 0
    (inside,) = folder.iterdir()
    assert inside.read_text() == file.read_text() == export(tmp_path, "gradescope").stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["xlsx"], "there is no format 'xlsx': take csv, canvas"),
        (["github"], "a file for each submission, and there are 4.*--to DIR.*--submission ID"),
        (["github", "--to", "all.json"], "a file for each submission, and there are 4"),
        (["csv", "--submission", "eve"], "no grade of a submission 'eve'; there are 4: 'ada'"),
        (["json", "--roster", "r.csv"], "json has no place for --roster"),
        (["csv", "--roster", "no.csv"], "no.csv: cannot be read"),
        (["csv", "--missing", "none"], "must be one of leave, blank, zero"),
        (["csv", "--to", "/no/such/folder/x.csv"], "--to /no/such/folder/x.csv: No such file"),
        (["csv", "--gradebook", "no.db"], "no.db"),
        (["canvas"], "canvas needs --roster"),
        (["moodle-worksheet"], "moodle-worksheet needs --roster"),
    ],
)
def test_bad_usage_is_one_sentence_and_nothing_is_written(
    results: Path, asked: list[str], said: str
) -> None:
    found = export(results, *asked)
    assert found.exit_code == 2 and found.stdout == ""
    (line,) = found.stderr.splitlines()
    assert re.search(said, line)


def test_output_is_utf_8_in_any_locale_and_starts_without_torch(results: Path) -> None:
    found = subprocess.run(
        [
            sys.executable,
            *("-X", "importtime", "-m", "grader.cli", "export", "csv"),
            *("--out", str(results), "--course", str(ROOT)),
        ],
        env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        cwd=ROOT,
        timeout=60,
    )
    assert found.returncode == 0
    assert "李 小龍" in found.stdout.decode("utf-8")
    assert b" typer\n" in found.stderr and b" torch\n" not in found.stderr
