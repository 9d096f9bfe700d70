"""The autograders run as their platforms run them: Gradescope's tree, the steps of a workflow.

Packages alone are not installed: the Python that `setup.sh` and the workflow would make is made of
those that are here.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from shapes import SOURCE, make_course
from test_autograder import in_a_zip
from typer.testing import CliRunner
from users import home_of

from grader.autograder.github import WORKFLOW
from grader.cli import app

POLICY = """
due = 2018-07-01T12:00:00-07:00
late_penalty = 10
hidden_feedback = "title"
"""
# As Gradescope's documentation has it.
METADATA: dict[str, Any] = {
    "id": 123456,
    "created_at": "2018-07-01T14:22:32.365935-07:00",
    "assignment": {
        "due_date": "2018-07-31T23:00:00.000000-07:00",
        "group_size": 4,
        "group_submission": True,
        "id": 25828,
        "course_id": 1234,
        "late_due_date": None,
        "release_date": "2018-07-02T00:00:00.000000-07:00",
        "title": "Programming Assignment 1",
        "total_points": "20.0",
    },
    "submission_method": "upload",
    "users": [
        {"email": "student@example.com", "id": 1234, "name": "Student User"},
        {"email": "other@example.com", "id": 1235, "name": "Other User"},
    ],
    "previous_submissions": [],
}
# Right where the public check looks, wrong where the hidden one does, and full of commands.
COMMANDS = ("::error::x", "##[error]x", "::set-output name=result::x", "##vso[task.complete]x")
HOSTILE = f"""
import os, sys
COMMANDS = {COMMANDS!r}
for text in COMMANDS:
    print(text)
    print(text, file=sys.stderr, flush=True)
    os.write(1, text.encode() + b"\\n")

_right = l1_loss
def l1_loss(input, target, reduction="mean"):
    print("\\n".join(COMMANDS))
    if reduction == "sum":
        raise ValueError("\\n".join(COMMANDS))
    return _right(input, target)
"""
FILES = {
    "exercises/losses.py": (SOURCE + HOSTILE).encode(),
    **{f"exercises/{text.replace('/', '')}.py": b"" for text in COMMANDS},
    "exercises/\n::error::x\n.py": b"",
    "sitecustomize.py": b"raise SystemExit('::error::the submission ran')\n",
    "grader/__init__.py": b"raise SystemExit('::error::the submission ran')\n",
}


def would_be_obeyed(line: str) -> bool:
    """Whether GitHub's runner, or Azure's, takes a line of a log for a command."""
    return line.lstrip().startswith("::") or "##[" in line or "##vso[" in line


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder through which every user may pass, as the sandbox's has to."""
    with home_of("root") as folder:
        make_course(folder / "course")
        manifest = folder / "course" / "course.toml"
        manifest.write_text(manifest.read_text().replace("\n\n[[", f"{POLICY}\n[[", 1))
        yield folder


