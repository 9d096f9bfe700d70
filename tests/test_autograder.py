"""`grader autograder`: what Gradescope and GitHub are given, without grading anything."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from shapes import make_course
from typer.testing import CliRunner

from grader.autograder.bundle import AutograderError, pinned_requirements
from grader.autograder.github import WORKFLOW, Workflow
from grader.autograder.one import one_submission
from grader.cli import app

Files = Mapping[str, bytes]
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def autograder(*arguments: object, status: int = 0) -> str:
    """The command's output; standard error where it is bad usage, which must be one line."""
    result = CliRunner().invoke(app, ["autograder", *map(str, arguments)])
    assert result.exit_code == status, result.output
    if status:
        assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr if status else result.stdout


# Gradescope's zip


@pytest.fixture
def course(tmp_path: Path) -> Path:
    make_course(tmp_path / "course")
    return tmp_path / "course"


def test_the_zip_has_its_scripts_at_the_root_and_both_can_be_run(tmp_path: Path) -> None:
    autograder("gradescope", tmp_path / "made", "--course", ROOT)
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        contents = {name: archive.read(name) for name in modes}
    assert all(modes[name] & 0o111 for name in ("setup.sh", "run_autograder"))
    assert contents == {
        file.relative_to(tmp_path / "made").as_posix(): file.read_bytes()
        for file in (tmp_path / "made").rglob("*")
        if file.is_file()
    }
    for folder in ("exercises", "grader/checks", "grader/misconceptions", "solutions"):
        for file in (ROOT / folder).rglob("*.py"):
            assert contents[f"course/{file.relative_to(ROOT)}"] == file.read_bytes()
    engine = {name for name in contents if name.startswith("engine/")}
    assert "engine/grader/examiner/server.py" in engine
    assert not [name for name in engine if "/checks/" in name and "__init__" not in name]
    assert not [name for name in engine if "/misconceptions/" in name and "__init__" not in name]
    assert not [name for name in contents if "__pycache__" in name or "/." in name]
    for name in ("setup.sh", "run_autograder"):
        assert b"\r" not in contents[name]
        subprocess.run(["bash", "-n"], input=contents[name], check=True)


def test_nobody_but_its_owner_may_read_what_was_made(course: Path, tmp_path: Path) -> None:
    autograder("gradescope", tmp_path / "made", "--course", course)
    for made in (tmp_path / "made", tmp_path / "made.zip"):
        assert made.stat().st_mode & 0o077 == 0


def test_a_seed_is_drawn_once_and_stays_when_a_check_is_mended(
    course: Path, tmp_path: Path
) -> None:
    def seed_of(folder: str) -> int:
        settings: dict[str, int] = json.loads((tmp_path / folder / "settings.json").read_text())
        return settings["seed"]

    for folder in ("one", "two"):
        autograder("gradescope", tmp_path / folder, "--course", course)
    first = seed_of("one")
    assert first != seed_of("two") and 0 <= first < 1 << 53
    check = course / "grader" / "checks" / "test_losses.py"
    check.write_text(check.read_text() + "\n# mended\n")
    autograder("gradescope", tmp_path / "one", "--course", course)
    assert seed_of("one") == first
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert b"# mended" in archive.read("course/grader/checks/test_losses.py")
        assert json.loads(archive.read("settings.json"))["seed"] == first
    autograder("gradescope", tmp_path / "one", "--course", course, "--seed", 5)
    assert seed_of("one") == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("course", "one", "one.zip", "two", "two.zip")
    ]


