"""Every attack of the corpus, graded beside innocent submissions by the real `grader grade`.

The run is made as root and as an ordinary user, whose sandboxes have the grader's own uid. What an
attack of some classes meets has nothing to do with the user: there each user is given every second
one. ATTACKS=all gives every attack to both.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from corpus import Attack, attacks
from test_isolation import processes_below
from users import GRADER, as_params, command_as, give, home_of, is_root

from grader.course import Course
from grader.examiner.engine import Engine

Files = Mapping[str, bytes]
CORPUS = attacks()
OF_ANY_USER = ("comparison", "denominator", "inject")
EXERCISES = sorted({attack.exercise for attack in CORPUS} | {"losses"})
LIMITS = {
    "cpu_seconds": 1.0,
    "idle_seconds": 1.0,
    "wall_seconds": 8.0,
    "function_seconds": 2.0,
    "exercise_seconds": 15.0,
}
CANARIES = {"GRADER_CANARY": "CANARY-ENVIRONMENT"}
SIBLING = "CANARY-SIBLING"
INNOCENT = ("an-innocent", "mid-innocent", "the-innocent", "wrong-innocent")
OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm")
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Outcome:
    """What a run over the corpus left."""

    who: str
    json: dict[str, Any]
    shown: str
    status: int
    processes: set[int]
    changed: set[str]
    left: set[str]

    def of(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(s for s in self.json["submissions"] if s["id"] == name)
        return found


def folder_name(attack: Attack) -> str:
    return attack.name.replace("/", "-")


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def quick_course(folder: Path) -> Path:
    """A copy of the course with smaller limits, for what only ends at a limit."""
    for name in ("exercises", "solutions", "grader/checks", "grader/misconceptions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "course.toml").read_text(encoding="utf-8")
    for name, value in LIMITS.items():
        text, found = re.subn(rf"(?m)^{name} = [\d.]+", f"{name} = {value}", text)
        assert found == 1, name
    (folder / "course.toml").write_text(text, encoding="utf-8")
    return folder


def corpus_of(who: str) -> list[Attack]:
    """The attacks that are graded by that user."""
    if os.environ.get("ATTACKS") == "all" or not is_root:
        return CORPUS
    both = [attack for attack in CORPUS if not attack.name.startswith(OF_ANY_USER)]
    either = [attack for attack in CORPUS if attack.name.startswith(OF_ANY_USER)]
    return sorted(both + either[who == "root" :: 2], key=lambda attack: attack.name)


each_attack = pytest.mark.parametrize(
    ("run", "attack"),
    [
        pytest.param(
            *param.values, attack, marks=param.marks, id=f"{param.values[0]}-{attack.name}"
        )
        for param in as_params()
        for attack in corpus_of(str(param.values[0]))
    ],
    indirect=["run"],
    scope="module",
)


def make_class(folder: Path, corpus: Sequence[Attack], solutions: Files) -> None:
    for attack in corpus:
        write(folder / folder_name(attack), attack.submission(solutions[attack.file]))
    own = {f"{name}.py": solutions[f"{name}.py"] for name in EXERCISES}
    for name in INNOCENT:
        write(folder / name, own)
    secret = f"\n# {SIBLING}\n".encode()
    write(folder / "mid-innocent", {"losses.py": solutions["losses.py"] + secret})
    wrong = b"\ndef l1_loss(input, target, reduction='mean'):\n    return input.sum()\n"
    write(folder / "wrong-innocent", {"losses.py": solutions["losses.py"] + wrong})


def contents(folder: Path) -> dict[str, str]:
    """Every path below a folder with what it holds."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in sorted(folder.rglob("*"))
    }


def traces() -> set[str]:
    """What lies open to all and has the name that attacks give to their files."""
    places = [Path(place) for place in (*OPEN_TO_ALL, Path.home(), Path.cwd())]
    return {
        str(entry)
        for place in places
        if place.is_dir()
        for entry in place.iterdir()
        if "torchgrade-attack" in entry.name
    }


@pytest.fixture(scope="module", params=as_params())
def run(request: pytest.FixtureRequest, solutions: Files) -> Iterator[Outcome]:
    """The corpus and some innocent submissions, graded in one run."""
    with home_of(request.param) as home:
        make_class(home / "class", corpus_of(request.param), solutions)
        quick_course(home / "course")
        give(request.param, home)
        yield graded(request.param, home)


