"""`grader diff` and `grader regrade` as an instructor runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from books import CONDITIONS, begun, rejected
from books import graded as add
from conftest import ROOT
from small import solutions, write_course
from typer.testing import CliRunner, Result

from grader.cli import app
from grader.gradebook import Gradebook, RunSetup

EDITED = replace(CONDITIONS, checks="d" * 64)
PARTS = {"check losses/test_it": "1", "file grader/checks/test_losses.py": "1"}
EDITED_PARTS = {"check losses/test_it": "2", "file grader/checks/test_losses.py": "2"}


def grader(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exit_code == status, result.output
    return result


def refused(*arguments: object) -> str:
    """What is said of bad usage: one line."""
    said = grader(*arguments, status=2).stderr
    assert said.startswith("grader: ") and said.count("\n") == 1
    return said


def book(folder: Path) -> Path:
    """Results in which a check was edited after the first run."""
    folder.mkdir(parents=True, exist_ok=True)
    fill(folder / "gradebook.db")
    return folder


def fill(address: str | Path) -> None:
    with Gradebook(address) as gradebook:
        gradebook.keep_parts(CONDITIONS.checks, PARTS)
        gradebook.keep_parts(EDITED.checks, EDITED_PARTS)
        first = begun(gradebook)
        for id in ("ada", "bela", "chidi"):
            add(gradebook, id, 2, run=first)
        gradebook.end(first, [], 1.0)
        second = begun(gradebook)
        add(gradebook, "ada", 2, run=second, conditions=EDITED)
        add(gradebook, "bela", 0, run=second, conditions=EDITED)
        rejected(gradebook, "chidi", "there is no file in it", second)
        add(gradebook, "dana", 2, run=second, conditions=EDITED)
        gradebook.end(second, [], 1.0)


def run_json(results: Path, **changed: Any) -> Path:
    """The JSON of a run, of the newest grades in a gradebook."""
    with Gradebook(results / "gradebook.db") as gradebook:
        run = {
            "format": 1,
            "course": "Deep learning",
            "seed": 7,
            "device": "cpu",
            "torch": "2.13.0",
            "sandbox": {"level": "strict", "layers": []},
            "seconds": 1.0,
            "submissions": gradebook.latest(),
        }
    file = results / f"run{len(list(results.iterdir()))}.json"
    file.write_text(json.dumps(run | changed), encoding="utf-8")
    return file


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return book(tmp_path / "results")


# diff


def test_in_one_gradebook_the_newest_gradings_are_compared_with_those_before(results, monkeypatch):
    monkeypatch.chdir(results.parent)
    file = results / "changes.json"
    said = grader("diff", "--json", file).stdout
    assert "check test_it changed" in said and "the checks of losses changed" in said
    data = json.loads(file.read_text())
    assert {each["id"]: each["kind"] for each in data["submissions"]} == {
        "bela": "down",
        "chidi": "rejected",
        "dana": "appeared",
    }
    (bela,) = (each for each in data["submissions"] if each["id"] == "bela")
    assert bela["points"] == -2
    assert bela["exercises"][0]["checks"][0]["text_changed"] is True
    assert data["summary"]["unchanged"] == 1 and data["summary"]["unexplained"] == 0


def test_two_folders_of_results_are_compared_by_their_newest_grades(results, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with Gradebook(other / "gradebook.db") as gradebook:
        add(gradebook, "ada", 0)
        add(gradebook, "dana", 2, conditions=EDITED)
    data = json.loads(grader("diff", other, results, "--json", "-").stdout)
    kinds = {each["id"]: each["kind"] for each in data["submissions"]}
    assert kinds == {"ada": "up", "bela": "appeared", "chidi": "appeared"}
    assert (data["before"], data["after"]) == (
        str(other / "gradebook.db"),
        str(results / "gradebook.db"),
    )


def test_a_gradebook_in_a_file_and_on_a_server_tell_the_same(address, results):
    fill(address)
    there, here = (
        json.loads(grader("diff", each, "--json", "-").stdout) for each in (address, results)
    )
    for data in (there, here):
        del data["before"], data["after"]
        for submission in data["submissions"]:
            for side in (submission["before"], submission["after"]):
                side and side.pop("graded_at")
    assert there == here


def test_a_gradebook_and_an_address_of_it_are_the_same(results):
    file = results / "gradebook.db"
    said = grader("diff", file, f"sqlite:///{file}").stdout
    assert "4 submissions compared: 0 higher, 0 lower" in said and "What changed" not in said


def test_the_json_of_a_run_is_compared_as_far_as_it_tells(results):
    before = run_json(results, seed=8)
    said = grader("diff", before, results).stdout
    assert "the seed (8 → 7) changed" in said
    text = json.loads(before.read_text())
    text["submissions"][0]["exercises"][0]["checks"][0] |= {"outcome": "failed", "points": 0.0}
    text["submissions"][0]["exercises"][0]["points"] = 0.0
    before.write_text(json.dumps(text | {"seed": 7}))
    data = json.loads(grader("diff", before, results, "--json", "-").stdout)
    ((moved),) = data["submissions"][0]["exercises"]
    assert moved["unknown"] == ["submission", "checks", "engine", "data"]
    assert moved["why"].startswith("nothing known changed; whether these did is not recorded: ")


def test_markdown_is_written_whole_and_to_standard_output(results):
    file = results / "changes.md"
    grader("diff", results, "--markdown", file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# What moved\n") and "| `bela` | lower | 2/2 | 0/2 | −2 |" in text
    done = grader("diff", results, "--markdown", "-")
    assert done.stdout == text and "In all" in done.stderr


def test_what_cannot_be_compared_is_named(results, tmp_path):
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert "there is no gradebook.db in" in refused("diff", nothing)
    assert "there is no such file" in refused("diff", tmp_path / "missing")
    assert "there is no such file" in refused("diff", results, tmp_path / "missing.json")
    assert "holds one grading of each" in refused("diff", run_json(results))
    broken = results / "broken.json"
    for text, said in (
        ("{", "is not valid JSON"),
        ('{"format": NaN}', "is not valid JSON"),
        ('{"format": 2}', "has the format 2; this grader reads 1"),
        ('{"format": 1}', "is not what `grader grade --json` writes"),
        ("[]", "is not what `grader grade --json` writes"),
        (run_json(results, submissions=[{"id": 3}]).read_text(), "is not what `grader grade"),
    ):
        broken.write_text(text)
        assert said in refused("diff", results, broken)
    twice = json.loads(run_json(results).read_text())
    twice["submissions"] *= 2
    broken.write_text(json.dumps(twice))
    assert "there are two grades of 'ada'" in refused("diff", broken, results)
    both = ("--json", "-", "--markdown", "-")
    assert "cannot both be written to standard output" in refused("diff", results, *both)
    assert "--json" in refused("diff", results, "--json", nothing / "no" / "file")
    assert list(nothing.iterdir()) == []


def test_a_gradebook_with_one_grading_of_each_has_nothing_to_compare(tmp_path):
    with Gradebook(tmp_path / "gradebook.db") as gradebook:
        add(gradebook, "ada", 2)
    assert "has graded each submission once" in refused("diff", tmp_path)
    with Gradebook(tmp_path / "empty.db"):
        pass
    assert "is empty: grade first" in refused("diff", tmp_path / "empty.db")
    assert "is empty: grade first" in refused("diff", tmp_path / "empty.db", tmp_path)


def test_comparing_makes_and_changes_no_gradebook(results):
    os.chmod(results / "gradebook.db", 0o444)
    before = {path.name: path.read_bytes() for path in results.iterdir()}
    grader("diff", results)
    assert {path.name: path.read_bytes() for path in results.iterdir()} == before


def test_a_password_in_an_address_is_not_shown(tmp_path):
    said = refused("diff", "postgresql://teacher:s3cret@127.0.0.1:9/grades")
    assert "s3cret" not in said


# regrade


def test_a_gradebook_that_was_never_graded_into_cannot_be_regraded(tmp_path):
    assert "grader: " in refused("regrade", "--out", tmp_path / "missing")
    with Gradebook(tmp_path / "gradebook.db"):
        pass
    assert "is empty: grade first" in refused("regrade", "--out", tmp_path)
    assert not (tmp_path / "missing").exists()


def test_regrading_names_the_course_that_is_gone(results):
    assert "/course" in refused("regrade", "--out", results)


def write(folder: Path, **changed: str) -> None:
    folder.mkdir(parents=True)
    for name, source in (solutions() | changed).items():
        (folder / name).write_text(source, encoding="utf-8")


def process(*arguments: object) -> str:
    command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.engine
def test_a_stricter_check_is_put_again_and_names_who_it_moved(tmp_path):
    course, out = write_course(tmp_path / "course"), tmp_path / "results"
    write(tmp_path / "class" / "ada")
    own = {"doubling.py": "def double(x):\n    return 2 * x.abs()\n"}
    own["tripling.py"] = "def triple(x):\n    return 3 * x\n"
    write(tmp_path / "class" / "bela", **own)
    check = course / "grader" / "checks" / "test_doubling.py"
    strict = check.read_text()
    check.write_text(strict.replace("pair[0])", "pair[0].abs())"))
    assert check.read_text() != strict
    said = process("grade", tmp_path / "class", "--course", course, "--out", out, "--seed", 7)
    assert "2 submissions" in said
    _assert_all_points(out)

    check.write_text(strict)
    _begin_and_be_killed(out)
    said = process("regrade", "--out", out, "--json", tmp_path / "changes.json")
    # One check again of who passes it, and of who does not both checks of the function.
    assert "Graded again: doubling of 2 (3 of 4 checks); 4 other results stand." in said
    assert "check test_double_matches_torch changed" in said
    data = json.loads((tmp_path / "changes.json").read_text())
    ((bela),) = data["submissions"]
    assert (bela["id"], bela["kind"], bela["points"]) == ("bela", "down", -40.0)
    ((doubling),) = bela["exercises"]
    assert doubling["why"] == "the checks of doubling changed"
    moved = {each["id"]: each for each in doubling["checks"]}
    edited = moved["doubling/test_double_matches_torch"]
    assert (edited["before"]["outcome"], edited["after"]["outcome"]) == ("passed", "failed")
    assert edited["text_changed"] is True
    # Of a function that is not right about what was drawn, nothing else counts either.
    assert moved["doubling/test_double_of_one"]["text_changed"] is False
    assert data["summary"]["unchanged"] == 1

    said = process("regrade", "--out", out)  # starts no engine
    assert "Nothing had to be graded again; 6 results stand." in said
    assert "2 submissions compared: 0 higher, 0 lower" in said


def _assert_all_points(out: Path) -> None:
    with Gradebook(out / "gradebook.db", reading=True) as gradebook:
        assert {each.submission_id: each.points for each in gradebook.newest()} == {
            "ada": 100.0,
            "bela": 100.0,
        }


def _begin_and_be_killed(out: Path) -> None:
    """A run that was begun and never ended: what is shown next is still against the one before."""
    with Gradebook(out / "gradebook.db") as gradebook:
        last = gradebook.runs()[-1]
        gradebook.begin(
            RunSetup(
                *(last.course, last.seed, last.device, last.sandbox, last.torch, last.grader),
                *(last.data, last.paths, last.only, last.course_folder),
            )
        )