def make_python(folder: Path, engine: Path) -> None:
    """A virtual environment with the packages that are here, and the grader from `engine`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    where = [folder / "bin" / "python", "-c", "import sysconfig as s; print(s.get_path('purelib'))"]
    packages = Path(
        subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    )
    (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "torchgrade.pth").write_text(f"{engine}\n")


# Gradescope


@dataclass(frozen=True)
class Gradescope:
    """What is at /autograder there, somewhere else."""

    root: Path
    home: Path

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    def run(
        self, files: Mapping[str, bytes], metadata: dict[str, Any] = METADATA, **settings: Any
    ) -> subprocess.CompletedProcess[str]:
        """Have files graded as Gradescope does; `settings` are put into settings.json."""
        submission = self.root / "submission"
        shutil.rmtree(submission)
        for name, source in files.items():
            (submission / name).parent.mkdir(parents=True, exist_ok=True)
            (submission / name).write_bytes(source)
        submission.mkdir(exist_ok=True)
        (self.root / "submission_metadata.json").write_text(json.dumps(metadata))
        file = self.root / "source" / "settings.json"
        usual = file.read_text()
        file.write_text(json.dumps({**json.loads(usual), **settings}))
        self.results.write_text("{}")  # of an earlier run
        paths = {"AUTOGRADER_ROOT": str(self.root), "TORCHGRADE_HOME": str(self.home)}
        try:
            return subprocess.run(
                [self.root / "source" / "run_autograder"],
                env={**os.environ, **paths},
                cwd=self.root,
                capture_output=True,
                text=True,
                timeout=300,
            )
        finally:
            file.write_text(usual)


@pytest.fixture(scope="module")
def gradescope(place: Path) -> Gradescope:
    made = CliRunner().invoke(
        app, ["autograder", "gradescope", f"{place}/made", "--course", f"{place}/course"]
    )
    assert made.exit_code == 0, made.output
    root, home = place / "autograder", place / "home"
    for folder in ("source", "submission", "results"):
        (root / folder).mkdir(parents=True)
    with zipfile.ZipFile(place / "made.zip") as archive:
        archive.extractall(root / "source")
    (root / "source" / "run_autograder").chmod(0o755)
    make_python(home / "venv", root / "source" / "engine")
    return Gradescope(root, home)


@pytest.mark.engine
def test_what_checks_ask_is_kept_when_gradescope_builds_its_image(
    gradescope: Gradescope, tmp_path: Path
) -> None:
    last = (gradescope.root / "source" / "setup.sh").read_text().partition("if ! ")[2]
    assert "-m grader.autograder.on_gradescope --record" in last
    command = [gradescope.home / "venv" / "bin" / "python", "-P", "-m"]
    command += ["grader.autograder.on_gradescope", "--record", gradescope.root]
    kept = tmp_path / "kept"
    done = subprocess.run(
        command,
        env={**os.environ, "GRADER_CACHE": str(kept)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list(kept.iterdir())) == 1


@pytest.mark.engine
def test_gradescope_is_given_what_the_course_says_of_a_late_submission(
    gradescope: Gradescope,
) -> None:
    done = gradescope.run({"hw.zip": in_a_zip({k: v for k, v in FILES.items() if "\n" not in k})})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    results = json.loads(gradescope.results.read_text())
    # Half of 20 points, less the 10 % of a day that had begun.
    assert results["score"] == 9
    assert "1 day late" in results["output"]
    assert [(test["score"], test["max_score"], test["status"]) for test in results["tests"]] == [
        (10, 10, "passed"),
        (0, 10, "failed"),
    ]
    assert results["stdout_visibility"] == "hidden"
    # hidden_feedback is "title": nothing of what the hidden check saw.
    assert not any(text in gradescope.results.read_text() for text in ("::error", "ValueError"))


def test_gradescope_is_given_the_reason_where_nothing_can_be_graded(
    gradescope: Gradescope,
) -> None:
    done = gradescope.run({"my_code.py": b"", "::error::x.py": b""})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    results = json.loads(gradescope.results.read_text())
    assert results["score"] == 0
    assert "no exercise file (losses.py)" in results["output"]


@pytest.mark.parametrize(
    ("metadata", "settings", "said"),
    [
        ({**METADATA, "created_at": "yesterday"}, {}, "created_at"),
        ({}, {}, "created_at"),
        (METADATA, {"minutes": 0.01}, "took longer than 0.01 minutes"),
        (METADATA, {"sandbox": "loose"}, "--sandbox loose"),
    ],
)
def test_a_failure_of_the_graders_own_is_nobodys_zero(
    metadata: dict[str, Any], settings: dict[str, Any], said: str, gradescope: Gradescope
) -> None:
    done = gradescope.run({"losses.py": SOURCE.encode()}, metadata, **settings)
    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr and "nobody is to blame" in done.stderr
    assert "Traceback" not in done.stderr
    assert not gradescope.results.exists()  # then Gradescope says that the autograder failed


# GitHub


@dataclass(frozen=True)
class Done:
    status: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(frozen=True)
class Runner:
    """A workspace with both checkouts, as they are after the workflow's first steps."""

    workspace: Path
    steps: dict[str, dict[str, Any]]

    def run(self, name: str, **environment: str) -> Done:
        """Run a step's script as the runner does, with its files for outputs and the summary."""
        step = self.steps[name]
        files = {}
        for file in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH"):
            files[file] = self.workspace.parent / file
            files[file].write_text("")
        script = self.workspace.parent / "step.sh"
        script.write_text(step["run"])
        usual = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "CI": "true"}
        done = subprocess.run(
            ["bash", "-e", script],
            env={
                **usual,
                "RUNNER_TEMP": str(self.workspace.parent),
                "GITHUB_WORKSPACE": str(self.workspace),
                **{variable: str(file) for variable, file in files.items()},
                **environment,
            },
            cwd=self.workspace / step.get("working-directory", "."),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert files["GITHUB_ENV"].read_text() == files["GITHUB_PATH"].read_text() == ""
        lines = files["GITHUB_OUTPUT"].read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Done(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


@pytest.fixture(scope="module")
def runner(place: Path) -> Runner:
    workspace = place / "runner" / "work"
    workspace.mkdir(parents=True)
    shutil.copytree(place / "course", workspace / "course")
    manifest = workspace / "course" / "course.toml"
    manifest.write_text(manifest.read_text().replace('"title"', '"counterexample"', 1))
    for name, source in FILES.items():
        file = workspace / "push" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source)
    make_python(place / "runner" / "grader", ROOT)
    template = place / "template"
    template.mkdir()
    options = ["--course-repo", "uni/deep-learning"]
    made = CliRunner().invoke(app, ["autograder", "github", str(template), *options])
    assert made.exit_code == 0, made.output
    (job,) = yaml.safe_load((template / WORKFLOW).read_text())["jobs"].values()
    return Runner(workspace, {step["name"]: step for step in job["steps"]})


@pytest.mark.engine
def test_a_push_is_graded_and_nothing_of_it_is_obeyed(runner: Runner) -> None:
    sandbox = runner.run("Try the sandbox")
    assert sandbox.status == 0, sandbox.log
    done = runner.run("Grade", GRADER_SEED="12345678901")
    assert done.status == 0, done.log
    assert "graded: 50 of 100 points" in done.log
    assert not [line for line in done.log.splitlines() if would_be_obeyed(line)]
    assert "12345678901" not in done.log + done.summary
    assert "## 50 of 100 points" in done.summary

    result = json.loads(base64.b64decode(done.outputs["result"], validate=True))
    assert result["version"] == 3 and done.outputs["status"] == result["status"] == "fail"
    # What the reporter adds up and sends, and what it prints.
    assert (sum(test["score"] for test in result["tests"]), result["max_score"]) == (50, 100)
    texts = [str(value) for test in result["tests"] for value in test.values()]
    assert all("set-output name=result" in shown for shown in ("".join(texts), done.summary))
    assert not [line for text in texts for line in text.splitlines() if would_be_obeyed(line)]

    verdict = {"STATUS": done.outputs["status"]}
    assert runner.run("Every point is earned", **verdict).status == 1
    assert runner.run("Every point is earned", STATUS="pass").status == 0


def test_why_the_grader_failed_is_not_told_where_students_read(runner: Runner) -> None:
    solution = runner.workspace / "course" / "solutions" / "losses.py"
    away = solution.rename(solution.with_suffix(".away"))
    try:
        done = runner.run("Grade", GRADER_SEED="1")
    finally:
        away.rename(solution)
    assert done.status == 1 and done.outputs == {} and done.summary == ""
    assert "the grader failed" in done.log and "solutions" not in done.log


@pytest.mark.parametrize(
    ("seed", "said"), [("", "GRADER_SEED is missing"), ("x::error::", "is not a number")]
)
def test_without_its_secrets_the_workflow_fails_and_says_so(
    seed: str, said: str, runner: Runner
) -> None:
    done = runner.run("Grade", GRADER_SEED=seed)
    assert done.status == 1 and done.outputs == {} and done.summary == ""
    assert said in done.log
    assert not [line for line in done.log.splitlines() if would_be_obeyed(line)]