def graded(who: str, home: Path) -> Outcome:
    before = {name: contents(home / name) for name in ("class", "course")}
    there, running = traces(), set(processes_below(os.getpid()))
    command = [*GRADER, "grade", "class", "--course", "course", "--json", "run.json"]
    command += ["--only", ",".join(EXERCISES), "--jobs", "4"]
    # Where torch keeps compiled code it tells all that come after it in the same process.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TORCHINDUCTOR")}
    with orphans_come_here():
        done = subprocess.run(
            command_as(who, command, home),
            env={**inherited, **CANARIES},
            capture_output=True,
            text=True,
            timeout=900,
        )
        processes = set(processes_below(os.getpid())) - running
    shown = done.stdout + done.stderr
    assert (home / "run.json").exists(), shown
    changed = {
        f"{name}/{path}"
        for name, known in before.items()
        for path, _ in known.items() ^ contents(home / name).items()
    }
    left = {entry.name for entry in home.iterdir()} | (traces() - there)
    run = json.loads((home / "run.json").read_text(encoding="utf-8"))
    return Outcome(who, run, shown, done.returncode, processes, changed, left)


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """Have processes whose parent ends become children of this one, where they can be seen."""
    libc = ctypes.CDLL(None)
    assert libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    yield
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def test_the_corpus_is_large_and_every_attack_says_what_it_is_after(course: Course) -> None:
    assert len(CORPUS) >= 80
    for attack in CORPUS:
        known = {*course.exercise(attack.exercise).functions}
        assert attack.functions <= known, attack.name
        assert attack.functions or attack.fields["attacks"] == "nothing", attack.name


@each_attack
def test_an_attack_is_defeated(run: Outcome, attack: Attack) -> None:
    grade = run.of(folder_name(attack))
    assert grade["status"] == "graded", grade["reason"]
    (exercise,) = (e for e in grade["exercises"] if e["name"] == attack.exercise)
    mine = [check for check in exercise["checks"] if check["function"] in attack.functions]
    others = [check for check in exercise["checks"] if check not in mine]
    outcomes = {check["outcome"] for check in mine}
    assert all(check["points"] == 0 for check in mine), told(mine)
    assert outcomes <= attack.outcomes, told(mine)
    if attack.onto_solution:
        assert all(check["outcome"] == "passed" for check in others), told(others)
    if "says" in attack.fields:
        assert any(attack.fields["says"] in str(check["message"]) for check in mine), told(mine)


@each_attack
def test_nothing_of_an_attack_shows_but_its_own_exception(run: Outcome, attack: Attack) -> None:
    feedback = json.dumps(run.of(folder_name(attack)), ensure_ascii=False)
    assert "LEAK " not in feedback, feedback[max(0, feedback.index("LEAK ") - 300) :][:600]
    if "own" not in attack.fields:
        assert attack.marker not in feedback
        assert attack.marker not in run.shown
    for check in (c for e in run.of(folder_name(attack))["exercises"] for c in e["checks"]):
        assert len(check["message"] or "") < 8000


def test_no_others_grade_is_changed(run: Outcome, engine: Engine, solutions: Files) -> None:
    files = {f"{name}.py": solutions[f"{name}.py"] for name in EXERCISES}
    right = without_seconds(engine.examine(files, EXERCISES))
    for name in INNOCENT[:3]:
        assert without_seconds(run.of(name)["exercises"]) == right
    points = sum(exercise["max_points"] for exercise in right)
    wrong = run.of("wrong-innocent")
    assert points - 4 < wrong["points"] < points
    lost = {c["function"] for e in wrong["exercises"] for c in e["checks"] if not c["points"]}
    assert lost == {"l1_loss"}


def test_the_run_ends_well_and_every_submission_has_a_grade(run: Outcome) -> None:
    assert run.status == 0
    assert run.json["sandbox"]["level"] == "strict"
    assert {"landlock", "seccomp"} <= set(run.json["sandbox"]["layers"])
    expected = sorted([*map(folder_name, corpus_of(run.who)), *INNOCENT])
    assert [grade["id"] for grade in run.json["submissions"]] == expected
    assert "Traceback" not in run.shown


def test_no_secret_reaches_any_feedback(run: Outcome) -> None:
    feedback = json.dumps(run.json) + run.shown
    for secret in (*CANARIES.values(), SIBLING):
        assert secret not in feedback


def test_nothing_is_left_behind(run: Outcome) -> None:
    assert run.processes == set()
    assert run.changed == set()
    assert run.left == {"class", "course", "results", "run.json"}


def told(checks: list[dict[str, Any]]) -> str:
    return "\n".join(f"{c['id']} {c['outcome']}: {c['message']}" for c in checks)


def without_seconds(value: Any) -> Any:
    """Without what is in the gradebook either, and not in a run's JSON."""
    if isinstance(value, dict):
        left_out = ("seconds", "curves", "asked", "evidence")
        return {key: without_seconds(item) for key, item in value.items() if key not in left_out}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value
