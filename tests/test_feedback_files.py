"""Where feedback goes: a folder replaced as a whole, its index, the commands that write it."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from books import begun, graded, rejected
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from quoting import HOSTILE, SECRET, of_class, wrong_grade
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.course import HIDDEN_FEEDBACK
from grader.gradebook import Gradebook
from grader.grades import Grade
from grader.reports.feedback import FeedbackError, write_feedback
from grader.reports.names import file_stem

NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1))


@settings(max_examples=15, deadline=None)
@given(names=st.lists(NAMES, unique=True, max_size=4))
@example(names=["\udc80 no text", "=1+1", "\n"])
def test_the_index_leads_to_the_files_of_each(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("results")
    grades_ = [Grade(name, "rejected", "is empty", 0.0, 0.0, ()) for name in names]
    made = write_feedback(of_class(*grades_), folder, "hint")
    with open(made / "index.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(names)
    for name, row in zip(names, rows, strict=True):
        assert (row["markdown"], row["html"]) == (
            f"{file_stem(name)}.md",
            f"{file_stem(name)}.html",
        )
        assert (made / row["markdown"]).is_file() and (made / row["html"]).is_file()
        assert not row["submission"].startswith(("=", "+", "-", "@"))
    assert len(list(made.iterdir())) == 2 * len(names) + 1


def test_what_was_written_before_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_feedback(of_class(wrong_grade(), replace(wrong_grade(), id="bela")), tmp_path, "hint")
    write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    stem = file_stem("ada")
    found = sorted(file.name for file in (tmp_path / "feedback").iterdir())
    assert found == [f"{stem}.html", f"{stem}.md", "index.csv"]
    assert [file.name for file in tmp_path.iterdir()] == ["feedback"]


def test_what_is_not_the_graders_is_never_removed(tmp_path: Path) -> None:
    write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    notes = tmp_path / "feedback" / "notes.txt"
    notes.write_text("what I told ada")
    with pytest.raises(FeedbackError, match=r"notes\.txt: was not written by the grader"):
        write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    assert notes.read_text() == "what I told ada"
    assert [file.name for file in tmp_path.iterdir()] == ["feedback"]


@pytest.mark.parametrize("index", [b"name;file\r\n", b"", b"\xff\xfe\x00a", b'"' + b"x" * 200_000])
def test_an_index_of_somebody_elses_is_not_removed(tmp_path: Path, index: bytes) -> None:
    mine = tmp_path / "feedback" / "index.csv"
    mine.parent.mkdir()
    mine.write_bytes(index)
    with pytest.raises(FeedbackError, match=r"index\.csv: was not written by the grader"):
        write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    assert mine.read_bytes() == index


def test_what_cannot_be_shown_leaves_what_was_there(tmp_path: Path) -> None:
    write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    before = {file.name: file.read_bytes() for file in (tmp_path / "feedback").iterdir()}
    with pytest.raises(ValueError, match="hidden_feedback must be one of"):
        write_feedback(of_class(replace(wrong_grade(), id="bela")), tmp_path, "everything")
    assert {file.name: file.read_bytes() for file in (tmp_path / "feedback").iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["feedback"]


def test_a_file_in_the_folders_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "feedback").write_text("mine")
    with pytest.raises(FeedbackError, match="there is a file of that name"):
        write_feedback(of_class(wrong_grade()), tmp_path, "hint")
    assert (tmp_path / "feedback").read_text() == "mine"


# from the command line


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Results of a run of which one hidden check failed, beside its course."""
    out = tmp_path / "results"
    with Gradebook(out / "gradebook.db") as gradebook:
        run = begun(gradebook)
        graded(gradebook, "ada", 1.5, run=run, message=f"{SECRET} is the counterexample")
        rejected(gradebook, "broken", "is no zip", run)
    return out


def report(results: Path, level: str) -> Result:
    course = (ROOT / "course.toml").read_text(encoding="utf-8")
    written = course.replace('hidden_feedback = "hint"', f'hidden_feedback = "{level}"')
    (results.parent / "course.toml").write_text(written, encoding="utf-8")
    asked = ["report", "--out", str(results), "--course", str(results.parent)]
    return CliRunner().invoke(app, asked)


def test_the_course_decides_what_the_files_tell(results: Path) -> None:
    for level in HIDDEN_FEEDBACK:
        said = report(results, level)
        assert said.exit_code == 0, said.stderr
        assert f"Feedback for each student is in {results / 'feedback'}." in said.stdout
        stem = results / "feedback" / file_stem("ada")
        for suffix in (".md", ".html"):
            text = stem.with_suffix(suffix).read_text(encoding="utf-8")
            assert (SECRET in text) == (level == "counterexample")
        rejection = (results / "feedback" / f"{file_stem('broken')}.md").read_text()
        assert "is no zip" in rejection


def test_feedback_that_cannot_be_written_is_told_in_a_sentence(results: Path) -> None:
    (results / "feedback").mkdir()
    (results / "feedback" / "mine.txt").write_text("mine")
    said = report(results, "hint")
    assert said.exit_code == 1
    assert "mine.txt: was not written by the grader" in said.stderr
    assert "The grades are kept" in said.stderr
    assert [file.name for file in (results / "feedback").iterdir()] == ["mine.txt"]