def test_what_is_somebody_elses_is_never_replaced(course: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.tex").write_text("years")
    (tmp_path / "hw.zip").write_bytes(b"hand-ins")
    for folder in ("work", "hw"):
        said = autograder("gradescope", tmp_path / folder, "--course", course, status=2)
        assert str(tmp_path / folder) in said
    (course / "solutions" / "losses.py").unlink()
    assert "is missing" in autograder("gradescope", tmp_path / "b", "--course", course, status=2)
    assert {path.name for path in tmp_path.iterdir()} == {"work", "hw.zip", "course"}
    assert (tmp_path / "hw.zip").read_bytes() == b"hand-ins"


def test_packages_are_pinned_to_the_versions_that_are_installed_here() -> None:
    lines = pinned_requirements("torchgrade", "grade")
    pins = dict(line.split("==") for line in lines)
    assert {"torch", "torchvision", "pytest", "landlockpy", "pyseccomp", "sqlalchemy"} <= set(pins)
    assert not [name for name in pins if name.startswith("nvidia") or name == "torchgrade"]
    for name, version in pins.items():
        assert importlib.metadata.version(name).partition("+")[0] == version


def test_bad_usage_is_one_clear_line(course: Path, tmp_path: Path) -> None:
    repo = ("--course-repo", "uni/deep-learning")
    for arguments, said in (
        (("moodle", tmp_path / "x"), "gradescope, github"),
        (("gradescope", tmp_path / "x", "--course", tmp_path), "course.toml"),
        (("gradescope", tmp_path / "x", "--course", course, "--sandbox", "off"), "best-effort"),
        (("gradescope", tmp_path / "x", "--course", course, *repo), "are for github"),
        (("github", tmp_path), "--course-repo"),
        (("github", tmp_path, *repo, "--sandbox", "best-effort"), "strict"),
        (("github", tmp_path / "nowhere", *repo), "nowhere"),
    ):
        assert said in autograder(*arguments, status=2)
    assert not (tmp_path / "x").exists()


# One submission, however it was handed in


def in_a_zip(files: Files) -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, source in files.items():
            archive.writestr(name, source)
    return whole.getvalue()


A, B = b"a = 1\n", b"b = 2\n"
BOTH = {"layers.py": B, "losses.py": A}


@pytest.mark.parametrize(
    ("handed_in", "files"),
    [
        (BOTH, BOTH),
        ({f"hw1/{name}": source for name, source in BOTH.items()}, BOTH),
        ({"exercises/losses.py": A, "grader/cli.py": B, "README.md": B}, {"losses.py": A}),
        ({"src/exercises/losses.py": A, "src/tests/t.py": B}, {"losses.py": A}),
        ({"hw.zip": in_a_zip({f"hw/{name}": source for name, source in BOTH.items()})}, BOTH),
        ({"hw.zip": in_a_zip(BOTH), "notes.txt": B}, BOTH),
        ({"losses (1).py": B, "losses (2).py": A, "layers-1.py": B}, BOTH),
        ({"ada_losses.py": A, "ada_layers.py": B}, BOTH),
        ({"ada_losses.py": A}, {"losses.py": A}),
    ],
)
def test_whatever_lies_there_is_one_submission(
    handed_in: Files, files: Files, tmp_path: Path
) -> None:
    assert one_submission(laid(handed_in, tmp_path), ["layers", "losses"]).files == files


@pytest.mark.parametrize(
    ("handed_in", "reason"),
    [
        ({}, "nothing to grade"),
        ({"report.pdf": A}, "nothing to grade"),
        ({"my_code.py": A}, "no exercise file"),
        ({"my_code.py": A, "more.py": B}, "no exercise file"),
        ({"first/losses.py": A, "second/losses.py": B}, "'first' and in 'second'"),
        ({"a.zip": in_a_zip(BOTH), "b.zip": in_a_zip(BOTH)}, "'a.zip' and in 'b.zip'"),
        ({"hw.rar": A}, "make a .zip"),
    ],
)
def test_what_cannot_be_one_submission_is_rejected_with_its_reason(
    handed_in: Files, reason: str, tmp_path: Path
) -> None:
    found = one_submission(laid(handed_in, tmp_path), ["layers", "losses"])
    assert found.reason is not None and reason in found.reason
    assert found.files == {}


def laid(handed_in: Files, place: Path) -> Path:
    folder = place / "submission"
    folder.mkdir()
    for name, source in handed_in.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(source)
    return folder


# GitHub's workflow


def loaded(text: str) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(text)
    return workflow


@pytest.mark.parametrize("reporter", [True, False])
def test_the_workflow_is_one_to_githubs_own_schema(reporter: bool, tmp_path: Path) -> None:
    more = ("--reporter",) if reporter else ()
    repo = ("--course-repo", "uni/deep-learning.2027", "--ref", "v1.2/main")
    said = autograder("github", tmp_path, *repo, *more)
    file = tmp_path / WORKFLOW
    assert str(file) in said and "gh secret set GRADER_SEED --org uni" in said
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    subprocess.run([*check, "vendor.github-workflows", file], check=True, capture_output=True)
    seed = re.search(r"--body (\d+)", said)
    assert seed and seed[1] not in file.read_text()


def test_the_workflow_asks_for_little_and_leaves_nothing_lying_about() -> None:
    workflow = loaded(Workflow("uni/deep-learning").text())
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow[True]) == {"push", "workflow_dispatch"}  # YAML takes `on` for a truth
    (job,) = workflow["jobs"].values()
    assert "permissions" not in job and "env" not in job and "env" not in workflow
    checkouts = [step for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"]["path"] for step in checkouts] == ["push", "course"]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all(PINNED.fullmatch(step["uses"]) for step in job["steps"] if "uses" in step)
    # What GitHub puts into a script before the shell reads it may be anybody's words.
    assert not [step for step in job["steps"] if "${{" in step.get("run", "")]
    # The key reaches the checkout alone, and the seed the one step that grades.
    secrets = [step["name"] for step in job["steps"] if "secrets." in json.dumps(step)]
    assert secrets == ["Check out the course", "Grade"]


def test_the_reporter_is_given_the_result_under_the_name_that_it_reads() -> None:
    (job,) = loaded(Workflow("uni/deep-learning", reporter=True).text())["jobs"].values()
    *_, grade, reporter = job["steps"]
    runners = reporter["with"]["runners"]
    assert re.fullmatch("[a-zA-Z0-9]+", runners) and runners == grade["id"]  # its own pattern
    result = f"${{{{ steps.{runners}.outputs.result }}}}"
    assert reporter["env"] == {f"{runners.upper()}_RESULTS": result}


@pytest.mark.parametrize(
    "repo",
    [
        *("", "deep-learning", "uni/", "/x", "uni/a/b", "uni/..", "-uni/x", "uni-/x", "u ni/x"),
        *('uni/x"', "uni/x\nrun: x", "uni/$(id)", "uni/${{ github.token }}", "uni/é", "uni/x\n"),
    ],
)
def test_a_repository_that_cannot_be_one_is_refused(repo: str) -> None:
    with pytest.raises(AutograderError, match="--course-repo"):
        Workflow(repo).text()


@pytest.mark.parametrize(
    "ref",
    ["", "-x", "a..b", "a b", 'a"', "a\n", "a/", "/a", "a//b", "a.lock", "a.lock/b", "a~1", "a/.b"],
)
def test_a_ref_that_git_would_not_take_is_refused(ref: str) -> None:
    with pytest.raises(AutograderError, match="--ref"):
        Workflow("uni/deep-learning", ref).text()


def test_another_workflow_of_that_name_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text("name: mine\n")
    repo = ("--course-repo", "uni/deep-learning")
    assert "not made by this command" in autograder("github", tmp_path, *repo, status=2)
    assert file.read_text() == "name: mine\n"
    file.unlink()
    autograder("github", tmp_path, *repo)
    autograder("github", tmp_path, *repo, "--ref", "autumn")
    (job,) = loaded(file.read_text())["jobs"].values()
    assert "autumn" in {step.get("with", {}).get("ref") for step in job["steps"]}
